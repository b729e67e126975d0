//! Requests that make no sense, to a fog server and a cloud.

use alloy::signers::local::PrivateKeySigner;
use http_fuzzer::{Fuzzer, Good};
use mint::{FogReport, TwinReport};
use mint_cloud::Pool;
use mint_detector::ROUND_THRESHOLD;
use mint_wire::Signed;
use tokio::net::TcpListener;
use web::now_ms;

use crate::stage::{Stage, TOKEN, miner, sample};

fn shown(method: &str, path: &str) -> Good {
    Good::new(method, path).header("authorization", format!("Bearer {TOKEN}"))
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_a_fog_server() {
    let stage = Stage::new().await;
    let signed = stage.signed(sample(1, now_ms(), 30));
    let goods = [
        Good::get("/v1/health").steady(),
        Good::get("/openapi.json").steady(),
        shown("GET", "/v1/twins").steady(),
        shown("GET", "/v1/twins/miner-1").steady(),
        shown("POST", "/v1/twins/miner-1/forgive").steady(),
        Good::new("POST", "/v1/samples").json(serde_json::to_vec(&signed).unwrap()),
    ];
    let mut fuzzer = Fuzzer::new(&stage.url, 10, goods);
    fuzzer.run(3000).await;
    fuzzer.came_to(&[200, 400, 401, 404, 405, 409, 413]);
    assert_eq!(stage.status().taken, 1, "what was spoiled was not taken in");
}

#[tokio::test]
async fn no_request_is_answered_by_a_fault_of_a_cloud() {
    let [fog, key] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
    let pool = Pool::new([("fog-1".parse().unwrap(), fog.address())].into(), ROUND_THRESHOLD, key);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = mint_cloud::router(pool, TOKEN.to_owned());
    tokio::spawn(web::serve(listener, router, std::future::pending()));
    let twin = TwinReport { miner: miner(), sequence: 1, is_silent: false, cusum_millionths: vec![0; 60] };
    let report = FogReport { fog: "fog-1".parse().unwrap(), number: 1, time_ms: now_ms(), twins: vec![twin] };
    let signed = Signed::new(report, &fog).unwrap();
    let goods = [
        Good::get("/v1/health").steady(),
        Good::get("/openapi.json").steady(),
        shown("GET", "/v1/pool").steady(),
        Good::new("POST", "/v1/reports").json(serde_json::to_vec(&signed).unwrap()),
    ];
    let mut fuzzer = Fuzzer::new(&url, 11, goods);
    fuzzer.run(3000).await;
    fuzzer.came_to(&[200, 400, 401, 404, 405, 409, 431]);
}
