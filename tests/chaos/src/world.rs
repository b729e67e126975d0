//! A node that mines when it is told to, a market on it, and its agents as processes that can be killed.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, Bytes, U64},
    providers::{Provider, ext::AnvilApi},
    rpc::types::{TransactionRequest, anvil::ReorgOptions},
    signers::local::PrivateKeySigner,
};
use chain::anvil::{Anvil, Options, dev_keys};
use runtime::Transax;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    agent::{ACCOUNTS, ALL, ORDERS, Orders},
    market::{INTERVAL_SECONDS, set_up},
    proxy::Proxy,
};

/// Longer than this nothing may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// Whoever has nothing on its way and does not come to rest for so long cannot go on.
const STUCK: Duration = Duration::from_secs(4);
/// How deep the chain can be reorganised without touching what set the market up.
const BLOCKS_BEFORE: u64 = 25;
/// A size of files at which a journal of a few intervals does not fit, in blocks of 512 bytes.
const SMALL_DISK: u32 = 160;
/// So much gas that two such transactions leave no room in a block of 30 million.
const HALF_A_BLOCK: u64 = 14_900_000;

struct Agent {
    process: Child,
    /// The block it is at, and whether it rests there.
    status: Arc<Mutex<(u64, bool)>>,
}

/// All of it.
pub struct World {
    pub anvil: Anvil,
    pub market: Transax,
    pub keys: Vec<PrivateKeySigner>,
    pub proxies: Vec<Proxy>,
    /// How often an agent that had ended by itself was started again.
    pub restarts: u64,
    certificates: Vec<(Address, Bytes)>,
    agents: BTreeMap<&'static str, Agent>,
    small: Vec<&'static str>,
    folder: TempDir,
}

/// What the node and the agents are up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Transactions wait to be mined.
    Pending,
    /// Nobody has anything to do before the clock moves on.
    Rest,
    /// Somebody cannot go on.
    Stuck,
}

impl World {
    /// A market two intervals before the first, and nobody at work. `seed` is of the faults on each of the ways to the node.
    pub async fn start(seed: u64, ways: u64) -> Self {
        let options = Options { accounts: ACCOUNTS, ..Options::default() };
        let (keys, genesis) = (dev_keys(ACCOUNTS), options.timestamp + 2 * INTERVAL_SECONDS);
        let anvil = Anvil::start(options).await.expect("a node");
        let (market, certificates) = set_up(&anvil, &keys, genesis).await;
        let provider = anvil.client().provider().clone();
        provider.anvil_set_auto_mine(false).await.expect("anvil obeys");
        for _ in 0..BLOCKS_BEFORE {
            anvil.mine().await.expect("anvil mines");
        }
        let mut proxies = Vec::new();
        for way in 0..ways {
            proxies.push(Proxy::start(&anvil.url(), seed + way).await);
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (agents, small) = (BTreeMap::new(), Vec::new());
        Self { anvil, market, keys, proxies, restarts: 0, certificates, agents, small, folder }
    }

    pub fn raise_all(&mut self) {
        for name in ALL {
            self.raise(name);
        }
    }

    /// Gives an agent no room for its journal from its next start on, or all it needs.
    pub fn set_small(&mut self, name: &'static str, is_small: bool) {
        self.small.retain(|one| *one != name);
        if is_small {
            self.small.push(name);
        }
    }

    /// Starts an agent, which goes on with its journal.
    pub fn raise(&mut self, name: &'static str) {
        let orders = Orders {
            role: name.to_owned(),
            urls: self.proxies.iter().map(Proxy::url).collect(),
            deployment: self.market.deployment,
            params: self.market.params.clone(),
            journal: self.journal(name),
            certificates: self.certificates.clone(),
        };
        let program = std::env::current_exe().expect("this program has a name");
        let mut command = if self.small.contains(&name) {
            let mut limited = Command::new("sh");
            // A write that is too much is refused, and does not end the process.
            limited.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; exec \"$0\""]);
            limited.arg(&program).arg(SMALL_DISK.to_string());
            limited
        } else {
            Command::new(&program)
        };
        let orders = serde_json::to_string(&orders).expect("orders can be written");
        let process = command.env(ORDERS, orders).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = process.spawn().expect("the program starts");
        let status: Arc<Mutex<(u64, bool)>> = Arc::default();
        let (lines, told) = (BufReader::new(process.stdout.take().expect("its output")), Arc::clone(&status));
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some((block, idle)) = line.split_once(' ') {
                    let now = (block.parse().unwrap_or(0), idle == "1");
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = now;
                }
            }
        });
        self.agents.insert(name, Agent { process, status });
    }

    /// SIGKILL.
    pub fn kill(&mut self, name: &str) {
        if let Some(mut agent) = self.agents.remove(name) {
            agent.process.kill().expect("one's own child can be killed");
            agent.process.wait().expect("it ends");
        }
    }

    /// Overwrites the last page of an agent's journal, and of what was not yet moved there.
    pub fn corrupt(&self, name: &str) {
        let file = self.journal(name);
        for file in [file.clone(), file.with_extension("sqlite-wal")] {
            let Ok(mut file) = fs::File::options().write(true).open(file) else { continue };
            if file.metadata().expect("its size").len() >= 4096 {
                file.seek(SeekFrom::End(-4096)).expect("a place in it");
                file.write_all(&[0xa5; 4096]).expect("written");
            }
        }
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.sqlite"))
    }

    /// Waits until there is something to mine, or everybody that lives rests on the newest block.
    pub async fn next(&mut self) -> Next {
        let begun = Instant::now();
        let mut progress = (Instant::now(), Vec::new());
        loop {
            if self.pending().await > 0 {
                return Next::Pending;
            }
            let head = self.head().await.0;
            let all: Vec<_> = self.agents.values().map(Agent::status).collect();
            // What came between the two looks is found by the second.
            if all.iter().all(|(block, idle)| *idle && *block >= head) && self.pending().await == 0 {
                return Next::Rest;
            }
            self.supervise();
            if progress.1 != all {
                progress = (Instant::now(), all);
            } else if progress.0.elapsed() > STUCK && !self.small.is_empty() {
                return Next::Stuck;
            }
            assert!(begun.elapsed() < PATIENCE, "nobody does anything, and not all rest: {:?}", self.statuses());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn statuses(&self) -> Vec<(&'static str, (u64, bool))> {
        self.agents.iter().map(|(name, agent)| (*name, agent.status())).collect()
    }

    /// Starts again who ended by itself, as an operator's supervisor does.
    fn supervise(&mut self) {
        let has_ended = |agent: &mut Agent| agent.process.try_wait().is_ok_and(|ended| ended.is_some());
        let ended: Vec<_> =
            self.agents.iter_mut().filter_map(|(name, agent)| has_ended(agent).then_some(*name)).collect();
        for name in ended {
            self.agents.remove(name);
            self.restarts += 1;
            self.raise(name);
        }
    }

    /// The newest block's number and time.
    pub async fn head(&self) -> (u64, u64) {
        let head = self.anvil.client().head().await.expect("a head");
        (head.block.number, head.timestamp)
    }

    /// Makes a block of what waits.
    pub async fn mine(&self) {
        self.anvil.mine().await.expect("anvil mines");
    }

    /// Replaces the newest `depth` blocks by empty ones.
    pub async fn reorganise(&self, depth: u64) {
        let options = ReorgOptions { depth, tx_block_pairs: vec![] };
        self.anvil.client().provider().anvil_reorg(options).await.expect("anvil obeys");
    }

    /// Makes a block that others have filled, by paying more for transactions that use all their gas.
    pub async fn fill_a_block(&self) {
        let provider = self.anvil.client().provider();
        let (waste, fees) = (Address::repeat_byte(0xfe), self.anvil.client().fees().await.expect("fees"));
        provider.anvil_set_code(waste, vec![0xfe].into()).await.expect("anvil obeys");
        for key in [10, 11] {
            let transaction = TransactionRequest::default()
                .with_from(self.keys[key].address())
                .with_to(waste)
                .with_gas_limit(HALF_A_BLOCK)
                .with_max_priority_fee_per_gas(fees.tip * 50)
                .with_max_fee_per_gas(fees.max_fee * 10 + fees.tip * 50);
            let _sent = provider.send_transaction(transaction).await.expect("the node signs for its accounts");
        }
        self.mine().await;
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

impl Agent {
    fn status(&self) -> (u64, bool) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let names: Vec<_> = self.agents.keys().copied().collect();
        for name in names {
            self.kill(name);
        }
    }
}
