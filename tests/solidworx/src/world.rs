//! A node that mines when it is told to, a market on it, and its agents in runtimes that can be killed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use alloy::{
    primitives::U64,
    providers::{Provider, ext::AnvilApi},
    signers::local::PrivateKeySigner,
};
use bindings::{
    contracts::SolidWorx as Contract,
    solidworx::{Place, Refused},
};
use chain::{
    SubmitSettings, Submitter,
    anvil::{Anvil, Options, dev_keys},
    deploy_solidworx,
};
use journal::MemoryJournal;
use optimizer::InProcess;
use runtime::{Runtime, Settings, Snapshot, SolidWorx, Status};
use solidworx::{Exchange, SetUp, Side, Terms};
use solidworx_directory::Directory;
use solidworx_prosumer::{Prosumer, Renewal, Wish, WishedAlternative};
use solidworx_solver::Solver;
use tokio::{sync::watch, task::AbortHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::market::listed;

/// Longer than this nothing may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a look for news waits for the next.
const POLL: Duration = Duration::from_millis(2);

/// Names of the runtimes.
pub const PROSUMERS: &str = "prosumers";
pub const DIRECTORY: &str = "directory";
pub const SOLVERS: [&str; 2] = ["solver-a", "solver-b"];
/// Wishes of either side; each pair is worth one unit more than the one before, from one on.
pub const PAIRS: u64 = 2;
/// What the best allocation is worth.
pub const BEST: u128 = 3;

struct Live {
    status: watch::Receiver<Status>,
    handle: AbortHandle,
}

/// All of it.
pub struct World {
    anvil: Anvil,
    place: Place,
    keys: Vec<PrivateKeySigner>,
    live: BTreeMap<&'static str, Live>,
    snapshots: watch::Receiver<Snapshot<Exchange>>,
}

/// Where the chain stands in a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub is_solving: bool,
    /// Whether the phase may be ended.
    pub is_over: bool,
    /// How many offers were posted; told as none until all are, since who is quicker is chance.
    pub offers: u64,
    /// How many assignments of the candidate are not final.
    pub left: u64,
    pub wait: Wait,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Transactions wait to be mined.
    Pending,
    /// A block was just made; agents may not have seen it.
    Mined,
    /// Everybody rests until the clock moves on.
    Rest,
}

/// What the node and the agents are up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Transactions wait to be mined.
    Pending,
    /// Nobody has anything to do before the clock moves on.
    Rest,
}

impl World {
    /// A market in its first offering phase, and everybody at work.
    pub async fn start() -> Self {
        let options = Options::default();
        let keys = dev_keys(options.accounts);
        let anvil = Anvil::start(options).await.expect("a node");
        let mut deployer = Submitter::new(anvil.client().clone(), keys[0].clone(), submit_settings(), Refused::decode);
        let (receive_seconds, solve_seconds) = (600, 300);
        let terms = Terms::new(PAIRS, 1000, 100);
        let set_up =
            SetUp { terms, receive_seconds, solve_seconds, quantity_decimals: 0, price_decimals: 0, deposit: 0 };
        let (place, _) = deploy_solidworx(&mut deployer, &set_up).await.expect("deployed");
        anvil.client().provider().anvil_set_auto_mine(false).await.expect("anvil obeys");
        let (_, snapshots) = watch::channel(Snapshot { sequence: 0, head: None, view: Arc::default() });
        let mut world = Self { anvil, place, keys, live: BTreeMap::new(), snapshots };
        for name in [PROSUMERS, DIRECTORY].into_iter().chain(SOLVERS) {
            world.raise(name);
        }
        world
    }

    /// Starts a runtime that knows nothing yet, unless it lives.
    pub fn raise(&mut self, name: &'static str) {
        if self.live.contains_key(name) {
            return;
        }
        let settings = Settings { poll: POLL, submit: submit_settings(), ..Settings::default() };
        let journal = Arc::new(MemoryJournal::default());
        let mut runtime = Runtime::new(self.anvil.client().clone(), SolidWorx(self.place), journal, settings);
        let key = |place: usize| self.keys[place].clone();
        match name {
            PROSUMERS => {
                for (place, side) in [(1, Side::Providing), (2, Side::Consuming)] {
                    runtime.host(Prosumer::new(format!("{side:?}"), key(place).address(), wishes(side)), key(place));
                }
                self.snapshots = runtime.snapshots();
            }
            // One assignment a page, so that there are pages to be killed between.
            DIRECTORY => runtime.host(Directory::new(name, 1), key(3)),
            solver => {
                let settings = solidworx_solver::Settings::default();
                let key = key(if solver == SOLVERS[0] { 4 } else { 5 });
                runtime.host(Solver::new(solver, settings, Arc::new(InProcess::default())), key);
            }
        }
        let status = runtime.status();
        let handle = tokio::spawn(runtime.run(CancellationToken::new())).abort_handle();
        self.live.insert(name, Live { status, handle });
    }

    /// Ends a runtime in the middle of whatever it does.
    pub fn kill(&mut self, name: &str) {
        self.live.remove(name).expect("it lives").handle.abort();
    }

    /// The market as the prosumers see it, once they see this cycle.
    pub async fn view_of(&mut self, cycle: u64) -> Arc<Exchange> {
        let seen = timeout(PATIENCE, self.snapshots.wait_for(|snapshot| snapshot.view.cycle() >= cycle)).await;
        Arc::clone(&seen.expect("they see it in time").expect("they live").view)
    }

    /// The cycle that the contract is in.
    pub async fn cycle(&self) -> u64 {
        self.status().await._1
    }

    /// Where the contract stands. Its answers have no names: state, cycle, end, first and next offer.
    pub async fn moment(&self, wait: Wait) -> Moment {
        let status = self.status().await;
        let candidate = self.anvil.client().read(self.place.market, &Contract::candidateCall {}).await.expect("told");
        let now = self.anvil.client().head().await.expect("a head").timestamp;
        let offers = status._4 - status._3;
        Moment {
            is_solving: status._0 == 2,
            is_over: now >= status._2,
            offers: if offers == 2 * PAIRS { offers } else { 0 },
            left: candidate._2,
            wait,
        }
    }

    async fn status(&self) -> Contract::statusReturn {
        self.anvil.client().read(self.place.market, &Contract::statusCall {}).await.expect("told")
    }

    /// Waits until there is something to mine, or everybody that lives rests on the newest block.
    pub async fn next(&self) -> Next {
        let seen = async {
            loop {
                if self.pending().await > 0 {
                    return Next::Pending;
                }
                let head = self.anvil.client().head().await.expect("a head").block.number;
                let rests = |live: &Live| {
                    let status = live.status.borrow();
                    status.idle && status.block >= head
                };
                // What came between the two looks is found by the second.
                if self.live.values().all(rests) && self.pending().await == 0 {
                    return Next::Rest;
                }
                tokio::time::sleep(POLL).await;
            }
        };
        timeout(PATIENCE, seen).await.expect("somebody does something, or all rest")
    }

    /// Makes a block of what waits.
    pub async fn mine(&self) {
        self.anvil.mine().await.expect("anvil mines");
    }

    /// Moves the clock to the end of the phase.
    pub async fn end_phase(&self) {
        self.anvil.warp_to(self.status().await._2).await.expect("the clock moves");
    }

    async fn pending(&self) -> u64 {
        #[derive(Debug, serde::Deserialize)]
        struct Pool {
            pending: U64,
        }
        let pool: Pool = self.anvil.client().provider().raw_request("txpool_status".into(), ()).await.expect("a pool");
        pool.pending.to()
    }
}

fn wishes(side: Side) -> Vec<Wish> {
    let one = |number| {
        let alternatives = vec![WishedAlternative { listed: listed(number, number + 1), last_cycle: u64::MAX }];
        Wish { misc: number, side, first_cycle: 1, renewal: Renewal::Whole, alternatives }
    };
    (0..PAIRS).map(one).collect()
}

fn submit_settings() -> SubmitSettings {
    SubmitSettings { longest_pause: Duration::from_millis(5), ..SubmitSettings::default() }
}
