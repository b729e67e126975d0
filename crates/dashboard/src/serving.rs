//! Following markets and serving what is known of them, until it is time to stop.

use std::{future::Future, io, num::NonZeroUsize, sync::Arc, time::Duration};

use axum::{Router, middleware};
use chain::Client;
use journal::Journal;
use runtime::{Modicum, Runtime, RuntimeError, Snapshot, SolidWorx, Transax};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;
use web::{Addresses, Rate};

use crate::{
    documents,
    events::{self, announce},
    guard::{Guard, guard},
    hub::Hub,
    page,
    watched::{Chronicle, Seen, Watched},
};

/// A market that is followed.
pub struct Followed<P> {
    /// Its chain.
    pub client: Client,
    /// Where it is, and how its logs are read.
    pub protocol: P,
    /// Digits of its token after the point.
    pub token_decimals: u8,
    /// What it emitted; this market's, and nobody else's to write.
    pub journal: Arc<dyn Journal>,
}

/// How a dashboard behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often chains are asked for news.
    pub poll: Duration,
    /// Names under which it may be asked, beside addresses and `localhost`.
    pub names: Vec<String>,
    /// What one address may ask.
    pub rate: Rate,
    /// How many may listen to events at once.
    pub listeners: NonZeroUsize,
    /// How often listeners are told that the connection lives.
    pub heartbeat: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            names: Vec::new(),
            rate: Rate { burst: 300, per_second: 50 },
            listeners: NonZeroUsize::new(64).expect("64 is not 0"),
            heartbeat: Duration::from_secs(15),
        }
    }
}

/// Why a dashboard ended although nobody stopped it.
#[derive(Debug, Error)]
pub enum DashboardError {
    /// A market can be followed no further.
    #[error("a market can be followed no further")]
    Runtime(#[from] RuntimeError),
    /// A task panicked.
    #[error("a task of the dashboard failed")]
    Task(#[from] JoinError),
    /// Nothing can be served.
    #[error("the server failed")]
    Serve(#[from] io::Error),
}

/// What a market looks like, always the newest block.
pub struct Seat<P: Chronicle> {
    pub(crate) protocol: P,
    pub(crate) token_decimals: u8,
    snapshots: watch::Receiver<Snapshot<Seen<P::View, P::History>>>,
}

impl<P: Chronicle> Seat<P> {
    /// What is known; without a head while the past is still being read.
    pub(crate) fn snapshot(&self) -> Snapshot<Seen<P::View, P::History>> {
        self.snapshots.borrow().clone()
    }
}

/// What handlers know.
pub struct Shared {
    pub(crate) hub: Arc<Hub>,
    pub(crate) listeners: Arc<Semaphore>,
    pub(crate) heartbeat: Duration,
    pub(crate) stopping: CancellationToken,
    pub(crate) chain_id: Option<u64>,
    pub(crate) transax: Option<Seat<Transax>>,
    pub(crate) modicum: Option<Seat<Modicum>>,
    pub(crate) solidworx: Option<Seat<SolidWorx>>,
}

/// Markets with one page over them.
pub struct Dashboard {
    settings: Settings,
    hub: Arc<Hub>,
    stopping: CancellationToken,
    tasks: JoinSet<Result<(), RuntimeError>>,
    shared: Shared,
}

impl Dashboard {
    /// One without markets so far.
    pub fn new(settings: Settings) -> Self {
        let hub = Arc::new(Hub::new(web::now_ms()));
        let stopping = CancellationToken::new();
        let shared = Shared {
            hub: Arc::clone(&hub),
            listeners: Arc::new(Semaphore::new(settings.listeners.get())),
            heartbeat: settings.heartbeat,
            stopping: stopping.clone(),
            chain_id: None,
            transax: None,
            modicum: None,
            solidworx: None,
        };
        Self { settings, hub, stopping, tasks: JoinSet::new(), shared }
    }

    /// Follows a TRANSAX market, which a wallet on the page can trade in.
    pub fn transax(&mut self, market: Followed<Transax>) {
        self.shared.chain_id = Some(market.client.chain_id());
        self.shared.transax = Some(self.follow(market));
    }

    /// Follows a `MODiCuM` market.
    pub fn modicum(&mut self, market: Followed<Modicum>) {
        self.shared.modicum = Some(self.follow(market));
    }

    /// Follows a `SolidWorx` market.
    pub fn solidworx(&mut self, market: Followed<SolidWorx>) {
        self.shared.solidworx = Some(self.follow(market));
    }

    fn follow<P: Chronicle + Clone>(&mut self, market: Followed<P>) -> Seat<P> {
        let Followed { client, protocol, token_decimals, journal } = market;
        let settings = runtime::Settings { poll: self.settings.poll, ..runtime::Settings::default() };
        let runtime = Runtime::new(client, Watched(protocol.clone()), journal, settings);
        let snapshots = runtime.snapshots();
        self.tasks.spawn(runtime.run(self.stopping.clone()));
        tokio::spawn(announce::<P>(snapshots.clone(), Arc::clone(&self.hub)));
        Seat { protocol, token_decimals, snapshots }
    }

    /// Serves the page until `stop` ends, or a market can be followed no further.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), DashboardError> {
        let Self { settings, stopping, mut tasks, shared, .. } = self;
        let door = Arc::new(Guard { names: settings.names, addresses: Addresses::new(settings.rate) });
        let router = Router::new().merge(page::routes()).merge(documents::routes()).merge(events::routes());
        let router = router
            .fallback(documents::nowhere)
            .with_state(Arc::new(shared))
            .layer(middleware::from_fn_with_state(door, guard));
        let serving = tokio::spawn(web::serve(listener, router, stopping.clone().cancelled_owned()));
        let mut outcome = tokio::select! {
            () = stop => Ok(()),
            Some(ended) = tasks.join_next() => ended.map_err(DashboardError::from).and_then(|ended| Ok(ended?)),
        };
        stopping.cancel();
        while let Some(ended) = tasks.join_next().await {
            outcome = outcome.and(ended.map_err(DashboardError::from).and_then(|ended| Ok(ended?)));
        }
        serving.await??;
        outcome
    }
}

impl<P: Chronicle> Seat<P> {
    /// The contract.
    pub(crate) fn market(&self) -> alloy::primitives::Address {
        self.protocol.contracts().first().copied().unwrap_or_default()
    }
}
