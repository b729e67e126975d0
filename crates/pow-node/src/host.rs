//! A node at work: the protocol between the network and the mining thread.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use pow::{Block, Chain, Effect, Input, Keys, Node, Role, Status, Unsound};
use pow_kernel::Kernel;
use thiserror::Error;
use tokio::{net::TcpListener, sync::mpsc};

use crate::{
    Genesis, Job, LogError, Member, Mined, Miner, NodeKeys, ParseIdError, Snapshot,
    log::Log,
    parse_id,
    peers::{Heard, Peers, connect, listen},
};

/// How often the node is told that time passes.
const TICK: Duration = Duration::from_millis(10);
/// How often a snapshot is given.
const SNAPSHOT: Duration = Duration::from_millis(250);
/// How many messages wait to be handled.
const QUEUE: usize = 4_096;

/// What a node runs with.
pub struct Options {
    /// The chain.
    pub genesis: Genesis,
    /// Members that came later, which this node calls, and which do not call it.
    pub peers: Vec<Member>,
    /// Who it is.
    pub keys: NodeKeys,
    /// Where it writes down what it must not forget; a node that is started again goes on from there.
    pub folder: PathBuf,
    /// Where it is reached.
    pub listener: TcpListener,
    /// What it hashes with.
    pub kernel: Box<dyn Kernel>,
    /// At most so many hashes a second.
    pub rate_limit: Option<u64>,
}

/// A block, as a node saw it decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The block.
    pub block: Block,
    /// When this node learnt of it, milliseconds since 1970.
    pub at_ms: u64,
    /// What this node had hashed by then.
    pub hashes: u64,
    /// Of these, in ranges that every miner searches.
    pub hashes_alone: u64,
}

/// What happens in a node.
#[derive(Clone, Debug)]
pub enum Event {
    /// A block was decided.
    Decided(Box<Decision>),
    /// How it stands: four times a second, when its role changes, and when a manager has leased its first range.
    Snapshot(Box<Snapshot>),
}

/// Why a node cannot run, or does not run any more.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The genesis names a node by what is no id.
    #[error("the genesis names a member wrongly")]
    Genesis(#[from] ParseIdError),
    /// What it must not forget cannot be read, or not be written.
    #[error("the node's records are not usable")]
    Log(#[from] LogError),
    /// Its records hold a block that does not follow.
    #[error("the node's records do not hold together")]
    Records(#[from] Unsound),
}

/// Runs a node until `tell` says that it is enough, by returning false.
pub async fn run(options: Options, mut tell: impl FnMut(Event) -> bool) -> Result<(), NodeError> {
    let Options { genesis, peers, keys, folder, listener, kernel, rate_limit } = options;
    let me = keys.id();
    let (members, params) = (genesis.ids()?, genesis.params.clone());
    let (log, records) = Log::open(&folder, me, Chain::new(params.clone(), members.clone()).tip())?;
    let its = Box::new(keys.clone());
    let node = match records {
        Some(records) => Node::restore(params, members, its, now_ms(), records)?,
        None => Node::new(params, members, its, now_ms()),
    };
    let (report, mut heard) = mpsc::channel(QUEUE);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(listen(listener, keys.clone(), report.clone()));
    let is_first = genesis.members.iter().any(|member| parse_id(&member.id) == Ok(me));
    for (member, is_called) in
        genesis.members.iter().map(|member| (member, !is_first)).chain(peers.iter().map(|peer| (peer, true)))
    {
        let peer = parse_id(&member.id)?;
        // One connection for two first members: the one with the greater id calls. A node that came later calls all.
        if peer < me || (is_called && peer != me) {
            tasks.spawn(connect(peer, member.address, keys.clone(), report.clone()));
        }
    }
    let (tell_found, mut finds) = mpsc::unbounded_channel();
    let miner = Miner::start(kernel, rate_limit, move |found| drop(tell_found.send(found)));
    let mut host = Host { node, log, peers: Peers::default(), miner, told: None };
    let (mut tick, mut snapshot) = (tokio::time::interval(TICK), tokio::time::interval(SNAPSHOT));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let input = tokio::select! {
            biased;
            Some(found) = finds.recv() => match found {
                Mined::Found(header) => Input::Found(header),
                Mined::Searched(report, rate) => Input::Searched { report, rate },
            },
            Some(heard) = heard.recv() => match heard {
                Heard::Up(peer, queue) => {
                    host.peers.up(peer, queue);
                    continue;
                }
                Heard::Message(envelope) => Input::Received(Arc::new(*envelope)),
            },
            _ = tick.tick() => Input::Tick,
            _ = snapshot.tick() => {
                if tell(host.snapshot()) {
                    continue;
                }
                return Ok(());
            }
        };
        if !host.handle(input, &mut tell)? {
            return Ok(());
        }
    }
}

struct Host {
    node: Node,
    log: Log,
    peers: Peers,
    miner: Miner,
    /// Role, height, term, and whether it has leased a range, as they were told last.
    told: Option<(Role, u32, u32, bool)>,
}

impl Host {
    /// Whether the node is to go on. Nothing is said that follows from what could not be written down.
    fn handle(&mut self, input: Input, tell: &mut impl FnMut(Event) -> bool) -> Result<bool, LogError> {
        let mut goes_on = true;
        for effect in self.node.handle(now_ms(), input) {
            match effect {
                Effect::Keep(records) => self.log.append(&records)?,
                Effect::Send { to, envelope } => to.into_iter().for_each(|peer| self.peers.send(peer, &envelope)),
                Effect::Search { header, lease } => self.miner.search(Job { header, lease }),
                Effect::Stop => self.miner.stop(),
                Effect::Decided(block) => goes_on &= tell(Event::Decided(Box::new(self.decision(*block)))),
            }
        }
        let Status { role, height, term, leases, .. } = self.node.status();
        let has_leased = role == Role::Active && !leases.is_empty();
        let stands = Some((role, height, term, has_leased));
        if stands != self.told {
            self.told = stands;
            goes_on &= tell(self.snapshot());
        }
        Ok(goes_on)
    }

    fn decision(&self, block: Block) -> Decision {
        Decision { block, at_ms: now_ms(), hashes: self.miner.hashes(), hashes_alone: self.miner.hashes_alone() }
    }

    fn snapshot(&self) -> Event {
        Event::Snapshot(Box::new(Snapshot::of(&self.node, &self.peers, &self.miner)))
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
