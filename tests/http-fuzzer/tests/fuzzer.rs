//! Servers with and without faults.

use axum::{
    Router,
    body::Bytes,
    http::StatusCode,
    routing::{MethodRouter, get, post},
};
use http_fuzzer::{Fuzzer, Good};

const SUM: &str = r#"{"one":1,"two":"2"}"#;

async fn fuzzer(sum: MethodRouter) -> Fuzzer {
    let router = Router::new().route("/v1/health", get(web::health)).route("/sum", sum);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(web::serve(listener, router, std::future::pending()));
    Fuzzer::new(&url, 1, [Good::get("/v1/health").steady(), Good::new("POST", "/sum").json(SUM)])
}

/// What a server is accused of.
async fn accused(sum: MethodRouter) -> String {
    let mut fuzzer = fuzzer(sum).await;
    let ran = tokio::spawn(async move { fuzzer.run(1000).await }).await;
    let words = ran.expect_err("it has a fault").into_panic();
    words.downcast_ref::<String>().expect("words").clone()
}

#[tokio::test]
async fn a_sound_server_passes() {
    let sum = |body: Bytes| async move { if body == SUM { StatusCode::OK } else { StatusCode::BAD_REQUEST } };
    let mut fuzzer = fuzzer(post(sum)).await;
    fuzzer.run(1000).await;
    fuzzer.came_to(&[200, 400, 404, 405, 431]);
}

#[tokio::test]
async fn an_answer_that_blames_the_server_is_found_with_its_request() {
    let sum = |body: Bytes| async move {
        let is_text = std::str::from_utf8(&body).is_ok();
        if is_text { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
    };
    let accused = accused(post(sum)).await;
    assert!(accused.starts_with("500") && accused.contains("seed 1, request"), "{accused}");
    assert!(accused.contains("/sum HTTP/1.1"), "{accused}");
}

#[tokio::test]
async fn a_panic_is_found() {
    let sum = |body: Bytes| async move { assert!(body.len() != 2, "two bytes are too few") };
    let accused = accused(post(sum)).await;
    assert!(accused.starts_with("a panic") && accused.contains("two bytes are too few"), "{accused}");
}
