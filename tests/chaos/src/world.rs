//! A node that mines when it is told to, what is deployed on it, and those who act as processes that can be killed.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use alloy::{
    network::TransactionBuilder,
    primitives::{Address, U64},
    providers::{Provider, ext::AnvilApi},
    rpc::types::{TransactionRequest, anvil::ReorgOptions},
    signers::local::PrivateKeySigner,
};
use chain::anvil::{Anvil, Options, dev_keys};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    agent::{ACCOUNTS, ORDERS, Orders, Part, Said, machine_seconds},
    ambush::Ambush,
    clocks,
    door::{Behind, Door},
    proxy::Proxy,
    story::Story,
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
    /// What it said last.
    said: Arc<Mutex<Said>>,
}

/// All of it.
pub struct World {
    pub anvil: Anvil,
    pub keys: Vec<PrivateKeySigner>,
    pub proxies: Vec<Proxy>,
    /// How often an agent that had ended by itself was started again.
    pub restarts: u64,
    /// Who is to be killed at work, and how often that was done.
    pub ambush: Option<Ambush>,
    pub ambushed: u64,
    part: Part,
    door: Door,
    agents: BTreeMap<&'static str, Agent>,
    small: Vec<&'static str>,
    clocks: &'static [(&'static str, &'static str)],
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
    /// What a story needs, and nobody at work. `seed` is of the faults on each of the ways to the node.
    pub async fn start(story: &mut impl Story, seed: u64, ways: u64) -> Self {
        let anvil = Anvil::start(Options { accounts: ACCOUNTS, ..Options::default() }).await.expect("a node");
        let (keys, door) = (dev_keys(ACCOUNTS), Door::open().await.expect("a port"));
        let part = story.set_up(&anvil, &keys, &door.url()).await;
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
        Self {
            anvil,
            keys,
            proxies,
            restarts: 0,
            ambush: None,
            ambushed: 0,
            part,
            door,
            agents,
            small,
            clocks: &[],
            folder,
        }
    }

    pub fn raise_all(&mut self, cast: &[&'static str]) {
        for name in cast {
            self.raise(name);
        }
    }

    /// Where those who act keep what outlives them.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn lives(&self, name: &str) -> bool {
        self.agents.contains_key(name)
    }

    /// Gives an agent no room for its journal from its next start on, or all it needs.
    pub fn set_small(&mut self, name: &'static str, is_small: bool) {
        self.small.retain(|one| *one != name);
        if is_small {
            self.small.push(name);
        }
    }

    /// Sets the clocks of the machines of those who are named.
    pub const fn set_clocks(&mut self, clocks: &'static [(&'static str, &'static str)]) {
        self.clocks = clocks;
    }

    /// Starts an agent, which goes on with its journal.
    pub fn raise(&mut self, name: &'static str) {
        let orders = Orders {
            role: name.to_owned(),
            urls: self.proxies.iter().map(Proxy::url).collect(),
            journal: self.journal(name),
            folder: self.folder.path().to_owned(),
            part: self.part.clone(),
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
        command.env(ORDERS, orders).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let clock = self.clocks.iter().find(|(one, _)| *one == name);
        if let Some((_, skew)) = clock {
            clocks::skew(&mut command, skew);
        }
        let mut process = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        if clock.is_some() {
            let begins = lines.next().and_then(|line| serde_json::from_str(&line).ok());
            let is_wrong = |at: u64| at.abs_diff(machine_seconds()) > clocks::LEAST_SECONDS;
            assert!(matches!(begins, Some(Said::Begins { at }) if is_wrong(at)), "the clock of {name} is right");
        }
        let said = Arc::new(Mutex::new(Said::Block { block: 0, rests: false }));
        let (told, door) = (Arc::clone(&said), self.door.clone());
        std::thread::spawn(move || {
            for line in lines {
                let Ok(now) = serde_json::from_str(&line) else { continue };
                if let Said::Serves { port } = now {
                    door.lead_to(Behind::Port(port));
                }
                *told.lock().unwrap_or_else(PoisonError::into_inner) = now;
            }
        });
        self.agents.insert(name, Agent { process, said });
    }

    /// SIGKILL.
    pub fn kill(&mut self, name: &str) {
        if let Some(mut agent) = self.agents.remove(name) {
            agent.process.kill().expect("one's own child can be killed");
            agent.process.wait().expect("it ends");
            if matches!(agent.said(), Said::Serves { .. }) {
                self.door.lead_to(Behind::Soon);
            }
        }
    }

    /// The same, for good.
    pub fn dismiss(&mut self, name: &str) {
        let serves = self.agents.get(name).is_some_and(|agent| matches!(agent.said(), Said::Serves { .. }));
        self.kill(name);
        if serves {
            self.door.lead_to(Behind::Nobody);
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
            self.spring();
            if self.pending().await > 0 {
                return Next::Pending;
            }
            let head = self.head().await.0;
            let all: Vec<_> = self.agents.values().map(Agent::said).collect();
            let has_nothing_to_do = |said: &Said| match *said {
                Said::Block { block, rests } => rests && block >= head,
                Said::Serves { .. } => true,
                Said::Begins { .. } => false,
            };
            // What came between the two looks is found by the second.
            if all.iter().all(has_nothing_to_do) && self.pending().await == 0 {
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

    fn statuses(&self) -> Vec<(&'static str, Said)> {
        self.agents.iter().map(|(name, agent)| (*name, agent.said())).collect()
    }

    /// Kills who was waited for, and starts it again.
    fn spring(&mut self) {
        let (folder, ambush) = (self.folder.path(), self.ambush.as_mut());
        if let Some(agent) = ambush.and_then(|ambush| ambush.is_sprung(folder).then_some(ambush.agent)) {
            self.kill(agent);
            self.raise(agent);
            self.ambushed += 1;
        }
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

    /// Makes a block of this time, Unix seconds.
    pub async fn warp_to(&self, time: u64) {
        self.anvil.warp_to(time).await.expect("the clock moves");
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
    fn said(&self) -> Said {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner)
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
