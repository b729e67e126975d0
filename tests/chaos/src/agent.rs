//! A process that acts for somebody, as the conductor told it.

use std::{
    collections::BTreeMap,
    error::Error,
    io::Read,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use chain::{Client, EndpointSettings, SubmitSettings};
use journal::{Place, Store};
use runtime::{Agent, Protocol, Runtime, Settings, Status};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{computing, trading};

/// The environment variable by which a process is told that it acts, and for whom.
pub const ORDERS: &str = "CHAOS_AGENT";

/// How many accounts the node funds.
pub const ACCOUNTS: u32 = 12;

/// What a process is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    pub role: String,
    /// Ways to the node.
    pub urls: Vec<String>,
    pub journal: PathBuf,
    /// Where it may keep what outlives it.
    pub folder: PathBuf,
    pub part: Part,
}

/// What it is in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Part {
    Trading(trading::Part),
    Computing(Box<computing::Part>),
}

/// Acts until it is killed, or whoever started it is gone.
pub async fn act(orders: Orders) -> Result<(), Box<dyn Error>> {
    std::thread::spawn(|| {
        // Ends with the process at the other end.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    say(Said::Begins { at: machine_seconds() });
    match &orders.part {
        Part::Trading(part) => trading::act(&orders, part).await,
        Part::Computing(part) => computing::act(&orders, part).await,
    }
}

/// Hosts agents of a market on the chain of that number, with a journal in the file that was named.
pub async fn host<P: Protocol>(
    orders: &Orders,
    chain_id: u64,
    token: Address,
    protocol: P,
    enter: impl FnOnce(&mut Stage<P>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let contracts: Vec<_> = protocol.contracts().into_iter().chain([token]).collect();
    let client = connected(&orders.urls, chain_id, &contracts).await;
    let store = Store::open(Place::File(orders.journal.clone())).await?;
    let journal = Arc::new(store.journal("market").await?);
    let mut stage = Stage { runtime: Runtime::new(client, protocol, journal, settings()), store };
    enter(&mut stage)?;
    tokio::spawn(tell(stage.runtime.status()));
    Ok(stage.runtime.run(CancellationToken::new()).await?)
}

/// Where agents act, with what they send written down.
pub struct Stage<P: Protocol> {
    runtime: Runtime<P>,
    store: Store,
}

impl<P: Protocol> Stage<P> {
    /// An agent comes, who acts with this key.
    pub fn enter(&mut self, agent: impl Agent<P>, key: PrivateKeySigner) {
        let account = self.store.account(&key.address().to_string());
        self.runtime.host_keeping(agent, key, account);
    }
}

/// Tries until the node answers: nothing is decided before.
async fn connected(urls: &[String], chain_id: u64, contracts: &[Address]) -> Client {
    loop {
        let endpoints = EndpointSettings {
            survey_every: Duration::from_millis(100),
            first_rest: Duration::from_millis(20),
            longest_rest: Duration::from_millis(200),
            ..EndpointSettings::default()
        };
        let settings =
            chain::Settings { request_timeout: Duration::from_secs(5), endpoints, ..chain::Settings::default() };
        if let Ok(client) = Client::connect_all(urls, settings).await
            && client.expect(chain_id, contracts).await.is_ok()
        {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn settings() -> Settings {
    let submit = SubmitSettings {
        patience: Duration::from_secs(5),
        longest_pause: Duration::from_millis(20),
        raise_after: Duration::from_secs(1),
        ..SubmitSettings::default()
    };
    let (poll, longest_pause) = (Duration::from_millis(10), Duration::from_millis(100));
    Settings { poll, submit, longest_pause, ..Settings::default() }
}

/// Prints a line whenever something was done: the block it is at, whether anything is left to do, what was done.
async fn tell(mut status: watch::Receiver<Status>) {
    let mut told = BTreeMap::new();
    while status.changed().await.is_ok() {
        let Status { block, idle, landed, .. } = *status.borrow_and_update();
        let now = BTreeMap::from([("block", block), ("idle", idle.into()), ("landed", landed)]);
        if now != told {
            say(Said::Block { block, rests: idle });
            told = now;
        }
    }
}

/// What a process prints, a line each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// It begins, when its machine's clock says this, Unix seconds.
    Begins { at: u64 },
    /// It has read the chain to this block, and has nothing to do there, or has.
    Block { block: u64, rests: bool },
    /// It serves others at this port, and reads no chain.
    Serves { port: u16 },
}

/// What the machine's clock says, Unix seconds.
pub fn machine_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

pub fn say(what: Said) {
    println!("{}", serde_json::to_string(&what).expect("it can be written"));
}
