//! One agent, or all of a kind, as a process of its own.

use std::{collections::BTreeMap, error::Error, io::Read, path::PathBuf, sync::Arc, time::Duration};

use alloy::primitives::{Address, Bytes};
use bindings::Deployment;
use chain::{Client, EndpointSettings, SubmitSettings, anvil::dev_keys};
use journal::{Place, Store};
use optimizer::InProcess;
use runtime::{Runtime, Settings, Status, Transax};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use transax::{Params, Side};
use transax_dso::Dso;
use transax_meter::{Meter, Source};
use transax_prosumer::{Behaviour, Prosumer, Recorded, RecordedOffer};
use transax_solver::Solver;
use units::{IntervalIndex, Price, WattHours};

/// The environment variable by which a process is told that it is an agent, and which.
pub const ORDERS: &str = "CHAOS_AGENT";

pub const PROSUMERS: &str = "prosumers";
pub const METERS: &str = "meters";
pub const DSO: &str = "dso";
pub const SOLVERS: [&str; 2] = ["solver-a", "solver-b"];
pub const ALL: [&str; 5] = [PROSUMERS, METERS, DSO, SOLVERS[0], SOLVERS[1]];

/// How many accounts the node funds.
pub const ACCOUNTS: u32 = 12;
/// Places of keys: the first of the homes', and of their meters'.
pub const FIRST_HOME: usize = 4;
pub const FIRST_METER: usize = 7;
pub const HOMES: usize = 3;
/// The last interval in which anything is offered; the first is 1.
pub const LAST: u32 = 4;

/// What a process is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    pub role: String,
    pub urls: Vec<String>,
    pub deployment: Deployment,
    pub params: Params,
    pub journal: PathBuf,
    pub certificates: Vec<(Address, Bytes)>,
}

/// What a home offers: in each interval the first sells what the two others buy together, so that there is one best plan.
pub fn offers(home: usize) -> Vec<RecordedOffer> {
    let (side, energy, price) =
        [(Side::Sell, 500, 100_000), (Side::Buy, 300, 200_000), (Side::Buy, 200, 260_000)][home];
    let offer = |interval| RecordedOffer {
        side,
        energy: WattHours(energy),
        price: Price(price),
        start: IntervalIndex(interval),
        end: IntervalIndex(interval),
    };
    (1..=LAST).map(offer).collect()
}

/// Acts until it is killed, or whoever started it is gone.
pub async fn act(orders: Orders) -> Result<(), Box<dyn Error>> {
    std::thread::spawn(|| {
        // Ends with the process at the other end.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let client = connected(&orders).await;
    let store = Store::open(Place::File(orders.journal.clone())).await?;
    let journal = Arc::new(store.journal("market").await?);
    let protocol = Transax { deployment: orders.deployment, params: orders.params.clone() };
    let mut runtime = Runtime::new(client, protocol, journal, settings());
    host(&mut runtime, &orders);
    tokio::spawn(tell(runtime.status()));
    Ok(runtime.run(CancellationToken::new()).await?)
}

/// Tries until the node answers: nothing is decided before.
async fn connected(orders: &Orders) -> Client {
    let contracts = [orders.deployment.market, orders.deployment.token];
    loop {
        let endpoints = EndpointSettings {
            survey_every: Duration::from_millis(100),
            first_rest: Duration::from_millis(20),
            longest_rest: Duration::from_millis(200),
            ..EndpointSettings::default()
        };
        let settings =
            chain::Settings { request_timeout: Duration::from_secs(5), endpoints, ..chain::Settings::default() };
        if let Ok(client) = Client::connect_all(&orders.urls, settings).await
            && client.expect(orders.deployment.chain_id, &contracts).await.is_ok()
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

fn host(runtime: &mut Runtime, orders: &Orders) {
    let keys = dev_keys(ACCOUNTS);
    match orders.role.as_str() {
        PROSUMERS => {
            for home in 0..HOMES {
                let key = &keys[FIRST_HOME + home];
                let behaviour = Behaviour::Recorded(Recorded { offers: offers(home), ahead: 2 });
                let settings = transax_prosumer::Settings {
                    certificate: Some(orders.certificates[home].clone()),
                    last: IntervalIndex(LAST),
                    deposit_every: 2,
                };
                runtime.host(Prosumer::new(format!("home {home}"), key.address(), behaviour, settings), key.clone());
            }
        }
        METERS => {
            for home in 0..HOMES {
                let prosumer = keys[FIRST_HOME + home].address();
                let meter = Meter::new(format!("meter {home}"), prosumer, Source::AsOffered, |_| {});
                runtime.host(meter, keys[FIRST_METER + home].clone());
            }
        }
        DSO => runtime.host(Dso::new(DSO), keys[1].clone()),
        solver => {
            let key = if solver == SOLVERS[0] { 2 } else { 3 };
            let optimizer = Arc::new(InProcess::default());
            runtime.host(Solver::new(solver, transax_solver::Settings::default(), optimizer), keys[key].clone());
        }
    }
}

/// Prints a line whenever something was done: the block it is at, whether anything is left to do, what was done.
async fn tell(mut status: watch::Receiver<Status>) {
    let mut told = BTreeMap::new();
    while status.changed().await.is_ok() {
        let Status { block, idle, landed, .. } = *status.borrow_and_update();
        let now = BTreeMap::from([("block", block), ("idle", idle.into()), ("landed", landed)]);
        if now != told {
            println!("{block} {}", u8::from(idle));
            told = now;
        }
    }
}
