//! The fog server's interface and the document that describes it.

use mint_fog::{OPENAPI, ROUTES, Status};
use mint_wire::ClientError;
use reqwest::Method;
use serde_json::Value;
use web::now_ms;

use crate::stage::{Stage, TOKEN, sample};

fn documented() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let paths = document["paths"].as_object().unwrap().clone();
    let of = |(path, verbs): (String, Value)| {
        let verbs: Vec<String> = verbs.as_object().unwrap().keys().cloned().collect();
        verbs.into_iter().map(move |verb| (verb, path.clone()))
    };
    let mut all: Vec<_> = paths.into_iter().flat_map(of).collect();
    all.sort();
    all
}

#[tokio::test]
async fn what_is_documented_is_served_and_nothing_else() {
    let mut routes: Vec<_> = ROUTES.iter().map(|(verb, path)| ((*verb).to_owned(), (*path).to_owned())).collect();
    routes.sort();
    assert_eq!(documented(), routes);
    let stage = Stage::new().await;
    let http = reqwest::Client::new();
    for (verb, path) in documented() {
        let url = format!("{}{}", stage.url, path.replace("{miner}", "miner-1"));
        let method = if verb == "post" { Method::POST } else { Method::GET };
        let status = http.request(method, &url).bearer_auth(TOKEN).send().await.unwrap().status().as_u16();
        assert!(status != 404 && status != 405, "{verb} {path}: {status}");
    }
    let status = http.get(format!("{}/v1/nothing", stage.url)).send().await.unwrap().status();
    assert_eq!(status.as_u16(), 404);
}

#[tokio::test]
async fn twins_are_for_operators() {
    let stage = Stage::new().await;
    for token in ["", "0123456789abcdeX", "0123456789abcdef0"] {
        let read: Result<Vec<Status>, _> = stage.client.read("/v1/twins", token).await;
        assert!(matches!(read, Err(ClientError::Refused { status: 401, .. })), "{token:?}");
    }
    let one: Status = stage.client.read("/v1/twins/miner-1", TOKEN).await.unwrap();
    assert_eq!(one.taken, 0);
}

#[tokio::test]
async fn an_operator_lifts_what_was_ordered() {
    let stage = Stage::new().await;
    let now = now_ms();
    for sequence in 1..=3 {
        stage.client.sample(&stage.signed(sample(sequence, now + sequence, 300))).await.unwrap();
    }
    assert_eq!(stage.status().order.unwrap().action.name(), "throttle");
    let _: Value = stage.client.tell("/v1/twins/miner-1/forgive", TOKEN).await.unwrap();
    let answer = stage.client.sample(&stage.signed(sample(4, now + 4, 100))).await.unwrap();
    assert_eq!(answer.order.unwrap().body.action.name(), "release");
}
