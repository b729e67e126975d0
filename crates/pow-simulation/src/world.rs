//! Nodes, the network between them, and the order of events.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
};

use pow::{Effect, Envelope, Header, Input, Lease, Message, Node, NodeId, Params, Record, Report, Target};
use pow_kernel::Kernel;

use crate::{Behaviour, Invariants, Random, SimulatedKeys, id};

/// How often nodes are told that time passes, microseconds.
const TICK_US: u64 = 20_000;

/// What happens to messages.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The shortest and the longest delay, microseconds; each message draws its own, so that later ones overtake.
    pub delay_us: (u64, u64),
    /// How many messages are lost, of a thousand.
    pub loss_per_mille: u64,
}

enum Event {
    Tick,
    Deliver(Arc<Envelope>),
    Found(u64, Header),
    Searched(u64, Report),
}

struct Slot {
    node: Node,
    keys: SimulatedKeys,
    behaviour: Behaviour,
    /// What it wrote down: all that is left of it after a crash.
    records: Vec<Record>,
    /// Hashes a second.
    rate: u64,
    up: bool,
    side: u8,
    /// The search that runs, by number.
    search: u64,
    searching: Option<Searching>,
    hashes: u64,
    /// Of these, in ranges that every miner searches.
    alone: u64,
}

/// A search that runs.
#[derive(Clone, Copy)]
struct Searching {
    lease: Lease,
    since_us: u64,
}

/// A simulated network.
pub struct World {
    /// What was seen so far.
    pub invariants: Invariants,
    /// What happens to messages from now on.
    pub network: Network,
    params: Params,
    members: BTreeSet<NodeId>,
    slots: Vec<Slot>,
    numbers: BTreeMap<NodeId, usize>,
    events: BTreeMap<u64, (usize, Event)>,
    due: BinaryHeap<Reverse<(u64, u64)>>,
    next_event: u64,
    now_us: u64,
    random: Random,
    kernel: Box<dyn Kernel>,
    /// When each height was first decided, µs.
    decided_us: BTreeMap<u32, u64>,
}

impl World {
    /// A network whose first `members` nodes are members from the start; the rates are in hashes a second.
    pub fn new(params: &Params, rates: &[u64], members: usize, network: Network, seed: u64) -> Self {
        let set: BTreeSet<NodeId> = (0..members).map(id).collect();
        let slot = |(number, rate): (usize, &u64)| Slot {
            node: Node::new(params.clone(), set.clone(), Box::new(SimulatedKeys::new(number)), 0),
            keys: SimulatedKeys::new(number),
            behaviour: Behaviour::Honest,
            records: Vec::new(),
            rate: *rate,
            up: true,
            side: 0,
            search: 0,
            searching: None,
            hashes: 0,
            alone: 0,
        };
        let mut world = Self {
            invariants: Invariants::default(),
            network,
            params: params.clone(),
            slots: rates.iter().enumerate().map(slot).collect(),
            members: set,
            numbers: (0..rates.len()).map(|number| (id(number), number)).collect(),
            events: BTreeMap::new(),
            due: BinaryHeap::new(),
            next_event: 0,
            now_us: 0,
            random: Random::new(seed),
            kernel: pow_kernel::fastest(),
            decided_us: BTreeMap::new(),
        };
        for number in 0..rates.len() {
            let offset = world.random.between(0, TICK_US - 1);
            world.schedule(offset, number, Event::Tick);
        }
        world
    }

    /// Makes a node behave in a way.
    pub fn set_behaviour(&mut self, number: usize, behaviour: Behaviour) {
        self.slots[number].behaviour = behaviour;
    }

    /// Stops a node; it forgets all but what it wrote down.
    pub fn crash(&mut self, number: usize) {
        self.stop_search(number);
        self.slots[number].up = false;
    }

    /// Starts a stopped node again, from its records.
    pub fn recover(&mut self, number: usize) {
        let slot = &mut self.slots[number];
        if std::mem::replace(&mut slot.up, true) {
            return;
        }
        let keys = Box::new(slot.keys);
        let now_ms = self.now_us / 1_000;
        let restored = Node::restore(self.params.clone(), self.members.clone(), keys, now_ms, slot.records.clone());
        match restored {
            Ok(node) => slot.node = node,
            Err(error) => self.invariants.violations.push(format!("node {number} cannot go on: {error}")),
        }
    }

    /// Puts a node on a side of the network; messages between sides are lost.
    pub fn set_side(&mut self, number: usize, side: u8) {
        self.slots[number].side = side;
    }

    /// A node.
    pub fn node(&self, number: usize) -> &Node {
        &self.slots[number].node
    }

    /// How many nodes there are, running or not.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether a node runs.
    pub fn is_up(&self, number: usize) -> bool {
        self.slots[number].up
    }

    /// Microseconds since the start.
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    /// When each height was first decided, microseconds.
    pub const fn decided_us(&self) -> &BTreeMap<u32, u64> {
        &self.decided_us
    }

    /// What a node has hashed.
    pub fn hashes(&self, number: usize) -> u64 {
        self.slots[number].hashes + self.running(number).0
    }

    /// How many different hashes all nodes together have computed, where ranges that every miner searches count once.
    pub fn different_hashes(&self) -> u64 {
        let alone = |number: usize| self.slots[number].alone + self.running(number).1;
        let leased = |number: usize| self.hashes(number) - alone(number);
        let nodes = 0..self.len();
        nodes.clone().map(leased).sum::<u64>() + nodes.map(alone).max().unwrap_or(0)
    }

    /// What the running search has hashed so far, and how much of it every miner hashes.
    fn running(&self, number: usize) -> (u64, u64) {
        let slot = &self.slots[number];
        slot.searching.map_or((0, 0), |Searching { lease, since_us }| {
            let hashes = (self.now_us - since_us) * slot.rate / 1_000_000;
            (hashes, if lease.is_everybodys() { hashes } else { 0 })
        })
    }

    /// Gives a node an input, now.
    pub fn tell(&mut self, number: usize, input: Input) {
        let slot = &mut self.slots[number];
        if slot.up {
            let effects = slot.node.handle(self.now_us / 1_000, input);
            for effect in effects {
                self.perform(number, effect);
            }
        }
    }

    /// Lets time pass until `condition` holds or `until_us`; whether it held.
    pub fn run_until(&mut self, until_us: u64, mut condition: impl FnMut(&Self) -> bool) -> bool {
        while let Some(Reverse((at, event))) = self.due.peek().copied() {
            if condition(self) {
                return true;
            }
            if at > until_us {
                break;
            }
            self.due.pop();
            self.now_us = at;
            let (number, event) = self.events.remove(&event).expect("an event happens once");
            self.happen(number, event);
        }
        self.now_us = self.now_us.max(until_us);
        condition(self)
    }

    fn schedule(&mut self, at_us: u64, number: usize, event: Event) {
        self.due.push(Reverse((at_us, self.next_event)));
        self.events.insert(self.next_event, (number, event));
        self.next_event += 1;
    }

    fn happen(&mut self, number: usize, event: Event) {
        match event {
            Event::Tick => {
                self.schedule(self.now_us + TICK_US, number, Event::Tick);
                self.tell(number, Input::Tick);
                self.say_extras(number);
            }
            Event::Deliver(envelope) => self.tell(number, Input::Received(envelope)),
            Event::Found(search, header) if search == self.slots[number].search => {
                self.tell(number, Input::Found(header));
            }
            Event::Searched(search, report) if search == self.slots[number].search => {
                self.stop_search(number);
                let rate = self.slots[number].rate;
                self.tell(number, Input::Searched { report, rate });
            }
            Event::Found(..) | Event::Searched(..) => {}
        }
    }

    fn say_extras(&mut self, number: usize) {
        let slot = &self.slots[number];
        if slot.behaviour != Behaviour::Honest {
            for (to, envelope) in slot.behaviour.extras(&slot.node, &slot.keys) {
                for to in to {
                    self.transmit(number, to, envelope.clone());
                }
            }
        }
    }

    fn perform(&mut self, number: usize, effect: Effect) {
        match effect {
            Effect::Keep(records) => self.slots[number].records.extend(records),
            Effect::Send { to, envelope } => {
                let slot = &self.slots[number];
                let envelope = slot.behaviour.falsify(envelope, &slot.keys);
                self.observe(number, &envelope);
                for to in to {
                    self.transmit(number, to, envelope.clone());
                }
            }
            Effect::Search { header, lease } => self.search(number, header, lease),
            Effect::Stop => self.stop_search(number),
            Effect::Decided(block) => {
                self.invariants.decided(block.header.index, block.hash());
                self.decided_us.entry(block.header.index).or_insert(self.now_us);
            }
        }
    }

    fn observe(&mut self, number: usize, envelope: &Envelope) {
        if let Some(mandate) = envelope.message.mandate() {
            self.invariants.managed(id(number), mandate);
        }
        let from = id(number);
        match &envelope.message {
            Message::Work { header, lease, .. } => {
                self.invariants.leased(header, *lease, self.now_us / 1_000, &self.params);
            }
            Message::Ballot { vote, .. } => {
                if let Message::Vote { height, term, candidate, .. } = vote.message {
                    self.invariants.voted(from, (height, term), candidate);
                }
            }
            Message::Accept { height, term, hash } => self.invariants.accepted(from, (*height, *term), *hash),
            Message::Propose { mandate, block } => {
                self.invariants.proposed((mandate.height, mandate.term), block.hash());
            }
            _ => {}
        }
    }

    fn transmit(&mut self, from: usize, to: NodeId, envelope: Arc<Envelope>) {
        let Some(number) = self.numbers.get(&to).copied() else { return };
        let Network { delay_us: (low, high), loss_per_mille } = self.network;
        let lost = self.random.per_mille(loss_per_mille);
        let delay = self.random.between(low, high);
        if !lost && self.slots[from].side == self.slots[number].side && self.slots[number].up {
            self.schedule(self.now_us + delay, number, Event::Deliver(envelope));
        }
    }

    fn stop_search(&mut self, number: usize) {
        let (hashes, alone) = self.running(number);
        let slot = &mut self.slots[number];
        slot.hashes += hashes;
        slot.alone += alone;
        slot.search += 1;
        slot.searching = None;
    }

    /// Hashes the range for real, now, and schedules what is found at the node's rate.
    fn search(&mut self, number: usize, header: Header, lease: Lease) {
        self.stop_search(number);
        let now = self.now_us;
        let slot = &mut self.slots[number];
        let (search, behaviour) = (slot.search, slot.behaviour);
        slot.searching = Some(Searching { lease, since_us: now });
        let count = lease.count * behaviour.searched_per_mille() / 1_000;
        let rate = slot.rate.max(1);
        let takes = |hashes: u64| hashes * 1_000_000 / rate;
        let (mut shares, mut solution) = (Vec::new(), None);
        let puzzle = header.puzzle(Target::leading_zero_bits(lease.share_bits));
        self.kernel.search(&puzzle, lease.first, count, &mut |nonce, hash| {
            shares.push(nonce);
            if solution.is_none() && header.target.is_met_by(&pow::Digest(hash)) {
                solution = Some(nonce);
            }
        });
        if let Some(nonce) = solution {
            let at = now + takes(nonce - lease.first + 1);
            self.schedule(at, number, Event::Found(search, header.with_nonce(nonce)));
        }
        let report = behaviour.report(Report { header, lease, shares });
        self.schedule(now + takes(count).max(1), number, Event::Searched(search, report));
    }
}
