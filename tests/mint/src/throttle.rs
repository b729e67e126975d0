//! A process that hashes beyond its allotment is held, and one that goes on is stopped.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use mint::{Action, Order, Sample};
use mint_edge::{Allotment, Edge, Told};
use telemetry::{Mechanism, Supervisor};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, miner, wait_for};

/// A tenth of what a core hashes, so that a machine that is busy otherwise still hashes more.
const MILLICORES: u32 = 50;
/// From the first sample over the cap until the process is within it, for five samples in a row on average.
const SOON: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Seen {
    first_over: Option<Instant>,
    throttled: Option<Instant>,
    samples_after: Vec<Sample>,
    orders: Vec<Order>,
}

impl Seen {
    fn hear(&mut self, told: &Told<'_>) {
        match told {
            Told::Sample(sample, _) if self.throttled.is_some() => self.samples_after.push((*sample).clone()),
            Told::Sample(sample, _) if sample.cpu.ppm() > 1_050_000 => {
                self.first_over.get_or_insert_with(Instant::now);
            }
            Told::Sample(..) => {}
            Told::Obeyed(order) => {
                self.orders.push((*order).clone());
                if matches!(order.action, Action::Throttle { .. }) {
                    self.throttled = Some(Instant::now());
                }
            }
        }
    }

    /// Whether the last five samples, all taken after the throttling, are within the cap on average.
    fn is_held(&self) -> bool {
        let last: Vec<u32> = self.samples_after.iter().skip(1).rev().take(5).map(|sample| sample.cpu.ppm()).collect();
        last.len() == 5 && last.iter().sum::<u32>() / 5 <= 1_200_000
    }
}

async fn throttled_within_ten_seconds(mechanism: Option<Mechanism>) {
    let stage = Stage::new().await;
    let command = ["sha256sum", "/dev/zero"].map(Into::into);
    let supervisor = Supervisor::start(&command, "e2e", mechanism).unwrap();
    let mechanism = supervisor.mechanism();
    let allotment = Allotment { millicores: MILLICORES, memory_bytes: 1 << 29, io_bytes_per_second: 1 << 20 };
    let period = Duration::from_millis(400);
    let edge =
        Edge { miner: miner(), allotment, period, signer: stage.signer.clone(), fog: stage.fog_signer.address() };
    let (seen, done) = (Arc::new(Mutex::new(Seen::default())), CancellationToken::new());
    let (client, heard, end) = (stage.client.clone(), seen.clone(), done.clone());
    let running =
        tokio::spawn(async move { edge.run(supervisor, &client, end, |told| heard.lock().unwrap().hear(&told)).await });
    wait_for("holding the miner", Duration::from_mins(1), || seen.lock().unwrap().is_held()).await;
    done.cancel();
    running.await.unwrap().unwrap();
    let seen = seen.lock().unwrap();
    let kinds: Vec<_> = seen.orders.iter().map(|order| order.action.name()).collect();
    assert_eq!(kinds, ["warn", "throttle"]);
    let took = seen.throttled.unwrap() - seen.first_over.unwrap();
    println!("throttled by {mechanism} {took:?} after the first sample over the cap");
    assert!(took < SOON, "by {mechanism} after {took:?}");
    assert!(stage.status().is_obeyed);
}

#[tokio::test]
async fn a_miner_beyond_its_allotment_is_throttled_by_the_best_mechanism_here() {
    throttled_within_ten_seconds(None).await;
}

#[tokio::test]
async fn a_miner_beyond_its_allotment_is_throttled_by_signals() {
    throttled_within_ten_seconds(Some(Mechanism::Signals)).await;
}
