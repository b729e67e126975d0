//! Blocks of many transactions.

use std::time::Duration;

use alloy::providers::{Provider, ext::AnvilApi};
use serde::Deserialize;
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

use crate::Client;

/// How many transactions wait.
#[derive(Debug, Deserialize)]
struct Pool {
    pending: alloy::primitives::U64,
}

/// Mines a block after each `period` in which transactions came, for as long as it is polled.
pub(super) async fn mine_batches(client: Client, period: Duration) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mined = match client.provider().raw_request::<_, Pool>("txpool_status".into(), ()).await {
            Ok(pool) if pool.pending.is_zero() => continue,
            Ok(_) => client.provider().evm_mine(None).await,
            Err(error) => Err(error),
        };
        if let Err(error) = mined {
            debug!(error = &error as &dyn std::error::Error, "the local node does not mine");
        }
    }
}
