//! The chain of decided blocks, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::{
    Block, Body, Decided, Digest, Draw, Envelope, Header, Keys, Message, NodeId, Params, Target, Transaction,
    distribute, elect,
};

/// Why a block is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Invalid {
    /// Its index does not follow.
    #[error("the index is not the next one")]
    Index,
    /// It does not follow the tip.
    #[error("the previous hash is not the tip's")]
    Previous,
    /// It is not later than the block before it.
    #[error("the time is not later than the previous block's")]
    Time,
    /// Its target is not the chain's.
    #[error("the target is not the chain's")]
    Target,
    /// Its hash is above its target.
    #[error("the hash is above the target")]
    Hash,
    /// Its body is not what its header commits to.
    #[error("the Merkle root is not the body's")]
    Root,
    /// Its manager is not a member.
    #[error("the manager is not a member")]
    Manager,
    /// Its manager did not sign it.
    #[error("the manager's signature does not hold")]
    Signature,
    /// A draw is nobody's, is there twice, or reveals what was not committed to.
    #[error("a draw does not follow from the chain")]
    Draw,
    /// A member joins again, or an expelled node does.
    #[error("a node joins that may not")]
    Join,
    /// An expulsion is not what a majority wants.
    #[error("an expulsion lacks a majority")]
    Expulsion,
    /// Work is credited to nobody, or out of order.
    #[error("work is credited out of order or to no member")]
    Work,
    /// Rewards are not the subsidy and the fees, divided by work.
    #[error("the rewards are not the subsidy and the fees, divided by work")]
    Reward,
    /// A payment is not covered, not in sequence, not signed, or has the wrong fee.
    #[error("a payment does not hold")]
    Payment,
}

/// What somebody owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Units of account.
    pub balance: u64,
    /// Payments made.
    pub sequence: u64,
}

/// Decided blocks and the state after them.
#[derive(Clone, Debug)]
pub struct Chain {
    params: Params,
    genesis: Digest,
    blocks: Vec<Decided>,
    members: BTreeSet<NodeId>,
    expelled: BTreeSet<NodeId>,
    accounts: BTreeMap<NodeId, Account>,
    commitments: BTreeMap<NodeId, Digest>,
    idle: BTreeMap<NodeId, u32>,
    order: Vec<NodeId>,
}

impl Chain {
    /// A chain without blocks. The first managers are drawn by lot among all.
    pub fn new(params: Params, members: BTreeSet<NodeId>) -> Self {
        let genesis = Digest::of_value("entente/pow/genesis", &(&params, &members));
        let candidates: Vec<_> = members.iter().map(|member| (*member, 1)).collect();
        let order = elect(&genesis, &candidates, params.weight_cap);
        Self {
            params,
            genesis,
            blocks: Vec::new(),
            members,
            expelled: BTreeSet::new(),
            accounts: BTreeMap::new(),
            commitments: BTreeMap::new(),
            idle: BTreeMap::new(),
            order,
        }
    }

    /// What all agree on.
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// The height that is worked on now; the first is 1.
    pub fn next_height(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The hash of the last block.
    pub fn tip(&self) -> Digest {
        self.blocks.last().map_or(self.genesis, |decided| decided.block.hash())
    }

    /// When the last block was composed, milliseconds.
    pub fn tip_time_ms(&self) -> u64 {
        self.blocks.last().map_or(0, |decided| decided.block.header.time_ms)
    }

    /// All decided blocks, from height 1 on.
    pub fn blocks(&self) -> &[Decided] {
        &self.blocks
    }

    /// Decided blocks above a height.
    pub fn blocks_above(&self, height: u32) -> &[Decided] {
        self.blocks.get(usize::try_from(height).unwrap_or(usize::MAX)..).unwrap_or_default()
    }

    /// Members at the next height.
    pub const fn members(&self) -> &BTreeSet<NodeId> {
        &self.members
    }

    /// Whether a node was expelled.
    pub fn is_expelled(&self, node: NodeId) -> bool {
        self.expelled.contains(&node)
    }

    /// What a node owns.
    pub fn account(&self, node: NodeId) -> Account {
        self.accounts.get(&node).copied().unwrap_or_default()
    }

    /// All balances together.
    pub fn supply(&self) -> u64 {
        self.accounts.values().fold(0, |sum, account| sum.saturating_add(account.balance))
    }

    /// In which order members manage the next height: the active manager, the backups, all others.
    pub fn order(&self) -> &[NodeId] {
        &self.order
    }

    /// The active manager and the backups of the next height.
    pub fn team(&self) -> &[NodeId] {
        let size = self.params.backups(self.order.len()).saturating_add(1);
        self.order.get(..size.min(self.order.len())).unwrap_or_default()
    }

    /// Whether the last block holds a node's commitment, which it may reveal in the next one.
    pub fn commitment(&self, node: NodeId) -> Option<Digest> {
        self.commitments.get(&node).copied()
    }

    /// Whether so many members are more than half.
    pub fn is_majority(&self, count: usize) -> bool {
        count > self.members.len() / 2
    }

    /// Whether a majority of the members says something, each of them once.
    pub fn is_said_by_majority(&self, said: &[Envelope], keys: &dyn Keys, what: impl Fn(&Envelope) -> bool) -> bool {
        let mut speakers = BTreeSet::new();
        let counts =
            |envelope: &&Envelope| what(envelope) && self.members.contains(&envelope.from) && envelope.is_signed(keys);
        speakers.extend(said.iter().filter(counts).map(|envelope| envelope.from));
        self.is_majority(speakers.len())
    }

    /// Whether a block may follow the tip.
    pub fn validate(&self, block: &Block, keys: &dyn Keys) -> Result<(), Invalid> {
        self.validate_header(&block.header)?;
        let body = &block.body;
        ensure(block.header.root == body.root(), Invalid::Root)?;
        ensure(self.members.contains(&body.manager), Invalid::Manager)?;
        ensure(block.is_signed(keys), Invalid::Signature)?;
        self.validate_draws(body)?;
        self.validate_membership(body, keys)?;
        self.validate_money(body, keys)
    }

    fn validate_header(&self, header: &Header) -> Result<(), Invalid> {
        ensure(header.index == self.next_height(), Invalid::Index)?;
        ensure(header.previous == self.tip(), Invalid::Previous)?;
        ensure(header.time_ms > self.tip_time_ms(), Invalid::Time)?;
        ensure(header.target == Target::leading_zero_bits(self.params.bits), Invalid::Target)?;
        ensure(header.is_solved(), Invalid::Hash)
    }

    fn validate_draws(&self, body: &Body) -> Result<(), Invalid> {
        let nodes: BTreeSet<_> = body.draws.iter().map(|(node, _)| node).collect();
        let sound = |(node, draw): &(NodeId, Draw)| self.is_sound_draw(*node, draw);
        ensure(nodes.len() == body.draws.len() && body.draws.iter().all(sound), Invalid::Draw)
    }

    /// Whether a draw is a member's, and reveals nothing but what the member committed to.
    pub fn is_sound_draw(&self, node: NodeId, draw: &Draw) -> bool {
        let kept = |secret: [u8; 32]| self.commitment(node) == Some(Draw::commitment_to(&secret));
        self.members.contains(&node) && draw.reveal.is_none_or(kept)
    }

    fn validate_membership(&self, body: &Body, keys: &dyn Keys) -> Result<(), Invalid> {
        let joins: BTreeSet<_> = body.joins.iter().collect();
        let may_join = |node: &&NodeId| !self.members.contains(node) && !self.expelled.contains(node);
        ensure(joins.len() == body.joins.len() && joins.iter().all(may_join), Invalid::Join)?;
        for expulsion in &body.expulsions {
            let accuses = |envelope: &Envelope| matches!(envelope.message, Message::Accuse { offender, .. } if offender == expulsion.offender);
            let wanted = self.is_said_by_majority(&expulsion.accusations, keys, accuses);
            ensure(wanted && self.members.contains(&expulsion.offender), Invalid::Expulsion)?;
        }
        Ok(())
    }

    fn validate_money(&self, body: &Body, keys: &dyn Keys) -> Result<(), Invalid> {
        let ascending = body.work.is_sorted_by(|one, other| one.0 < other.0);
        let members = body.work.iter().all(|(node, _)| self.members.contains(node));
        ensure(ascending && members, Invalid::Work)?;
        ensure(body.transactions.iter().all(|payment| payment.is_signed(keys)), Invalid::Payment)?;
        let mut accounts = self.accounts.clone();
        let paid = body.transactions.iter().try_for_each(|payment| self.pay(&mut accounts, payment));
        paid.ok_or(Invalid::Payment)?;
        ensure(body.rewards == self.rewards(body.manager, &body.work, &body.transactions), Invalid::Reward)
    }

    /// The rewards of a block.
    pub fn rewards(&self, manager: NodeId, work: &[(NodeId, u64)], payments: &[Transaction]) -> Vec<(NodeId, u64)> {
        let fees = payments.iter().fold(0_u64, |sum, payment| sum.saturating_add(payment.terms.fee));
        distribute(self.params.subsidy.saturating_add(fees), work, manager)
    }

    /// Of payments, those that hold one after another, and no more than `most`.
    pub fn payable<'a>(&self, payments: impl Iterator<Item = &'a Transaction>, most: usize) -> Vec<Transaction> {
        let mut accounts = self.accounts.clone();
        payments.filter(|payment| self.pay(&mut accounts, payment).is_some()).take(most).cloned().collect()
    }

    fn pay(&self, accounts: &mut BTreeMap<NodeId, Account>, payment: &Transaction) -> Option<()> {
        let terms = &payment.terms;
        let payer = accounts.get(&terms.payer).copied().unwrap_or_default();
        let balance = payer.balance.checked_sub(terms.amount.checked_add(terms.fee)?)?;
        if terms.sequence != payer.sequence || terms.fee != self.params.fee.fee_rounded_up(terms.amount) {
            return None;
        }
        accounts.insert(terms.payer, Account { balance, sequence: payer.sequence.checked_add(1)? });
        credit(accounts, terms.payee, terms.amount);
        Some(())
    }

    /// Whether a majority accepted a block in one term.
    pub fn is_decided(&self, decided: &Decided, keys: &dyn Keys) -> bool {
        let (height, hash) = (self.next_height(), decided.block.hash());
        let term_of = |envelope: &Envelope| match envelope.message {
            Message::Accept { height: at, term, hash: of } if at == height && of == hash => Some(term),
            _ => None,
        };
        let Some(term) = decided.accepts.first().and_then(term_of) else { return false };
        self.is_said_by_majority(&decided.accepts, keys, |envelope| term_of(envelope) == Some(term))
    }

    /// Appends a decided block that was found valid.
    pub fn append(&mut self, decided: Decided) {
        let body = &decided.block.body;
        for payment in &body.transactions {
            let mut accounts = std::mem::take(&mut self.accounts);
            // A valid block holds no payment that fails.
            let _ = self.pay(&mut accounts, payment);
            self.accounts = accounts;
        }
        body.rewards.iter().for_each(|(node, amount)| credit(&mut self.accounts, *node, *amount));
        self.members.extend(&body.joins);
        for expulsion in &body.expulsions {
            self.members.remove(&expulsion.offender);
            self.expelled.insert(expulsion.offender);
        }
        self.drop_idle(body);
        self.commitments = body.draws.iter().filter_map(|(node, draw)| Some((*node, draw.commitment?))).collect();
        self.order = self.elect(&decided.block);
        self.blocks.push(decided);
    }

    fn drop_idle(&mut self, body: &Body) {
        for member in self.members.clone() {
            let worked = body.manager == member || body.work.iter().any(|(node, work)| *node == member && *work > 0);
            let idle = self.idle.entry(member).or_default();
            *idle = if worked { 0 } else { idle.saturating_add(1) };
            if *idle >= self.params.idle_blocks && self.members.len() > 1 {
                self.members.remove(&member);
            }
        }
        self.idle.retain(|member, _| self.members.contains(member));
    }

    /// The order of the height after a block: by its hash and the secrets revealed in it.
    fn elect(&self, block: &Block) -> Vec<NodeId> {
        let body = &block.body;
        let reveals: Vec<_> = body.draws.iter().filter_map(|(_, draw)| draw.reveal).collect();
        let seed = Digest::of(&[b"entente/pow/election", &block.hash().0, reveals.as_flattened()]);
        let weight = |member: &NodeId| {
            let work = body.work.iter().find(|(node, _)| node == member).map_or(0, |(_, work)| *work);
            (*member, if body.failed.contains(member) { 0 } else { work })
        };
        let candidates: Vec<_> = self.members.iter().map(weight).collect();
        elect(&seed, &candidates, self.params.weight_cap)
    }
}

fn credit(accounts: &mut BTreeMap<NodeId, Account>, node: NodeId, amount: u64) {
    let account = accounts.entry(node).or_default();
    account.balance = account.balance.saturating_add(amount);
}

const fn ensure(holds: bool, otherwise: Invalid) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(otherwise) }
}
