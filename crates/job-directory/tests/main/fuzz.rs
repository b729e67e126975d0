//! Requests that make no sense, thousands of them, the same in each run.

use alloy::{primitives::B256, signers::local::PrivateKeySigner};
use http_fuzzer::{Fuzzer, Good};
use job_directory::{Scope, Token};
use jobs::ContentHash;

use crate::stage::{Stage, bundle, until};

/// After so many requests the job is there again, which they may have deleted.
const ROUND: usize = 53;
const ROUNDS: usize = 100;

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_the_server() {
    let (stage, job) = (Stage::new().await, bundle(&[("a", b"file"), ("b/c", b"")]));
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
    let client = stage.client_of(signer.clone());
    client.put(&job).await.unwrap();
    let expires_at = stage.directory.now_ms() / 1000 + 3600;
    let bearer = |scope| format!("Bearer {}", Token::sign(&signer, stage.address(), scope, None, expires_at).unwrap());
    let (write, read) = (bearer(Scope::Write), bearer(Scope::Read));
    let http = reqwest::Client::new();
    until(async || http.get(format!("{}/ready", stage.url)).send().await.unwrap().status() == 200).await;
    let tree = format!("/v1/trees/{}", job.tree().hash());
    let file = format!("{tree}/files/{}", ContentHash::of(b"file"));
    let by = |token: &str, good: Good| good.header("authorization", token);
    let goods = [
        Good::get("/live").steady(),
        Good::get("/ready").steady(),
        Good::get("/v1/about").steady(),
        Good::get(format!("/uptime/{}/{}", expires_at * 1000, expires_at * 1001)).steady(),
        by(&read, Good::get("/v1/holdings")).steady(),
        by(&write, Good::new("PUT", &tree).body(job.tree().to_string())),
        by(&read, Good::new("PUT", &tree).body(job.tree().to_string())),
        by(&write, Good::new("PUT", &file).body(b"file")),
        by(&write, Good::get(&tree)),
        by(&read, Good::get(&file)),
        by(&read, Good::get(&file)).header("range", "bytes=0-1"),
        by(&read, Good::get(&file)).header("range", "bytes=9-"),
        by(&write, Good::new("PUT", format!("{tree}/pin"))),
        by(&write, Good::new("DELETE", format!("{tree}/pin"))),
        by(&write, Good::new("DELETE", &tree)),
    ];
    let mut fuzzer = Fuzzer::new(&stage.url, 5, goods);
    for _ in 0..ROUNDS {
        client.put(&job).await.unwrap();
        fuzzer.run(ROUND).await;
    }
    fuzzer.came_to(&[200, 206, 400, 401, 403, 404, 405, 416, 422, 431]);
}
