//! A node as a state machine: it is told the time and what happened, and says what to do.

mod ballots;
mod conduct;
mod manager;
mod memory;
mod miner;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    Ballot, Block, Chain, Decided, Digest, Draw, Envelope, Header, Keys, Lease, LeaseTable, Mandate, Message, NodeId,
    Params, Record, Report, Template, Transaction,
};

use ballots::Campaign;
use conduct::Conduct;
use manager::Office;
pub use memory::Unsound;
use miner::Mining;

/// The most blocks in one message.
const BLOCKS_A_MESSAGE: usize = 32;
/// The most messages that are kept for the next height.
const EARLY_MESSAGES: usize = 256;

/// What happens to a node.
#[derive(Clone, Debug)]
pub enum Input {
    /// Time passed; expected every 20 ms or so.
    Tick,
    /// A message came, over a connection that proved its sender.
    Received(Arc<Envelope>),
    /// The kernel found a nonce whose hash meets the block's target.
    Found(Header),
    /// The kernel searched a whole range.
    Searched {
        /// What it found.
        report: Report,
        /// How fast, hashes a second.
        rate: u64,
    },
    /// Somebody wants to pay.
    Pay(Transaction),
}

/// Whom a message goes to.
pub type To = Vec<NodeId>;

/// What a node wants done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write these down for good before any effect that follows: a node that is stopped goes on from its records.
    Keep(Vec<Record>),
    /// Send a message.
    Send {
        /// To these.
        to: To,
        /// The message.
        envelope: Arc<Envelope>,
    },
    /// Search a range, from its first nonce on: tell [`Input::Found`] at once, and [`Input::Searched`] at the end.
    Search {
        /// With nonce 0.
        header: Header,
        /// The range.
        lease: Lease,
    },
    /// Give up the search that is running.
    Stop,
    /// A block was appended to the chain.
    Decided(Box<Block>),
}

/// What a node does for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Leases work and composes the block.
    Active,
    /// Mines, and stands ready.
    Backup,
    /// Mines.
    Miner,
    /// Is no member (yet, or any more).
    Outside,
}

/// What there is to see of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What it does.
    pub role: Role,
    /// The height that it works on.
    pub height: u32,
    /// In which term.
    pub term: u32,
    /// Who manages, to its knowledge.
    pub manager: Option<NodeId>,
    /// Ranges that are out, as the active manager knows them, or has told a backup.
    pub leases: Vec<(NodeId, Lease)>,
    /// What it searches.
    pub searching: Option<(Header, Lease)>,
}

/// A node.
pub struct Node {
    keys: Box<dyn Keys + Send>,
    chain: Chain,
    now_ms: u64,
    effects: Vec<Effect>,
    /// What is to be written down before these effects.
    records: Vec<Record>,
    /// When the manager was last heard of, or the height began.
    heard_ms: u64,
    /// When the chain was last asked for.
    asked_ms: u64,
    /// The greatest term that was voted or accepted in at this height.
    promised: u32,
    voted: Option<(u32, NodeId)>,
    accepted: Option<(u32, Box<Block>)>,
    /// What was written down last.
    kept: Ballot,
    manager: (u32, Option<NodeId>),
    failed: BTreeSet<NodeId>,
    campaign: Option<Campaign>,
    office: Option<Office>,
    /// Templates of this height, by root.
    templates: BTreeMap<Digest, Template>,
    solutions: Vec<Header>,
    /// Who found a nonce while there was no manager.
    solvers: BTreeSet<NodeId>,
    /// Ranges and credits of this height, from its managers.
    inherited: Vec<(NodeId, Lease)>,
    credits: BTreeMap<NodeId, u64>,
    /// Credits of the height before, which this height's block pays for.
    tally: BTreeMap<NodeId, u64>,
    draws: BTreeMap<NodeId, Draw>,
    table: LeaseTable,
    mining: Mining,
    conduct: Conduct,
    pool: Vec<Transaction>,
    joiners: BTreeSet<NodeId>,
    /// What others sent who decided this height a little earlier.
    early: Vec<Arc<Envelope>>,
}

impl Node {
    /// A node at the start of a chain.
    pub fn new(params: Params, members: BTreeSet<NodeId>, keys: Box<dyn Keys + Send>, now_ms: u64) -> Self {
        let mut node = Self::blank(Chain::new(params, members), keys, now_ms);
        node.begin_height();
        node
    }

    fn blank(chain: Chain, keys: Box<dyn Keys + Send>, now_ms: u64) -> Self {
        Self {
            keys,
            chain,
            now_ms,
            effects: Vec::new(),
            records: Vec::new(),
            heard_ms: now_ms,
            asked_ms: now_ms,
            promised: 0,
            voted: None,
            accepted: None,
            kept: Ballot::default(),
            manager: (0, None),
            failed: BTreeSet::new(),
            campaign: None,
            office: None,
            templates: BTreeMap::new(),
            solutions: Vec::new(),
            solvers: BTreeSet::new(),
            inherited: Vec::new(),
            credits: BTreeMap::new(),
            tally: BTreeMap::new(),
            draws: BTreeMap::new(),
            table: LeaseTable::default(),
            mining: Mining::default(),
            conduct: Conduct::default(),
            pool: Vec::new(),
            joiners: BTreeSet::new(),
            early: Vec::new(),
        }
    }

    /// Takes in what happened at a time, which never goes back, and says what to do.
    pub fn handle(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        self.now_ms = self.now_ms.max(now_ms);
        match input {
            Input::Tick => self.tick(),
            Input::Received(envelope) => self.receive(&envelope),
            Input::Found(header) => self.found(header),
            Input::Searched { report, rate } => self.searched(report, rate),
            Input::Pay(payment) => {
                self.pool.push(payment.clone());
                self.say_to_all(Message::Submit(payment));
            }
        }
        let records = std::mem::take(&mut self.records);
        let keep = (!records.is_empty()).then_some(Effect::Keep(records));
        keep.into_iter().chain(std::mem::take(&mut self.effects)).collect()
    }

    /// Who it is.
    pub fn id(&self) -> NodeId {
        self.keys.id()
    }

    /// Its chain.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Whether this node neither works for nor pays another.
    pub fn shuns(&self, node: NodeId) -> bool {
        self.conduct.shuns(node) || self.chain.is_expelled(node)
    }

    /// What it does now.
    pub fn status(&self) -> Status {
        let role = match () {
            () if !self.is_member() => Role::Outside,
            () if self.office.is_some() => Role::Active,
            () if self.chain.team().contains(&self.id()) => Role::Backup,
            () => Role::Miner,
        };
        let leases = if self.office.is_some() { self.table.out().collect() } else { self.inherited.clone() };
        Status {
            role,
            height: self.chain.next_height(),
            term: self.manager.0,
            manager: self.manager.1,
            leases,
            searching: self.mining.current(),
        }
    }

    fn is_member(&self) -> bool {
        self.chain.members().contains(&self.id())
    }

    fn height(&self) -> u32 {
        self.chain.next_height()
    }

    fn params(&self) -> &Params {
        self.chain.params()
    }

    fn say(&mut self, to: To, message: Message) {
        let envelope = Arc::new(Envelope::seal(message, &*self.keys));
        self.send(to, envelope);
    }

    fn send(&mut self, mut to: To, envelope: Arc<Envelope>) {
        let me = self.id();
        to.retain(|node| *node != me);
        if !to.is_empty() {
            self.effects.push(Effect::Send { to, envelope });
        }
    }

    fn others(&self) -> To {
        let me = self.id();
        self.chain.members().iter().copied().filter(|member| *member != me).collect()
    }

    fn say_to_all(&mut self, message: Message) {
        self.say(self.others(), message);
    }

    fn tick(&mut self) {
        if self.is_member() {
            if self.office.is_some() {
                self.manage();
            } else {
                self.tick_election();
                self.tick_mining();
            }
        }
        let silent = self.now_ms.saturating_sub(self.heard_ms) > 1_000;
        if (silent || !self.is_member()) && self.now_ms.saturating_sub(self.asked_ms) > 500 {
            self.asked_ms = self.now_ms;
            let height = self.height().saturating_sub(1);
            let ask = if self.is_member() { Message::Sync { height } } else { Message::Join { height } };
            self.say_to_all(ask);
        }
    }

    fn receive(&mut self, envelope: &Arc<Envelope>) {
        let from = envelope.from;
        if from == self.id() || !self.admits(from) || !envelope.is_signed(&*self.keys) || self.convicts(envelope) {
            return;
        }
        if let Some(mandate) = envelope.message.mandate()
            && !self.follows(mandate, envelope)
        {
            return;
        }
        if self.comes_early(envelope) {
            return;
        }
        self.hear(from, envelope);
    }

    /// Keeps requests and draws of the next height, which this node is about to learn of.
    fn comes_early(&mut self, envelope: &Arc<Envelope>) -> bool {
        let next = self.height().saturating_add(1);
        let early = match envelope.message {
            Message::Request { height, .. } | Message::Draw { height, .. } => height == next,
            _ => false,
        };
        if early && self.early.len() < EARLY_MESSAGES {
            self.early.push(envelope.clone());
        }
        early
    }

    fn hear(&mut self, from: NodeId, envelope: &Arc<Envelope>) {
        let is_member = self.chain.members().contains(&from);
        match &envelope.message {
            Message::Join { height } => {
                if !is_member && !self.chain.is_expelled(from) {
                    self.joiners.insert(from);
                }
                self.send_blocks(from, *height);
            }
            Message::Sync { height } => self.send_blocks(from, *height),
            Message::Blocks(blocks) => blocks.iter().for_each(|decided| self.learn(decided, &[])),
            Message::Commit { decided, credits } => self.learn(decided, credits),
            _ if !is_member => {}
            Message::Request { height, rate, reports } => self.requested(from, *height, *rate, reports),
            Message::Work { header, lease, .. } => self.work(*header, *lease),
            Message::Solution { header } => self.solution(from, *header),
            Message::Replica { template, leases, credits, banned, .. } => {
                self.replicate(template.as_deref(), leases, credits, banned);
            }
            Message::Campaign { height, term } => self.campaigned(from, *height, *term),
            Message::Ballot { vote, accepted } => self.voted(vote, accepted.as_deref()),
            Message::Propose { mandate, block } => self.proposed(from, mandate.term, block, envelope),
            Message::Accept { height, term, hash } => self.acceptance(envelope, *height, *term, *hash),
            Message::Refuse { height, term, promised } => self.refused(from, (*height, *term), *promised),
            Message::Draw { height, draw } if *height == self.height() => self.drawn(from, *draw),
            Message::Draw { .. } | Message::Heartbeat { .. } | Message::Vote { .. } => {}
            Message::Charge { evidence } => self.charged(evidence),
            Message::Accuse { offender, .. } => self.conduct.accusation(*offender, envelope),
            Message::Submit(payment) => self.submitted(payment),
        }
    }

    fn submitted(&mut self, payment: &Transaction) {
        if payment.is_signed(&*self.keys) && !self.pool.contains(payment) && self.pool.len() < 10_000 {
            self.pool.push(payment.clone());
        }
    }

    fn send_blocks(&mut self, to: NodeId, height: u32) {
        let blocks: Vec<_> = self.chain.blocks_above(height).iter().take(BLOCKS_A_MESSAGE).cloned().collect();
        if !blocks.is_empty() {
            self.say(vec![to], Message::Blocks(blocks));
        }
    }

    /// Appends a decided block if it is the next one and holds.
    fn learn(&mut self, decided: &Decided, credits: &[(NodeId, u64)]) {
        let next = decided.block.header.index == self.height();
        if next
            && self.chain.is_decided(decided, &*self.keys)
            && self.chain.validate(&decided.block, &*self.keys).is_ok()
        {
            self.advance(decided.clone(), credits.iter().copied().collect());
        }
    }

    fn advance(&mut self, decided: Decided, credits: BTreeMap<NodeId, u64>) {
        let block = decided.block.clone();
        let decided = Box::new(decided);
        self.records.push(Record::Decided { decided: decided.clone(), credits: credits.clone().into_iter().collect() });
        self.chain.append(*decided);
        self.tally = credits;
        self.pool.retain(|payment| !block.body.transactions.contains(payment));
        let members = self.chain.members().clone();
        self.joiners.retain(|joiner| !members.contains(joiner));
        self.effects.push(Effect::Stop);
        self.effects.push(Effect::Decided(Box::new(block)));
        self.begin_height();
        self.repeat_accusations();
        for envelope in std::mem::take(&mut self.early) {
            if !self.comes_early(&envelope) {
                self.hear(envelope.from, &envelope);
            }
        }
    }

    fn begin_height(&mut self) {
        self.clear_height();
        if !self.is_member() {
            return;
        }
        self.draw();
        if self.manager.1 == Some(self.id()) {
            self.take_office(0, Vec::new(), None);
        } else {
            self.request();
        }
    }

    fn clear_height(&mut self) {
        self.heard_ms = self.now_ms;
        self.promised = 0;
        self.voted = None;
        self.accepted = None;
        self.manager = (0, self.chain.order().first().copied());
        self.failed.clear();
        self.campaign = None;
        self.office = None;
        self.templates.clear();
        self.solutions.clear();
        self.solvers.clear();
        self.inherited.clear();
        self.credits.clear();
        self.draws.clear();
        self.mining.reset();
    }

    /// Sends the manager this node's part in the draw.
    fn draw(&mut self) {
        let (me, height) = (self.id(), self.height());
        let commitment = self.chain.team().contains(&me).then(|| Draw::commitment_to(&self.keys.secret(height)));
        let kept = |secret: &[u8; 32]| self.chain.commitment(me) == Some(Draw::commitment_to(secret));
        let reveal = Some(self.keys.secret(height.saturating_sub(1))).filter(kept);
        let draw = Draw { commitment, reveal };
        if draw == Draw::default() {
            return;
        }
        self.drawn(me, draw);
        if let Some(manager) = self.manager.1 {
            self.say(vec![manager], Message::Draw { height, draw });
        }
    }

    fn mandate(&self) -> Option<Mandate> {
        let office = self.office.as_ref()?;
        Some(Mandate { height: self.height(), term: office.term, votes: office.votes.clone() })
    }
}
