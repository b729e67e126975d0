//! A market on a node of its own, and a runtime that runs beside the test.

use std::{sync::Arc, time::Duration};

use alloy::signers::local::PrivateKeySigner;
use bindings::Refused;
use chain::{
    SubmitSettings, Submitter,
    anvil::{Anvil, Options, dev_keys},
    deploy_market, deploy_token,
};
use journal::{Journal, MemoryJournal};
use runtime::{Failure, Runtime, RuntimeError, Settings, Snapshot, Status, Transax};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use transax::{Market, Params, PriceRule};
use units::Price;

pub struct Host {
    pub anvil: Anvil,
    pub keys: Vec<PrivateKeySigner>,
    pub protocol: Transax,
    pub journal: Arc<MemoryJournal>,
}

/// A runtime at work.
pub struct Running {
    pub status: watch::Receiver<Status>,
    pub failures: watch::Receiver<Option<Failure>>,
    pub snapshots: watch::Receiver<Snapshot<Market>>,
    pub stop: CancellationToken,
    pub task: JoinHandle<Result<(), RuntimeError>>,
}

impl Host {
    pub async fn deploy() -> Self {
        let options = Options::default();
        let (keys, genesis) = (dev_keys(options.accounts), options.timestamp + 3600);
        let anvil = Anvil::start(options).await.unwrap();
        let client = anvil.client().clone();
        let mut dso = Submitter::new(client, keys[0].clone(), SubmitSettings::default(), Refused::decode);
        let token = deploy_token(&mut dso).await.unwrap();
        let params = Params {
            dso: keys[0].address(),
            token,
            genesis,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        let deployment = deploy_market(&mut dso, &params).await.unwrap();
        Self { anvil, keys, protocol: Transax::new(deployment, params), journal: Arc::default() }
    }

    pub fn runtime(&self) -> Runtime {
        let settings = Settings { poll: Duration::from_millis(5), ..Settings::default() };
        let journal = Arc::clone(&self.journal) as Arc<dyn Journal>;
        Runtime::new(self.anvil.client().clone(), self.protocol.clone(), journal, settings)
    }
}

impl Running {
    pub fn start(runtime: Runtime) -> Self {
        let (status, failures, snapshots) = (runtime.status(), runtime.failures(), runtime.snapshots());
        let stop = CancellationToken::new();
        let task = tokio::spawn(runtime.run(stop.clone()));
        Self { status, failures, snapshots, stop, task }
    }

    /// Waits until nothing is left to do from block `block` on.
    pub async fn idle_from(&mut self, block: u64) -> Status {
        self.until(|status| status.idle && status.block >= block).await
    }

    pub async fn until(&mut self, reached: impl FnMut(&Status) -> bool) -> Status {
        *tokio::time::timeout(Duration::from_secs(20), self.status.wait_for(reached)).await.expect("in time").unwrap()
    }

    pub fn groups(&self) -> usize {
        self.snapshots.borrow().view.groups().count()
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}
