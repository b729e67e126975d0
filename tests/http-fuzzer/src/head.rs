//! What may be wrong before a body.

use crate::{chance::Chance, request::Request};

const METHODS: [&str; 14] = [
    "GET",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "BREW",
    "get",
    "G\u{e9}T",
    "",
    "MKCOL-AND-A-METHOD-WITH-A-NAME-THAT-NOBODY-EVER-WOULD-TYPE",
];
const PIECES: [&str; 26] = [
    "0",
    "1",
    "7",
    "40",
    "-1",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "1e9",
    "",
    "all",
    "open",
    "..",
    "%2e%2e",
    "%2f",
    "%00",
    "%ff",
    "%",
    "%zz",
    "0x",
    "0x00000000",
    "0xabcdef0123456789abcdef0123456789abcdef01",
    "*",
    "\u{1f980}",
    "a b",
    "a/b&c=d",
];
const ENDS: [&str; 8] = ["/", "/..", "//", "/x", "%2f", "?", "?limit=1", "#x"];
const HOSTS: [&str; 8] = ["localhost", "evil.example", "[::1]", "a:b:c", "@", "1.2.3.4:99999", "", "\u{e9}"];
/// Headers that mean something to one server or another, with values that few expect.
const HEADERS: [(&str, &str); 30] = [
    ("content-type", "text/plain"),
    ("content-type", "application/json; charset=utf-16"),
    ("content-type", "multipart/form-data"),
    ("content-type", ";;;"),
    ("content-type", ""),
    ("content-encoding", "gzip"),
    ("accept", "image/png"),
    ("accept-encoding", "br;q=9"),
    ("authorization", "Bearer "),
    ("authorization", "Bearer a.b.c"),
    ("authorization", "Basic eDp5"),
    ("authorization", "\u{e9}"),
    ("range", "bytes=0-1"),
    ("range", "bytes=9-"),
    ("range", "bytes=-1"),
    ("range", "bytes=3-1"),
    ("range", "bytes=-"),
    ("range", "bytes=0-18446744073709551616"),
    ("range", "bytes=0-0,2-3"),
    ("range", "x"),
    ("if-range", "x"),
    ("last-event-id", "1-1"),
    ("last-event-id", "18446744073709551616-x"),
    ("origin", "null"),
    ("cookie", "=;=;"),
    ("x-forwarded-for", "256.0.0.1"),
    ("upgrade", "websocket"),
    ("expect", "200-maybe"),
    ("te", "trailers"),
    ("x\u{1}", "no name"),
];
/// What is said of a body's end that is not so, or not only.
const FRAMINGS: [&[(&str, &str)]; 13] = [
    &[("content-length", "-1")],
    &[("content-length", "+4")],
    &[("content-length", "x")],
    &[("content-length", "")],
    &[("content-length", "99999")],
    &[("content-length", "18446744073709551615")],
    &[("content-length", "18446744073709551616")],
    &[("content-length", "1"), ("content-length", "1")],
    &[("content-length", "1"), ("content-length", "2")],
    &[("transfer-encoding", "chunked")],
    &[("transfer-encoding", "chunked"), ("content-length", "3")],
    &[("transfer-encoding", "gzip")],
    &[("expect", "100-continue"), ("content-length", "3")],
];

/// Spoils one thing of it.
pub fn spoil(request: &mut Request, chance: &mut Chance) {
    match chance.below(12) {
        0 => request.method = chance.pick(&METHODS).into(),
        1 | 2 => replace_piece(request, chance, b'/'),
        3 | 4 => replace_piece(request, chance, b'='),
        5 => request.target.extend(chance.pick(&ENDS).bytes()),
        6 if chance.one_in(4) => lengthen(request, chance),
        6 => chance.spoil(&mut request.target),
        7 => change_header(request, chance),
        8 => host(request, chance),
        9 => add(request, chance.pick(&HEADERS)),
        10 => many(request, chance),
        _ if chance.one_in(3) => version(request, chance),
        _ => {
            let pair = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
            request.framing = Some(chance.pick(&FRAMINGS).iter().map(pair).collect());
            request.is_whole = false;
        }
    }
}

/// Another piece of a path, or another value of a query, or one of its own.
fn replace_piece(request: &mut Request, chance: &mut Chance, before: u8) {
    let places: Vec<usize> = (0..request.target.len()).filter(|place| request.target[*place] == before).collect();
    let piece = chance.pick(&PIECES);
    if places.is_empty() || chance.one_in(8) {
        let name = chance.pick(&["limit", "before", "colour", "", "group"]);
        request.target.extend(format!("?{name}={piece}").bytes());
        return;
    }
    let start = chance.pick(&places) + 1;
    let rest = &request.target[start..];
    let end = start + rest.iter().position(|byte| b"/&?".contains(byte)).unwrap_or(rest.len());
    request.target.splice(start..end, piece.bytes());
}

/// Past what servers read of a line.
fn lengthen(request: &mut Request, chance: &mut Chance) {
    let length = chance.pick(&[1_000, 9_000, 66_000, 500_000]);
    request.target.extend(std::iter::repeat_n(b'a', length));
    request.is_whole &= length < 9_000;
}

fn change_header(request: &mut Request, chance: &mut Chance) {
    let place = chance.below(request.headers.len());
    let (name, mut value) = request.headers[place].clone();
    // Without it, a server waits for another request.
    if name == b"connection" {
        request.headers.push((name, b"close, upgrade".to_vec()));
        return;
    }
    match chance.below(4) {
        0 => drop(request.headers.remove(place)),
        1 => request.headers.push((name, value)),
        2 => request.headers[place].1 = chance.pick(&PIECES).into(),
        _ => {
            chance.spoil(&mut value);
            // Within its line.
            value.retain(|byte| *byte >= b' ');
            request.headers[place].1 = value;
        }
    }
}

fn host(request: &mut Request, chance: &mut Chance) {
    let host = chance.pick(&HOSTS);
    request.headers.retain(|(name, _)| name != b"host");
    add(request, ("host", host));
}

fn add(request: &mut Request, (name, value): (&str, &str)) {
    request.headers.push((name.into(), value.into()));
}

/// More of them, or longer ones, than servers take.
fn many(request: &mut Request, chance: &mut Chance) {
    if chance.one_in(2) {
        let more = chance.pick(&[20, 90, 200]);
        request.headers.extend((0..more).map(|number: usize| (format!("x-{number}").into(), b"x".to_vec())));
    } else {
        let length = chance.pick(&[1_000, 20_000, 500_000]);
        request.headers.push((b"x-long".to_vec(), vec![b'a'; length]));
        request.is_whole &= length < 20_000;
    }
}

fn version(request: &mut Request, chance: &mut Chance) {
    request.version = chance.pick(&["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTPS", ""]);
    request.is_whole &= request.version == "HTTP/1.0";
}
