//! Requests that make no sense, thousands of them, the same in each run.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stage::{SOON, Stage, settings};

const REQUESTS: usize = 4000;

/// Every path there is, and what may follow it.
const PATHS: [(&str, &[&str]); 13] = [
    ("/", &[]),
    ("/live", &[]),
    ("/ready", &[]),
    ("/api/market", &[]),
    ("/api/day", &["first", "group"]),
    ("/api/offers", &["state", "account", "before", "limit"]),
    ("/api/trades", &["account", "before", "limit"]),
    ("/api/competition", &[]),
    ("/api/modicum", &[]),
    ("/api/solidworx", &[]),
    ("/api/news", &["limit"]),
    ("/api/abi", &[]),
    ("/api/refusal", &["data"]),
];

const VALUES: [&str; 20] = [
    "0",
    "1",
    "7",
    "40",
    "-1",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "",
    "all",
    "open",
    "1e9",
    "%00",
    "%ff",
    "%",
    "0x",
    "0x00000000",
    "0xabcdef0123456789abcdef0123456789abcdef01",
    "\u{1f980}",
    "a b&c=d",
];

struct Fuzzer(ChaCha8Rng);

impl Fuzzer {
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap() % most
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// Bytes, few of them changed, some cut off.
    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..self.below(4) {
            let place = self.below(bytes.len());
            bytes[place] = self.0.next_u32().to_le_bytes()[0];
        }
        if self.below(4) == 0 {
            let length = self.below(bytes.len());
            bytes.truncate(length);
        }
        bytes
    }

    fn path(&mut self) -> String {
        let (path, known) = PATHS[self.below(PATHS.len())];
        let path = if self.below(12) == 0 {
            format!("{path}{}", self.pick(&["/", "/..", "//", "/x", "%2f"]))
        } else {
            path.to_owned()
        };
        let pairs: Vec<_> = (0..self.below(4))
            .map(|_| {
                let known = if known.is_empty() || self.below(5) == 0 { &["colour", "", "limit"][..] } else { known };
                format!("{}={}", self.pick(known), self.pick(&VALUES))
            })
            .collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_server() {
    let stage = Stage::new(settings()).await;
    let mut fuzzer = Fuzzer(ChaCha8Rng::seed_from_u64(8));
    let mut seen = BTreeMap::<u16, usize>::new();
    for _ in 0..REQUESTS {
        let method =
            fuzzer.pick(&["GET", "GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"]);
        let path = fuzzer.path();
        let mut request =
            stage.client.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", stage.url));
        if fuzzer.below(4) == 0 {
            request = request
                .header("host", fuzzer.pick(&["localhost", "evil.example", "[::1]", "a:b:c", "@", "1.2.3.4:99999"]));
        }
        if fuzzer.below(4) == 0 {
            request = request.body(vec![b'x'; fuzzer.below(3000)]).header("content-type", "application/json");
        }
        if let Ok(answer) = request.send().await {
            let status = answer.status().as_u16();
            *seen.entry(status).or_default() += 1;
            assert!(status < 500, "{status} to {method} {path}");
            answer.bytes().await.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        }
    }
    for status in [200, 400, 404, 405, 421] {
        assert!(seen.contains_key(&status), "the fuzzer never came to {status}: {seen:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_at_all_does_no_harm() {
    let stage = Stage::new(settings()).await;
    let mut fuzzer = Fuzzer(ChaCha8Rng::seed_from_u64(9));
    let address = stage.url.strip_prefix("http://").unwrap().to_owned();
    for path in ["/api/day?first=0&group=0", "/api/offers?limit=3", "/api/events"].into_iter().cycle().take(300) {
        let good = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nlast-event-id: 1-1\r\nconnection: close\r\n\r\n");
        let request = fuzzer.spoil(good.as_bytes());
        let mut connection = TcpStream::connect(&address).await.unwrap();
        // A server that hangs up early is right to.
        let _ = connection.write_all(&request).await;
        let _ = connection.shutdown().await;
        // Its beginning: who listens to events is answered without end.
        let mut answer = [0; 64];
        let read = tokio::time::timeout(SOON, connection.read(&mut answer)).await.expect("an answer, or none");
        let read = read.unwrap_or(0);
        let line = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(!line.starts_with("HTTP/1.1 5"), "{line} to {}", String::from_utf8_lossy(&request));
    }
    assert_eq!(stage.get("/ready").await.status(), 200);
    assert_eq!(stage.get("/api/day").await.status(), 200);
}
