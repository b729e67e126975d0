//! Telemetry that is wrong in every way there is: refused or marked, and the twin goes on.

use alloy::signers::local::PrivateKeySigner;
use mint::Acceptance;
use mint_wire::{ClientError, Signed};
use web::now_ms;

use crate::stage::{Stage, TOKEN, miner, sample};

fn refusal(answer: Result<mint_wire::SampleAnswer, ClientError>) -> (u16, String) {
    match answer {
        Err(ClientError::Refused { status, reason, .. }) => (status, reason),
        other => panic!("{other:?}"),
    }
}

/// Hands in a text instead of a sample.
async fn post(stage: &Stage, body: String) -> u16 {
    let url = format!("{}/v1/samples", stage.url);
    reqwest::Client::new().post(url).body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn figures_that_are_none_are_no_sample() {
    let stage = Stage::new().await;
    let good = serde_json::to_string(&stage.signed(sample(1, now_ms(), 100))).unwrap();
    assert!(good.contains("\"cpu\":1000000"));
    for bad in ["NaN", "null", "-1", "1e400", "1000000001", "0.5", "\"1\"", "Infinity"] {
        assert_eq!(post(&stage, good.replace("\"cpu\":1000000", &format!("\"cpu\":{bad}"))).await, 400, "{bad}");
    }
    assert_eq!(post(&stage, String::new()).await, 400);
    assert_eq!(post(&stage, "x".repeat(10_000)).await, 413);
    assert_eq!(stage.status().taken, 0);
    assert_eq!(post(&stage, good).await, 200);
}

#[tokio::test]
async fn a_forged_sample_is_nobodys() {
    let stage = Stage::new().await;
    let forged = Signed::new(sample(1, now_ms(), 100), &PrivateKeySigner::random()).unwrap();
    assert_eq!(refusal(stage.client.sample(&forged).await).0, 401);
    let mut changed = stage.signed(sample(1, now_ms(), 150));
    changed.body.cpu = mint::Share::WHOLE;
    assert_eq!(refusal(stage.client.sample(&changed).await).0, 401);
    let mut unknown = sample(1, now_ms(), 100);
    unknown.miner = "miner-2".parse().unwrap();
    assert_eq!(refusal(stage.client.sample(&stage.signed(unknown)).await).0, 401);
    assert_eq!((stage.status().taken, stage.status().refused), (0, 2));
}

#[tokio::test]
async fn a_sample_of_another_time_is_refused() {
    let stage = Stage::new().await;
    let now = now_ms();
    let first = stage.signed(sample(5, now, 100));
    assert_eq!(stage.client.sample(&first).await.unwrap().sequence, 5);
    let (status, reason) = refusal(stage.client.sample(&first).await);
    assert!(status == 409 && reason.contains("was seen before"), "{reason}");
    let (status, reason) = refusal(stage.client.sample(&stage.signed(sample(6, now + 60_000, 100))).await);
    assert!(status == 409 && reason.contains("from the future"), "{reason}");
    let (status, reason) = refusal(stage.client.sample(&stage.signed(sample(6, now - 1, 100))).await);
    assert!(status == 409 && reason.contains("does not follow"), "{reason}");
    assert_eq!((stage.status().taken, stage.status().refused), (1, 3));
    assert!(stage.client.sample(&stage.signed(sample(7, now + 1, 100))).await.is_ok());
}

#[tokio::test]
async fn a_silent_miner_is_marked() {
    let stage = Stage::new().await;
    stage.client.sample(&stage.signed(sample(1, now_ms(), 100))).await.unwrap();
    assert!(!stage.status().is_silent);
    let later = now_ms() + Acceptance::default().silence_ms + 1;
    assert!(stage.fog.lock().unwrap().status(&miner(), later).unwrap().is_silent);
}

#[tokio::test]
async fn a_flood_is_held_off_and_the_operator_still_served() {
    let stage = Stage::new().await;
    let now = now_ms();
    let mut refused = 0;
    for sequence in 1..=60 {
        match stage.client.sample(&stage.signed(sample(sequence, now + sequence, 100))).await {
            Err(ClientError::Refused { status: 429, .. }) => refused += 1,
            other => assert!(other.is_ok(), "{other:?}"),
        }
    }
    assert!(refused > 0);
    let twins: Vec<mint_fog::Status> = stage.client.read("/v1/twins", TOKEN).await.unwrap();
    assert_eq!(twins.len(), 1);
}
