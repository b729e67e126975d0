//! Handing orders in.

use std::time::Duration;

use thiserror::Error;
use tracing::debug;
use web::AskError;

use crate::{Accepted, Order};

/// Longer than this no relay is waited for: it answers once the transaction is mined.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a relay that has too much to do is asked again; each pause is twice the one before.
const MOST_WAITS: u32 = 6;
/// An answer has no more bytes.
const LARGEST_ANSWER: usize = 1 << 16;
/// The first of these pauses.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Why an order was not carried out.
#[derive(Debug, Error)]
pub enum HandInError {
    /// There is no relay to ask.
    #[error("no relay is named")]
    NoRelay,
    /// A relay does not answer, or refuses: with 409 where the market would, which other relays find as well.
    #[error(transparent)]
    Ask(#[from] AskError),
}

/// Several relays, of which each order goes to one, and to the next where that one does not carry it out.
#[derive(Clone, Debug)]
pub struct Relays {
    http: reqwest::Client,
    urls: Vec<String>,
}

impl Relays {
    /// Those at `urls`, like `http://127.0.0.1:8600`.
    pub fn new(urls: &[String]) -> Result<Self, HandInError> {
        let any = urls.iter().find(|url| url.starts_with("https:")).or(urls.first());
        let http = web::client(any.ok_or(HandInError::NoRelay)?).timeout(PATIENCE).build().map_err(AskError::Setup)?;
        let urls = urls.iter().map(|url| format!("{}/v1/orders", url.trim_end_matches('/'))).collect();
        Ok(Self { http, urls })
    }

    /// Has an order carried out; returns once its transaction is mined. Who hands in the same order asks the same relay
    /// first, which carries it out once and tells all of them.
    ///
    /// # Errors
    /// What the last relay says, or the first one that finds that the market refuses.
    pub async fn hand_in(&self, order: &Order) -> Result<Accepted, HandInError> {
        let body = serde_json::to_vec(order).expect("plain data in memory can be written");
        let first = usize::from(order.digest()[31]) % self.urls.len().max(1);
        let mut failure = HandInError::NoRelay;
        for url in self.urls.iter().cycle().skip(first).take(self.urls.len()) {
            match self.ask(url, &body).await {
                Ok(accepted) => return Ok(accepted),
                Err(error) if error.is_the_markets() => return Err(error),
                Err(error) => {
                    debug!(%error, "a relay did not carry an order out");
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    /// Asks one relay; where it is too busy, again after a while.
    async fn ask(&self, url: &str, body: &[u8]) -> Result<Accepted, HandInError> {
        let mut waits = 0;
        loop {
            match web::ask(url, self.http.post(url).body(body.to_vec()), LARGEST_ANSWER).await {
                Err(error) if is_busy(&error) && waits < MOST_WAITS => {
                    tokio::time::sleep(FIRST_PAUSE * (1 << waits)).await;
                    waits += 1;
                }
                answer => return Ok(answer?),
            }
        }
    }
}

impl HandInError {
    /// Whether the market would refuse the order, or did.
    pub const fn is_the_markets(&self) -> bool {
        matches!(self, Self::Ask(AskError::Refused { status: 409, .. }))
    }
}

/// Whether the relay has only too much to do.
const fn is_busy(error: &AskError) -> bool {
    matches!(error, AskError::Refused { status: 429 | 503, .. })
}
