//! A node at work: the protocol between the network and the mining thread.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use pow::{Block, Effect, Input, Keys, Node, NodeId, Status};
use pow_kernel::Kernel;
use tokio::{net::TcpListener, sync::mpsc};

use crate::{
    Genesis, Job, Mined, Miner, NodeKeys, ParseIdError, parse_id,
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
    /// Who it is.
    pub keys: NodeKeys,
    /// Where it is reached.
    pub listener: TcpListener,
    /// What it hashes with.
    pub kernel: Box<dyn Kernel>,
    /// At most so many hashes a second.
    pub rate_limit: Option<u64>,
}

/// What is seen of a node from outside.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its role, height, manager, leases.
    pub status: Status,
    /// Hashes computed so far.
    pub hashes: u64,
    /// Connections that are up.
    pub connected: usize,
    /// Rates that it has measured as a manager, hashes a second.
    pub rates: Vec<(NodeId, u64)>,
}

/// What happens in a node.
#[derive(Clone, Debug)]
pub enum Event {
    /// A block was decided, at a time (milliseconds since 1970), when so many hashes had been computed here.
    Decided(Box<Block>, u64, u64),
    /// How it stands, four times a second and after each block.
    Snapshot(Box<Snapshot>),
}

/// Runs a node until `tell` says that it is enough, by returning false.
pub async fn run(options: Options, mut tell: impl FnMut(Event) -> bool) -> Result<(), ParseIdError> {
    let Options { genesis, keys, listener, kernel, rate_limit } = options;
    let me = keys.id();
    let (report, mut heard) = mpsc::channel(QUEUE);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(listen(listener, keys.clone(), report.clone()));
    for member in &genesis.members {
        let peer = parse_id(&member.id)?;
        // One connection for two nodes: the one with the greater id calls.
        if peer < me {
            tasks.spawn(connect(peer, member.address, keys.clone(), report.clone()));
        }
    }
    let (tell_found, mut finds) = mpsc::unbounded_channel();
    let miner = Miner::start(kernel, rate_limit, move |found| drop(tell_found.send(found)));
    let node = Node::new(genesis.params.clone(), genesis.ids()?, Box::new(keys), now_ms());
    let mut host = Host { node, peers: Peers::default(), miner };
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
        if !host.handle(input, &mut tell) {
            return Ok(());
        }
    }
}

struct Host {
    node: Node,
    peers: Peers,
    miner: Miner,
}

impl Host {
    fn handle(&mut self, input: Input, tell: &mut impl FnMut(Event) -> bool) -> bool {
        let mut goes_on = true;
        for effect in self.node.handle(now_ms(), input) {
            match effect {
                Effect::Send { to, envelope } => to.into_iter().for_each(|peer| self.peers.send(peer, &envelope)),
                Effect::Search { header, lease } => self.miner.search(Job { header, lease }),
                Effect::Stop => self.miner.stop(),
                Effect::Decided(block) => {
                    goes_on &= tell(Event::Decided(block, now_ms(), self.miner.hashes()));
                    goes_on &= tell(self.snapshot());
                }
            }
        }
        goes_on
    }

    fn snapshot(&self) -> Event {
        let members = self.node.chain().members().iter();
        let rates = members.map(|member| (*member, self.node.measured_rate(*member))).filter(|(_, rate)| *rate > 0);
        Event::Snapshot(Box::new(Snapshot {
            status: self.node.status(),
            hashes: self.miner.hashes(),
            connected: self.peers.connected(),
            rates: rates.collect(),
        }))
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
