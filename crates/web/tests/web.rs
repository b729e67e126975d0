//! A server and those who ask it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{ConnectInfo, State},
    http::StatusCode,
    routing::get,
};
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot},
    task::JoinHandle,
};
use web::{Addresses, AskError, Rate, ask, client, health, refuse, serve};

const SOON: Duration = Duration::from_secs(30);

async fn server(router: Router) -> (String, oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve(listener, router, async { drop(stopped.await) }));
    (url, stop, serving)
}

#[tokio::test]
async fn a_refusal_comes_in_the_servers_words_and_an_answer_within_its_bounds() {
    let router = Router::new()
        .route("/v1/health", get(health))
        .route("/no", get(|| async { refuse(StatusCode::CONFLICT, &"somebody was quicker") }))
        .route("/bare", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route("/long", get(|| async { Json(vec![1; 500]) }));
    let (url, _stop, _) = server(router).await;
    let http = client(&url).timeout(SOON).build().expect("a client");
    let ask = async |path: &str| {
        let asked: Result<serde_json::Value, AskError> = ask(&url, http.get(format!("{url}{path}")), 1000).await;
        asked
    };
    assert_eq!(ask("/v1/health").await.expect("an answer")["is_well"], true);
    assert!(ask("/nothing").await.expect("an answer").is_null());
    let refused = ask("/no").await.expect_err("a refusal");
    assert_eq!(refused.to_string(), format!("{url} refuses: somebody was quicker"));
    assert!(matches!(ask("/bare").await, Err(AskError::Refused { status: 502, .. })));
    assert!(matches!(ask("/long").await, Err(AskError::Endless { most: 1000, .. })));
    assert!(matches!(ask("/absent").await, Err(AskError::Refused { status: 404, .. })));
}

#[tokio::test]
async fn who_asks_too_often_is_not_admitted() {
    let addresses = Arc::new(Addresses::new(Rate { burst: 2, per_second: 1 }));
    let asked = |State(addresses): State<Arc<Addresses>>, ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
        if addresses.admit(from) { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS }
    };
    let (url, _stop, _) = server(Router::new().route("/", get(asked)).with_state(addresses)).await;
    let http = client(&url).timeout(SOON).build().expect("a client");
    let mut admitted = 0;
    for _ in 0..10 {
        admitted += u32::from(http.get(&url).send().await.expect("an answer").status() == 200);
    }
    assert!((2..10).contains(&admitted), "{admitted} of ten");
}

#[tokio::test]
async fn what_is_being_answered_is_finished_and_nothing_is_after_that() {
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, awaited) = (Arc::clone(&asked), Arc::clone(&go_on));
    let slow = move || async move {
        told.notify_one();
        awaited.notified().await;
        "done"
    };
    let (url, stop, serving) = server(Router::new().route("/", get(slow))).await;
    let http = client(&url).timeout(SOON).build().expect("a client");
    let request = tokio::spawn(http.get(&url).send());
    asked.notified().await;
    stop.send(()).expect("it serves");
    go_on.notify_one();
    let answer = request.await.expect("no panic").expect("an answer");
    assert_eq!(answer.text().await.expect("text"), "done");
    tokio::time::timeout(SOON, serving).await.expect("it ends").expect("no panic").expect("no error");
    assert!(http.get(&url).send().await.is_err());
}
