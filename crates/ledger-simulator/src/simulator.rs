//! The simulation: its state, its clock, and what a user of it can do.

use serde::{Deserialize, Serialize};
use simulation::{EventQueue, Micros, Random};

use crate::{
    block::{Block, Conflict},
    config::{Config, ConfigError, Dissemination, Protocol, VotePayload},
    message::Pool,
    network::{Links, Observed, Topology, megabytes},
    node::Node,
    scenario::{Change, Transaction, transactions},
};

/// At most so many transactions of phases without an end.
const MOST_TRANSACTIONS: usize = 4_000_000;

/// Something that happens.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A copy of a message reaches the end of a link.
    Deliver { message: u32, arc: u32 },
    /// A proposer makes its block.
    Propose { node: u32, timer: u32 },
    /// Nothing was decided in time.
    Timeout { node: u32, timer: u32 },
    /// Not all answered in time.
    FastPath { node: u32, timer: u32 },
    /// A node changes.
    Change { index: u32 },
}

/// The configuration, as the rules need it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) nodes: u32,
    pub(crate) quorum: u32,
    pub(crate) faults: u32,
    pub(crate) gossip: bool,
    pub(crate) noise: f64,
    pub(crate) votes: VotePayload,
    pub(crate) base_bytes: u32,
    pub(crate) header_bytes: u32,
    pub(crate) capacity: u32,
    pub(crate) interval: Micros,
    pub(crate) creation: Micros,
    pub(crate) block_validation: Micros,
    pub(crate) message_validation: Micros,
    pub(crate) timeout: Micros,
    pub(crate) fast_path: Micros,
    pub(crate) horizon: Micros,
}

impl Settings {
    fn new(config: &Config) -> Self {
        let seconds = Micros::from_seconds;
        Self {
            nodes: config.nodes,
            quorum: config.quorum(),
            faults: config.faults(),
            gossip: config.network.dissemination == Dissemination::Gossip,
            noise: config.network.bandwidth_noise,
            votes: config.message.votes,
            base_bytes: config.message.base_bytes,
            header_bytes: config.block.header_bytes,
            capacity: config.block.capacity_bytes,
            interval: seconds(config.block.interval_seconds),
            creation: seconds(config.block.creation_seconds),
            block_validation: seconds(config.block.validation_seconds),
            message_validation: seconds(config.message.validation_seconds),
            timeout: seconds(config.consensus.timeout_seconds),
            fast_path: seconds(config.consensus.fast_path_seconds),
            horizon: seconds(config.horizon_seconds),
        }
    }
}

/// A blockchain at work.
///
/// A clone, and what is read back from a written one, goes on exactly as the original: a twin forks it to look ahead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Simulator {
    pub(crate) settings: Settings,
    pub(crate) topology: Topology,
    pub(crate) links: Links,
    pub(crate) nodes: Vec<Node>,
    pub(crate) pool: Pool,
    pub(crate) queue: EventQueue<Event>,
    pub(crate) random: Random,
    pub(crate) transactions: Vec<Transaction>,
    changes: Vec<Change>,
    /// From which height on which protocol is used, ascending.
    protocols: Vec<(u32, Protocol)>,
    pub(crate) blocks: Vec<Block>,
    /// The block first decided at each height, from 1.
    pub(crate) decided: Vec<u32>,
    pub(crate) conflicts: Vec<Conflict>,
    /// Transactions in blocks that a quorum has.
    pub(crate) committed: u32,
    pub(crate) now: Micros,
    pub(crate) events: u64,
}

impl Simulator {
    /// A system on a random network, all drawn from the configuration's seed.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        config.check()?;
        let topology = Topology::random(config.nodes, &config.network, &mut Random::stream(config.seed, "network"));
        Self::with_topology(config, topology)
    }

    /// A system on a given network.
    pub fn with_topology(config: &Config, topology: Topology) -> Result<Self, ConfigError> {
        config.check()?;
        if topology.nodes() != config.nodes {
            return Err(ConfigError::Range { key: "nodes", must: "must be as many as the network has" });
        }
        let mut workload = Random::stream(config.seed, "workload");
        let mut simulator = Self {
            settings: Settings::new(config),
            links: Links::new(&topology, &config.network),
            topology,
            nodes: (0..config.nodes).map(|_| Node::new(config.nodes, config.consensus.protocol)).collect(),
            pool: Pool::new(config.nodes),
            queue: EventQueue::with_capacity(64 * config.nodes as usize),
            random: Random::stream(config.seed, "links"),
            transactions: transactions(&config.workload, Micros::ZERO, MOST_TRANSACTIONS, &mut workload),
            changes: config.change.clone(),
            protocols: vec![(0, config.consensus.protocol)],
            blocks: Vec::new(),
            decided: Vec::new(),
            conflicts: Vec::new(),
            committed: 0,
            now: Micros::ZERO,
            events: 0,
        };
        for (index, change) in (0..).zip(&config.change) {
            simulator.queue.push(Micros::from_seconds(change.at_seconds), Event::Change { index });
        }
        (0..config.nodes).for_each(|node| simulator.begin_height(node, Micros::ZERO));
        Ok(simulator)
    }

    /// Simulates until every transaction is committed, or the horizon is reached.
    pub fn run(&mut self) {
        while !self.is_finished() && self.queue.next_time().is_some_and(|time| time <= self.settings.horizon) {
            self.step();
        }
    }

    /// Simulates until a time.
    pub fn run_until(&mut self, time: Micros) {
        while self.queue.next_time().is_some_and(|next| next <= time) {
            self.step();
        }
        self.now = self.now.max(time);
    }

    /// Whether every transaction there will be is committed.
    pub fn is_finished(&self) -> bool {
        self.committed as usize >= self.transactions.len()
    }

    /// The time.
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// How many events were handled so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The network as it is now.
    pub const fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What was sent each way: sender, receiver, figures.
    pub fn observed(&self) -> impl Iterator<Item = (u32, u32, Observed)> {
        self.links.arcs.iter().map(|arc| (arc.from, arc.to, arc.observed))
    }

    /// How many blocks each node has.
    pub fn heights(&self) -> Vec<u32> {
        self.nodes.iter().map(|node| node.height).collect()
    }

    /// Whether a node is up.
    pub fn is_alive(&self, node: u32) -> bool {
        self.nodes[node as usize].alive
    }

    /// The decided blocks in order.
    pub fn chain(&self) -> impl Iterator<Item = &Block> {
        self.decided.iter().map(|block| &self.blocks[*block as usize])
    }

    /// Decisions that contradict the first one at their height: none, as long as the assumptions hold.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// All transactions, by the time they are handed in.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The protocol that the latest height uses.
    pub fn protocol(&self) -> Protocol {
        self.protocols.last().map_or(Protocol::Pbft, |(_, protocol)| *protocol)
    }

    /// Changes the protocol at the next height that no node can have begun, and returns it.
    pub fn switch(&mut self, protocol: Protocol) -> u32 {
        let height = self.nodes.iter().map(|node| node.height).max().unwrap_or(0) + 2;
        if self.protocol() != protocol {
            self.protocols.push((height, protocol));
        }
        height
    }

    /// Forgets what is still to come from outside, and expects these transactions instead: a look ahead knows no more.
    pub fn expect(&mut self, mut future: Vec<Transaction>) {
        let now = self.now;
        self.transactions.retain(|transaction| transaction.created <= now);
        future.retain(|transaction| transaction.created > now);
        self.transactions.append(&mut future);
        for change in self.changes.iter_mut().filter(|change| Micros::from_seconds(change.at_seconds) > now) {
            *change =
                Change { at_seconds: change.at_seconds, node: change.node, alive: None, silent: None, bandwidth: None };
        }
    }

    /// Puts other bandwidths in the place of the present ones, bytes a second: what a twin believes.
    pub fn set_bandwidths(&mut self, bandwidths: &[u64]) {
        for (own, other) in self.topology.bandwidths.iter_mut().zip(bandwidths) {
            *own = (*other).max(1);
        }
        self.links.set_paces(&self.topology.bandwidths);
    }

    pub(crate) fn protocol_at(&self, height: u32) -> Protocol {
        let known = self.protocols.iter().rev().find(|(from, _)| *from <= height);
        known.map_or(Protocol::Pbft, |(_, protocol)| *protocol)
    }

    fn step(&mut self) {
        let Some((time, event)) = self.queue.pop() else { return };
        self.now = time;
        self.events += 1;
        match event {
            Event::Deliver { message, arc } => self.deliver(message, arc),
            Event::Propose { node, timer } => self.propose(node, timer),
            Event::Timeout { node, timer } => self.time_out(node, timer),
            Event::FastPath { node, timer } => self.leave_fast_path(node, timer),
            Event::Change { index } => self.change(index),
        }
    }

    fn change(&mut self, index: u32) {
        let Change { node, alive, silent, bandwidth, .. } = self.changes[index as usize];
        if let Some(bandwidth) = bandwidth {
            self.topology.bandwidths[node as usize] = megabytes(bandwidth);
            self.links.set_paces(&self.topology.bandwidths);
        }
        if let Some(silent) = silent {
            self.nodes[node as usize].silent = silent;
        }
        if let Some(alive) = alive {
            let was = std::mem::replace(&mut self.nodes[node as usize].alive, alive);
            if alive && !was {
                self.recover(node);
            }
        }
    }
}
