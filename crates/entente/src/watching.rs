//! What an agent shows whoever watches over it: figures, whether it is alive, and whether it has caught up.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy::{
    eips::BlockId,
    primitives::{Address, utils::format_ether},
};
use axum::{
    Router, extract::State, http::StatusCode, http::header::CONTENT_TYPE, response::IntoResponse, routing::get,
};
use chain::Client;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use runtime::Status;
use thiserror::Error;
use tokio::{net::TcpListener, sync::watch};

use crate::cli::Host;

/// How long the node may be silent, and an agent busy, before the process counts as hanging: longer than a solver may look
/// for a plan, and than a transaction waits for some blocks.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long the node may be silent before an agent is no longer ready: longer than another node takes to be asked.
const QUIET: Duration = Duration::from_secs(30);
/// How often a wallet is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);
/// Buckets of times, seconds: a first plan takes milliseconds, and the deadline of a search is 20 s unless it is set.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 5.0, 20.0, 60.0];

/// Why an agent cannot be watched.
#[derive(Debug, Error)]
pub enum WatchError {
    /// Nobody can connect there.
    #[error("cannot listen at {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Figures cannot be kept.
    #[error("figures cannot be kept")]
    Recorder(#[from] BuildError),
}

/// Figures that are kept from now on, and where they will be served.
pub struct Watch {
    listener: TcpListener,
    figures: PrometheusHandle,
}

impl Watch {
    /// Opens where these words ask for it.
    pub async fn asked(host: &Host) -> Result<Option<Self>, WatchError> {
        match host.metrics {
            Some(address) => Self::open(address).await.map(Some),
            None => Ok(None),
        }
    }

    /// Listens, and keeps what agents count from now on: once in a process, before they are made.
    async fn open(address: SocketAddr) -> Result<Self, WatchError> {
        let listener = TcpListener::bind(address).await.map_err(|source| WatchError::Listen { address, source })?;
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let figures = PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)?.install_recorder()?;
        Ok(Self { listener, figures })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Looks now and then at what `account` has for gas, and at its transactions that wait; as long as this program runs.
    pub fn weigh(client: Client, account: Address) {
        tokio::spawn(async move {
            loop {
                weigh_once(&client, account).await;
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        });
    }

    /// Serves `/metrics` (Prometheus' text), `/live` and `/ready` as long as this program runs.
    /// `leads` tells whether the agent acts, or stands by for another one that does.
    pub fn serve(self, status: watch::Receiver<Status>, leads: watch::Receiver<bool>) {
        let pulse = Pulse::default();
        let shown = Arc::new(Shown { figures: self.figures, status: status.clone(), leads: leads.clone(), pulse });
        let feeling = Arc::clone(&shown);
        tokio::spawn(async move { feeling.feel(status, leads).await });
        let router = Router::new()
            .route("/metrics", get(figures))
            .route("/live", get(live))
            .route("/ready", get(ready))
            .with_state(shown);
        tokio::spawn(web::serve(self.listener, router, std::future::pending()));
    }
}

struct Shown {
    figures: PrometheusHandle,
    status: watch::Receiver<Status>,
    leads: watch::Receiver<bool>,
    pulse: Pulse,
}

/// When something last went on.
#[derive(Default)]
struct Pulse(std::sync::Mutex<Beats>);

#[derive(Clone, Copy)]
struct Beats {
    seen: Status,
    /// When the node last answered.
    polled: Instant,
    /// When an agent last finished a round, or none had anything to do.
    decided: Instant,
}

impl Default for Beats {
    fn default() -> Self {
        let now = Instant::now();
        Self { seen: Status::default(), polled: now, decided: now }
    }
}

impl Beats {
    fn feel(&mut self, status: Status, now: Instant) {
        if status.polls != self.seen.polls {
            self.polled = now;
        }
        if status.rounds != self.seen.rounds || status.idle || status.block == 0 {
            self.decided = now;
        }
        self.seen = status;
    }

    /// Whether the node is silent.
    fn is_silent(&self, now: Instant) -> bool {
        now.duration_since(self.polled) > QUIET
    }

    /// What hangs, if anything does.
    fn hanging(&self, now: Instant) -> Option<&'static str> {
        if now.duration_since(self.polled) > PATIENCE {
            return Some("the node has not answered for five minutes\n");
        }
        let is_busy = !self.seen.idle && self.seen.block > 0;
        (is_busy && now.duration_since(self.decided) > PATIENCE).then_some("an agent has been busy for five minutes\n")
    }
}

impl Pulse {
    fn with<T>(&self, look: impl FnOnce(&mut Beats) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Shown {
    /// Why the agent is not ready, if it is not.
    fn unready(&self) -> Option<&'static str> {
        if !*self.leads.borrow() {
            Some("another one with this key acts; standing by\n")
        } else if self.status.borrow().block == 0 {
            Some("the past is still being read\n")
        } else {
            self.pulse
                .with(|beats| beats.is_silent(Instant::now()))
                .then_some("the node has not answered for 30 seconds\n")
        }
    }

    /// From when the agent leads on; a stand-by hangs on nothing.
    async fn feel(&self, mut status: watch::Receiver<Status>, mut leads: watch::Receiver<bool>) {
        if leads.wait_for(|leads| *leads).await.is_err() {
            return;
        }
        self.pulse.with(|beats| *beats = Beats::default());
        while status.changed().await.is_ok() {
            let now = *status.borrow_and_update();
            self.pulse.with(|beats| beats.feel(now, Instant::now()));
        }
    }
}

async fn figures(State(shown): State<Arc<Shown>>) -> impl IntoResponse {
    record(&shown.status.borrow());
    metrics::gauge!("entente_ready").set(if shown.unready().is_none() { 1.0 } else { 0.0 });
    metrics::gauge!("entente_leads").set(if *shown.leads.borrow() { 1.0 } else { 0.0 });
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], shown.figures.render())
}

/// What cannot be asked is left as it was: not every node knows what waits.
async fn weigh_once(client: &Client, account: Address) {
    if let Some(ether) = client.balance(account).await.ok().and_then(|wei| format_ether(wei).parse::<f64>().ok()) {
        metrics::gauge!("entente_ether").set(ether);
    }
    let (all, mined) = tokio::join!(
        client.transaction_count(account, BlockId::pending()),
        client.transaction_count(account, BlockId::latest())
    );
    if let (Ok(all), Ok(mined)) = (all, mined) {
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        metrics::gauge!("entente_transactions_waiting").set(all.saturating_sub(mined) as f64);
    }
}

/// What the runtime has done, as figures.
fn record(status: &Status) {
    let Status { block, now, idle, polls, rounds, landed, raced, refused, expired, withheld, failed, gas_used } =
        *status;
    #[expect(clippy::cast_precision_loss, reason = "below 2^53 for ages")]
    for (name, value) in [("entente_block", block as f64), ("entente_block_timestamp_seconds", now as f64)] {
        metrics::gauge!(name).set(value);
    }
    metrics::gauge!("entente_idle").set(if idle { 1.0 } else { 0.0 });
    for (outcome, count) in [
        ("landed", landed),
        ("raced", raced),
        ("refused", refused),
        ("expired", expired),
        ("withheld", withheld),
        ("failed", failed),
    ] {
        metrics::counter!("entente_intents_total", "outcome" => outcome).absolute(count);
    }
    for (name, count) in
        [("entente_polls_total", polls), ("entente_rounds_total", rounds), ("entente_gas_used_total", gas_used)]
    {
        metrics::counter!(name).absolute(count);
    }
}

async fn live(State(shown): State<Arc<Shown>>) -> (StatusCode, &'static str) {
    match shown.pulse.with(|beats| beats.hanging(Instant::now())) {
        Some(what) if *shown.leads.borrow() => (StatusCode::SERVICE_UNAVAILABLE, what),
        _ => (StatusCode::OK, "alive\n"),
    }
}

async fn ready(State(shown): State<Arc<Shown>>) -> (StatusCode, &'static str) {
    shown.unready().map_or((StatusCode::OK, "caught up\n"), |why| (StatusCode::SERVICE_UNAVAILABLE, why))
}

#[cfg(test)]
mod tests {
    use http_fuzzer::{Fuzzer, Good};

    use super::*;

    #[test]
    fn a_silent_node_and_a_busy_agent_count_as_hanging_and_a_quiet_market_does_not() {
        let start = Instant::now();
        let later = |minutes| start + Duration::from_mins(minutes);
        let status = |polls, rounds, idle| Status { block: 7, polls, rounds, idle, ..Status::default() };
        let mut beats = Beats { seen: Status::default(), polled: start, decided: start };
        beats.feel(status(1, 1, true), later(1));
        assert!(!beats.is_silent(later(1) + QUIET) && beats.is_silent(later(2)));
        beats.feel(status(2, 1, true), later(10));
        assert!(!beats.is_silent(later(10)), "it answers again");
        assert_eq!(beats.hanging(later(11)), None, "nothing happened, and nothing had to");
        assert!(beats.hanging(later(16)).is_some_and(|what| what.contains("node")));
        beats.feel(status(3, 1, false), later(16));
        beats.feel(status(4, 1, false), later(20));
        assert!(beats.hanging(later(20)).is_some_and(|what| what.contains("agent")));
        beats.feel(status(5, 2, false), later(20));
        assert_eq!(beats.hanging(later(21)), None);
    }

    #[tokio::test]
    async fn no_request_is_answered_by_a_fault_of_the_agent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let watch = Watch { listener, figures: PrometheusBuilder::new().build_recorder().handle() };
        let (_status, status) = watch::channel(Status { block: 7, idle: true, ..Status::default() });
        let (_leads, leads) = watch::channel(true);
        watch.serve(status, leads);
        let goods = ["/metrics", "/live", "/ready"].map(|path| Good::get(path).steady());
        let mut fuzzer = Fuzzer::new(&url, 6, goods);
        fuzzer.run(2000).await;
        fuzzer.came_to(&[200, 404, 405, 431]);
    }
}
