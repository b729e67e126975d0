//! Reporting to the cloud.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alloy::primitives::Address;
use mint_wire::Client;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use web::now_ms;

use crate::Fog;

/// Reports every `period` until `done`, and takes the flags that `cloud` signs. A cloud that does not answer is asked
/// again at the next turn: a report holds all there is.
pub async fn report_to_cloud(
    fog: Arc<Mutex<Fog>>,
    client: Client,
    cloud: Address,
    period: Duration,
    done: CancellationToken,
) {
    let mut turns = interval(period);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            _ = turns.tick() => {}
        }
        let report = fog.lock().unwrap_or_else(PoisonError::into_inner).report(now_ms());
        let Ok(report) = report else { continue };
        match client.report(&report).await {
            Err(error) => warn!("the cloud did not take the report: {error}"),
            Ok(flags) => match flags.verify(cloud) {
                Ok(flags) if flags.fog == report.body.fog && flags.number == report.body.number => {
                    let mut fog = fog.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Err(error) = fog.flag(&flags.miners, now_ms()) {
                        warn!("flags cannot be kept: {error}");
                    }
                }
                Ok(_) => warn!("the cloud answers another report"),
                Err(error) => warn!("the cloud's answer is not the cloud's: {error}"),
            },
        }
    }
}
