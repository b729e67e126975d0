//! What was acknowledged survives.

use web::now_ms;

use crate::stage::{Stage, open, sample};

#[tokio::test]
async fn a_server_that_is_gone_without_notice_has_lost_nothing() {
    let stage = Stage::new().await;
    let now = now_ms();
    for sequence in 1..=6 {
        let percent = if sequence > 2 { 200 } else { 100 };
        stage.client.sample(&stage.signed(sample(sequence, now + sequence, percent))).await.unwrap();
    }
    let before = stage.status();
    assert_eq!(before.order.as_ref().unwrap().action.name(), "throttle");
    // The first one is not told, and closes nothing.
    let again = open(&stage.diary(), &stage.signer, &stage.fog_signer);
    let mut after = again.statuses(now_ms()).remove(0);
    after.is_silent = before.is_silent;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_sample_seen_before_the_restart_is_still_seen_before() {
    let stage = Stage::new().await;
    let signed = stage.signed(sample(1, now_ms(), 100));
    stage.client.sample(&signed).await.unwrap();
    let mut again = open(&stage.diary(), &stage.signer, &stage.fog_signer);
    assert!(again.take(signed, now_ms()).unwrap_err().to_string().contains("was seen before"));
}
