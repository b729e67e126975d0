//! Rounds of keeping: asking itself, sweeping, and saying whether all is well.

use std::time::Duration;

use reqwest::Client;
use thiserror::Error;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Directory, Ordering, PoisonError, StoreError, key, warn};

/// Rounds without one that finished, after which something is stuck.
const LATE_ROUNDS: u32 = 6;

/// Why a round came to nothing.
#[derive(Debug, Error)]
enum RoundError {
    #[error("the store does not work")]
    Store(#[from] StoreError),
    #[error("the directory does not answer itself")]
    Answer(#[from] reqwest::Error),
    #[error("the wallet cannot sign")]
    Sign(#[from] alloy::signers::Error),
}

impl Directory {
    /// Goes round until `stop`. `url` is where it answers itself.
    pub(crate) async fn keep(&self, url: &str, stop: &CancellationToken) {
        let client = match web::client(url).timeout(self.setting.probe_every).no_proxy().build() {
            Ok(client) => client,
            Err(error) => return warn!("no client to ask itself with: {error}"),
        };
        let mut rounds = interval(self.setting.probe_every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            if let Err(error) = self.round(&client, url).await {
                warn!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
            }
        }
    }

    async fn round(&self, client: &Client, url: &str) -> Result<(), RoundError> {
        let asked_ms = self.now_ms();
        self.store.probe(asked_ms).await?;
        self.worked_ms.store(asked_ms, Ordering::Relaxed);
        client.get(format!("{url}/ready")).send().await?.error_for_status()?;
        self.record_answer(asked_ms).await?;
        self.sweep().await;
        self.finished_ms.store(self.now_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// It answered itself, with a store that works.
    async fn record_answer(&self, now_ms: u64) -> Result<(), RoundError> {
        let keep = u64::try_from(self.setting.keep_uptime.as_millis()).unwrap_or(u64::MAX);
        let (entry, forgotten) = {
            let mut uptime = self.uptime.lock().unwrap_or_else(PoisonError::into_inner);
            (uptime.answered(now_ms)?, uptime.forget_before(now_ms.saturating_sub(keep)))
        };
        if let Some(entry) = entry {
            self.store.put_json(&key::uptime(entry.from_ms), &entry).await?;
        }
        for from_ms in forgotten {
            self.store.delete(&key::uptime(from_ms)).await?;
        }
        Ok(())
    }

    fn is_recent(&self, time_ms: u64, rounds: u32) -> bool {
        let most = self.setting.probe_every * rounds;
        Duration::from_millis(self.now_ms().saturating_sub(time_ms)) <= most
    }

    /// Whether a round was finished not long ago.
    pub fn is_live(&self) -> bool {
        self.is_recent(self.finished_ms.load(Ordering::Relaxed), LATE_ROUNDS)
    }

    /// Whether the store worked not long ago.
    pub fn is_ready(&self) -> bool {
        self.is_recent(self.worked_ms.load(Ordering::Relaxed), LATE_ROUNDS / 2)
    }
}
