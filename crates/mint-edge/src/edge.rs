//! The loop of a miner's supervisor.

use std::time::{Duration, Instant};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use mint::{Action, MinerId, Order, Sample, Share};
use mint_wire::{BadSignature, Client, Signed};
use telemetry::{Supervisor, TelemetryError, Usage};
use thiserror::Error;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use web::now_ms;

use crate::Allotment;

/// Why a miner is not watched any more.
#[derive(Debug, Error)]
pub enum EdgeError {
    /// It cannot be measured or held.
    #[error("the miner cannot be supervised")]
    Telemetry(#[from] TelemetryError),
    /// Its samples cannot be signed.
    #[error("samples cannot be signed")]
    Signature(#[from] BadSignature),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By an order to stop.
    Stopped(Order),
    /// The miner ended by itself.
    Exited,
    /// It was asked to end.
    Interrupted,
}

/// What is told to whoever watches.
#[derive(Debug)]
pub enum Told<'a> {
    /// A sample was taken, and whether the fog server took it in.
    Sample(&'a Sample, bool),
    /// An order was carried out.
    Obeyed(&'a Order),
}

/// Watches one miner.
#[derive(Debug)]
pub struct Edge {
    /// The miner's name.
    pub miner: MinerId,
    /// What it may use.
    pub allotment: Allotment,
    /// From one sample to the next.
    pub period: Duration,
    /// Who signs its samples.
    pub signer: PrivateKeySigner,
    /// Who signs orders.
    pub fog: Address,
}

impl Edge {
    /// Measures and reports `supervisor`'s process until `done`, until it ends, or until it is ordered to stop. A fog
    /// server that does not answer misses samples, and the miner goes on.
    pub async fn run(
        &self,
        mut supervisor: Supervisor,
        client: &Client,
        done: CancellationToken,
        mut told: impl FnMut(Told<'_>),
    ) -> Result<Ended, EdgeError> {
        let mut turns = interval(self.period);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first turn comes at once, and has nothing to compare with.
        turns.tick().await;
        let mut last = (Instant::now(), supervisor.usage()?);
        let (mut obeyed, mut sequence) = (0, 0);
        loop {
            tokio::select! {
                () = done.cancelled() => return Ok(Ended::Interrupted),
                _ = turns.tick() => {}
            }
            if !supervisor.is_running() {
                return Ok(Ended::Exited);
            }
            let now = (Instant::now(), supervisor.usage()?);
            // Numbered by the time, so that a supervisor that starts again goes on.
            sequence = now_ms().max(sequence + 1);
            let sample = self.sample(sequence, &last, &now, obeyed);
            last = now;
            let answer = client.sample(&Signed::new(sample.clone(), &self.signer)?).await;
            told(Told::Sample(&sample, answer.is_ok()));
            let order = match answer {
                Ok(answer) => answer.order,
                Err(error) => {
                    warn!("a sample was not taken in: {error}");
                    None
                }
            };
            let Some(order) = order.and_then(|order| self.accept(&order, obeyed)) else { continue };
            self.obey(&order, &mut supervisor)?;
            obeyed = order.number;
            told(Told::Obeyed(&order));
            if order.action == Action::Stop {
                return Ok(Ended::Stopped(order));
            }
        }
    }

    fn sample(&self, sequence: u64, last: &(Instant, Usage), now: &(Instant, Usage), obeyed: u64) -> Sample {
        let [cpu, memory, io] = self.allotment.shares(&last.1, &now.1, now.0.duration_since(last.0));
        Sample { miner: self.miner.clone(), sequence, time_ms: sequence, cpu, gpu: Share::NONE, memory, io, obeyed }
    }

    /// The order, if it is the fog server's, to this miner, and new.
    fn accept(&self, order: &Signed<Order>, obeyed: u64) -> Option<Order> {
        match order.verify(self.fog) {
            Err(error) => warn!("an order is not the fog server's: {error}"),
            Ok(order) if order.miner != self.miner => warn!("an order is to {}", order.miner),
            Ok(order) if order.number <= obeyed => {}
            Ok(order) => return Some(order.clone()),
        }
        None
    }

    fn obey(&self, order: &Order, supervisor: &mut Supervisor) -> Result<(), TelemetryError> {
        match order.action {
            Action::Warn => {
                warn!("{} is warned: {}", self.miner, order.reason);
                Ok(())
            }
            Action::Throttle { cpu } => supervisor.limit_cpu(Some(self.allotment.part_of_cpu(cpu))),
            Action::Release => supervisor.limit_cpu(None),
            Action::Stop => supervisor.stop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(fog: Address) -> Edge {
        let allotment = Allotment { millicores: 100, memory_bytes: 1, io_bytes_per_second: 1 };
        let (miner, signer) = ("a".parse().unwrap(), PrivateKeySigner::random());
        Edge { miner, allotment, period: Duration::from_secs(1), signer, fog }
    }

    #[test]
    fn only_new_orders_of_the_fog_server_to_this_miner_are_accepted() {
        let (fog, other) = (PrivateKeySigner::random(), PrivateKeySigner::random());
        let edge = edge(fog.address());
        let order = |miner: &str, number| Order {
            miner: miner.parse().unwrap(),
            number,
            time_ms: 1,
            action: Action::Stop,
            reason: String::new(),
        };
        let accepted = |order, by| edge.accept(&Signed::new(order, by).unwrap(), 4).is_some();
        assert!(accepted(order("a", 5), &fog));
        assert!(!accepted(order("a", 4), &fog));
        assert!(!accepted(order("b", 5), &fog));
        assert!(!accepted(order("a", 5), &other));
    }
}
