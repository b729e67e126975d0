//! Requests that make no sense, thousands of them, the same in each run.

use http_fuzzer::{Fuzzer, Good};

use crate::stage::{Stage, settings};

/// Every path there is; without events, which never end, and what no market here is asked for.
const STEADY: [&str; 11] = [
    "/",
    "/live",
    "/ready",
    "/api/market",
    "/api/day?first=0&group=0",
    "/api/offers?state=all&account=0xabcdef0123456789abcdef0123456789abcdef01&before=40&limit=3",
    "/api/trades?account=0xabcdef0123456789abcdef0123456789abcdef01&before=40&limit=3",
    "/api/competition",
    "/api/news?limit=3",
    "/api/abi",
    "/api/refusal?data=0x9a1bd3e5",
];
const ABSENT: [&str; 2] = ["/api/modicum", "/api/solidworx"];

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_server() {
    let stage = Stage::new(settings()).await;
    let steady = STEADY.map(|path| Good::get(path).steady());
    let events = Good::get("/api/events").header("last-event-id", "1-1");
    let goods = steady.into_iter().chain(ABSENT.map(Good::get)).chain([events]);
    let mut fuzzer = Fuzzer::new(&stage.url, 8, goods);
    fuzzer.run(4300).await;
    fuzzer.came_to(&[200, 400, 404, 405, 421, 431]);
}
