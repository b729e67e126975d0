//! What may be wrong in a body.

use crate::{chance::Chance, request::Request};

const NUMBERS: [&str; 14] = [
    "-1",
    "0",
    "1.5",
    "1e999",
    "-1e999",
    "1e-999",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "-9223372036854775809",
    "NaN",
    "01",
    "null",
];
/// What may stand in quotes, and the quotes.
const TEXTS: [&str; 14] = [
    r#""""#,
    r#"" ""#,
    r#""0x""#,
    r#""0xg0""#,
    r#""-1""#,
    r#""18446744073709551616""#,
    r#""\u0000""#,
    r#""\ud800""#,
    r#""\x""#,
    r#""../..""#,
    "\"\u{1f980}\"",
    "null",
    "[]",
    "{}",
];
const BODIES: [&str; 10] = ["", "{}", "[]", "null", "0", "\"\"", "{\"a\"", "\u{feff}{}", "\0", "a=b&c=d"];

/// Spoils one thing of it.
pub fn spoil(request: &mut Request, chance: &mut Chance) {
    let body = &mut request.body;
    match chance.below(10) {
        0 => body.truncate(chance.below(body.len())),
        1 | 2 => chance.spoil(body),
        3 => nest(body, chance),
        4 | 5 => replace(body, chance, numbers, &NUMBERS),
        6 => replace(body, chance, texts, &TEXTS),
        7 => double(body, chance),
        8 if chance.one_in(3) => enlarge(body, chance),
        8 => {
            let place = chance.below(body.len());
            body.splice(
                place..place,
                chance.pick(&[&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\0"]).iter().copied(),
            );
        }
        _ => *body = chance.pick(&BODIES).into(),
    }
}

/// A value in place of another, or of all, deeper than most parsers follow.
fn nest(body: &mut Vec<u8>, chance: &mut Chance) {
    let deep = chance.pick(&[100, 127, 128, 129, 1_000, 20_000]);
    let (open, close) = chance.pick(&[("[", "]"), (r#"{"a":"#, "}")]);
    let nested = [open.repeat(deep), "0".to_owned(), close.repeat(deep)].concat();
    let places = numbers(body);
    let all = 0..body.len();
    let place = if places.is_empty() || chance.one_in(2) { all } else { places[chance.below(places.len())].clone() };
    body.splice(place, nested.bytes());
}

type Places = Vec<std::ops::Range<usize>>;

fn replace(body: &mut Vec<u8>, chance: &mut Chance, find: fn(&[u8]) -> Places, with: &[&str]) {
    let places = find(body);
    let new = if chance.one_in(12) { "9".repeat(3000) } else { chance.pick(with).to_owned() };
    if !places.is_empty() {
        let place = places[chance.below(places.len())].clone();
        body.splice(place, new.bytes());
    }
}

/// Digits that follow each other.
fn numbers(body: &[u8]) -> Places {
    let mut found = Places::new();
    for (place, _) in body.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match found.last_mut() {
            Some(last) if last.end == place => last.end += 1,
            _ => found.push(place..place + 1),
        }
    }
    found
}

/// From quote to quote; none of the requests has one escaped.
fn texts(body: &[u8]) -> Places {
    let quotes: Vec<usize> = (0..body.len()).filter(|place| body[*place] == b'"').collect();
    quotes.chunks_exact(2).map(|pair| pair[0]..pair[1] + 1).collect()
}

/// A key twice, with another value the first time.
fn double(body: &mut Vec<u8>, chance: &mut Chance) {
    let keys: Places = texts(body).into_iter().filter(|text| body.get(text.end) == Some(&b':')).collect();
    if !keys.is_empty() {
        let key = keys[chance.below(keys.len())].clone();
        let again = [&body[key.clone()], b":", chance.pick(&NUMBERS).as_bytes(), b","].concat();
        body.splice(key.start..key.start, again);
    }
}

/// Past what one server or another takes; that of the largest, rarely.
fn enlarge(body: &mut Vec<u8>, chance: &mut Chance) {
    let length = if chance.one_in(40) { 17 << 20 } else { chance.pick(&[5_000, 20_000, 1_200_000]) };
    body.resize(body.len() + length, b' ');
}
