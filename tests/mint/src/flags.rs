//! From a fog server to the cloud and back.

use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use mint::{FogReport, TwinReport};
use mint_cloud::{Pool, PoolView, router};
use mint_detector::ROUND_THRESHOLD;
use mint_fog::report_to_cloud;
use mint_wire::{Client, Signed};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::now_ms;

use crate::stage::{Stage, TOKEN, sample, wait_for};

/// A report of another fog server's quiet miners.
fn others(count: usize) -> FogReport {
    let twin = |place: usize| TwinReport {
        miner: format!("other-{place}").parse().unwrap(),
        sequence: 1,
        is_silent: false,
        cusum_millionths: (0..60).map(|k| k * place as u64 * 7 % 900_000).collect(),
    };
    FogReport { fog: "fog-2".parse().unwrap(), number: 1, time_ms: now_ms(), twins: (0..count).map(twin).collect() }
}

#[tokio::test]
async fn a_miner_unlike_those_of_another_fog_server_is_flagged_and_throttled() {
    let stage = Stage::new().await;
    let [cloud, other] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
    let fogs = [("fog-1".parse().unwrap(), stage.fog_signer.address()), ("fog-2".parse().unwrap(), other.address())];
    let pool = Pool::new(fogs.into(), ROUND_THRESHOLD, cloud.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(web::serve(listener, router(pool, TOKEN.to_owned()), std::future::pending()));
    client.report(&Signed::new(others(6), &other).unwrap()).await.unwrap();

    // Quiet at three quarters of its allotment, then at all of it: below the cap at all times.
    {
        let mut fog = stage.fog.lock().unwrap();
        let begun = now_ms() - 50_000;
        for second in 0..200_u64 {
            let percent = if second < 170 { 75 } else { 100 };
            let mut sample = sample(second + 1, begun + 250 * second, percent);
            sample.cpu =
                mint::Share::from_ppm(sample.cpu.ppm() + u32::try_from(second * 7919 % 13_000).unwrap()).unwrap();
            fog.take(stage.signed(sample), begun + 250 * second).unwrap();
        }
    }
    assert_eq!(stage.status().order.unwrap().action.name(), "warn");
    let done = CancellationToken::new();
    let period = Duration::from_millis(50);
    let reporting =
        tokio::spawn(report_to_cloud(stage.fog.clone(), client.clone(), cloud.address(), period, done.clone()));
    wait_for("the flag", Duration::from_secs(20), || stage.status().is_flagged).await;
    done.cancel();
    reporting.await.unwrap();
    let answer = stage.client.sample(&stage.signed(sample(201, now_ms(), 100))).await.unwrap();
    assert_eq!(answer.order.unwrap().verify(stage.fog_signer.address()).unwrap().action.name(), "throttle");
    let view: PoolView = client.read("/v1/pool", TOKEN).await.unwrap();
    assert_eq!(view.round.unwrap().flagged().map(ToString::to_string).collect::<Vec<_>>(), ["miner-1"]);
}
