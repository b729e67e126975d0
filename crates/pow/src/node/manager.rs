//! The active manager's work.

use std::collections::{BTreeMap, BTreeSet};

use super::Node;
use crate::{
    Block, Body, Digest, Draw, Envelope, Header, Lease, Message, Mode, NodeId, Report, Target, Template, work::Verdict,
};

/// The most payments in a block.
const PAYMENTS_A_BLOCK: usize = 500;

/// What the active manager holds.
#[derive(Clone, Debug)]
pub(super) struct Office {
    pub(super) term: u32,
    pub(super) votes: Vec<Envelope>,
    since_ms: u64,
    beat_ms: u64,
    template: Option<Template>,
    /// Miners that asked before there was anything to do, with their rates.
    waiting: BTreeMap<NodeId, u64>,
    pub(super) proposal: Option<Block>,
    pub(super) accepts: BTreeMap<NodeId, Envelope>,
    /// When it was proposed.
    pub(super) proposed_ms: u64,
    /// Who has promised a greater term, and the greatest one.
    pub(super) refusals: BTreeSet<NodeId>,
    pub(super) refused_for: u32,
}

impl Node {
    /// Begins a term. A block that a voter accepted is proposed before anything else: it may be decided already.
    pub(super) fn take_office(&mut self, term: u32, votes: Vec<Envelope>, accepted: Option<Block>) {
        self.mining.reset();
        self.effects.push(super::Effect::Stop);
        self.table = self.table.renewed();
        self.office = Some(Office {
            term,
            votes,
            since_ms: self.now_ms,
            beat_ms: 0,
            template: None,
            waiting: BTreeMap::new(),
            proposal: None,
            accepts: BTreeMap::new(),
            proposed_ms: 0,
            refusals: BTreeSet::new(),
            refused_for: 0,
        });
        match accepted {
            Some(block) => self.propose(&block),
            None => self.propose_known_solution(),
        }
        self.manage();
    }

    /// What is due: a template, a heartbeat, expired leases.
    pub(super) fn manage(&mut self) {
        if self.waits_in_vain() {
            self.make_way();
            return;
        }
        self.heard_ms = self.now_ms;
        self.table.expire(self.now_ms, self.chain.params());
        self.compose_when_due();
        let beat = self.params().heartbeat_ms;
        let Some(office) = self.office.as_mut() else { return };
        if self.now_ms.saturating_sub(office.beat_ms) >= beat {
            office.beat_ms = self.now_ms;
            self.beat();
        }
        self.serve();
    }

    fn beat(&mut self) {
        let Some(mandate) = self.mandate() else { return };
        self.say_to_all(Message::Heartbeat { mandate });
        self.send_replica();
        self.repeat_proposal();
    }

    fn send_replica(&mut self) {
        let (Some(mandate), Some(office)) = (self.mandate(), &self.office) else { return };
        let replica = Message::Replica {
            mandate,
            template: office.template.clone().map(Box::new),
            leases: self.table.out().collect(),
            credits: self.credits.iter().map(|(node, hashes)| (*node, *hashes)).collect(),
            banned: self.conduct.shunned(),
        };
        let to = match self.params().mode {
            Mode::Backups => self.chain.team().to_vec(),
            // A miner that goes on alone needs the whole block.
            Mode::SingleManager => self.others(),
        };
        self.say(to, replica);
    }

    pub(super) fn drawn(&mut self, from: NodeId, draw: Draw) {
        let draw = Draw { commitment: draw.commitment.filter(|_| self.chain.team().contains(&from)), ..draw };
        if self.chain.is_sound_draw(from, &draw) {
            self.draws.insert(from, draw);
        }
        self.compose_when_due();
    }

    fn compose_when_due(&mut self) {
        let Some(office) = &self.office else { return };
        if office.template.is_some() || office.proposal.is_some() {
            return;
        }
        let team = self.chain.team().iter();
        let committed = self.chain.members().iter().filter(|member| self.chain.commitment(**member).is_some());
        let complete = team.chain(committed).all(|node| self.draws.contains_key(node));
        if complete || self.now_ms.saturating_sub(office.since_ms) >= self.params().draw_ms {
            self.compose();
        }
    }

    fn compose(&mut self) {
        let Some(term) = self.office.as_ref().map(|office| office.term) else { return };
        let me = self.id();
        let work = self.work_to_pay();
        let transactions = self.chain.payable(self.pool.iter(), PAYMENTS_A_BLOCK);
        let rewards = self.chain.rewards(me, &work, &transactions);
        let shunned: BTreeSet<_> = self.conduct.shunned().into_iter().collect();
        let body = Body {
            manager: me,
            term,
            draws: self.draws.iter().map(|(node, draw)| (*node, *draw)).collect(),
            failed: self.failed.iter().copied().collect(),
            joins: self.joiners.difference(&shunned).copied().collect(),
            expulsions: self.expulsions(),
            work,
            rewards,
            transactions,
        };
        let header = Header {
            index: self.height(),
            previous: self.chain.tip(),
            root: body.root(),
            time_ms: self.now_ms.max(self.chain.tip_time_ms().saturating_add(1)),
            target: Target::leading_zero_bits(self.params().bits),
            nonce: 0,
        };
        let template = Template::sign(header, body, &*self.keys);
        self.templates.insert(header.root, template.clone());
        if let Some(office) = self.office.as_mut() {
            office.template = Some(template);
        }
        self.send_replica();
        self.serve();
    }

    /// Hashes proved since the last template, by members in good standing; the last manager, who cannot mine, counts
    /// as the median of the others.
    fn work_to_pay(&self) -> Vec<(NodeId, u64)> {
        let mut work = self.tally.clone();
        for (node, hashes) in &self.credits {
            let sum = work.entry(*node).or_default();
            *sum = sum.saturating_add(*hashes);
        }
        work.retain(|node, hashes| *hashes > 0 && self.chain.members().contains(node) && !self.conduct.shuns(*node));
        let mut ranked: Vec<u64> = work.values().copied().collect();
        ranked.sort_unstable();
        let last = self.chain.blocks().last().map(|decided| decided.block.body.manager);
        let last = last.filter(|manager| self.chain.members().contains(manager) && !self.conduct.shuns(*manager));
        if let (Some(manager), Some(median)) = (last, ranked.get(ranked.len() / 2)) {
            work.insert(manager, *median);
        }
        work.into_iter().collect()
    }

    pub(super) fn requested(&mut self, from: NodeId, height: u32, rate: u64, reports: &[Report]) {
        if height < self.height() {
            self.send_blocks(from, height.saturating_sub(1));
            return;
        }
        if height > self.height() {
            self.say(vec![from], Message::Sync { height: self.height().saturating_sub(1) });
            return;
        }
        if self.office.is_none() {
            return;
        }
        for report in reports {
            self.credit(from, report);
        }
        if self.conduct.shuns(from) {
            return;
        }
        if let Some(office) = self.office.as_mut() {
            office.waiting.insert(from, rate);
        }
        self.serve();
    }

    /// Credits the hashes that a report proves, once: of a range of this manager, or of one that it inherited.
    fn credit(&mut self, miner: NodeId, report: &Report) {
        let mine = self.office.as_ref().and_then(|office| office.template.as_ref());
        let proved = if mine.is_some_and(|template| template.header == report.header.with_nonce(0)) {
            match self.table.report(miner, report, self.now_ms) {
                Verdict::Proved(hashes) => hashes,
                Verdict::Unknown => 0,
                Verdict::Lazy => {
                    self.conduct.shun(miner);
                    self.credits.remove(&miner);
                    self.tally.remove(&miner);
                    0
                }
            }
        } else {
            let known = self.templates.get(&report.header.root);
            let genuine = known.is_some_and(|template| template.header == report.header.with_nonce(0));
            let out = self.inherited.iter().position(|entry| genuine && *entry == (miner, report.lease));
            out.map_or(0, |at| {
                self.inherited.swap_remove(at);
                report.hashes_proved()
            })
        };
        if proved > 0 {
            let sum = self.credits.entry(miner).or_default();
            *sum = sum.saturating_add(proved);
        }
    }

    /// Gives waiting miners work.
    fn serve(&mut self) {
        let Some(mandate) = self.mandate() else { return };
        let Some(office) = self.office.as_mut() else { return };
        let Some(header) = office.template.as_ref().map(|template| template.header) else { return };
        if office.proposal.is_some() {
            return;
        }
        for (miner, rate) in std::mem::take(&mut office.waiting) {
            if let Some(lease) = self.table.lease(miner, rate, self.now_ms, self.chain.params()) {
                self.say(vec![miner], Message::Work { mandate: mandate.clone(), header, lease });
            }
        }
    }

    /// A nonce was found by somebody.
    pub(super) fn solution(&mut self, from: NodeId, header: Header) {
        if (header.index, header.previous) != (self.height(), self.chain.tip()) {
            return;
        }
        if !self.solutions.contains(&header) {
            self.solutions.push(header);
        }
        if self.now_ms.saturating_sub(self.heard_ms) > self.params().silence_ms() {
            self.solvers.insert(from);
        }
        self.propose_known_solution();
    }

    /// Proposes the first known solution of a known template; what cannot be valid is passed over.
    fn propose_known_solution(&mut self) {
        if self.office.as_ref().is_none_or(|office| office.proposal.is_some()) {
            return;
        }
        let block = self.solutions.iter().find_map(|header| {
            let template: &Template = self.templates.get(&header.root)?;
            let block = template.solved_by(header.nonce);
            (block.header == *header && self.chain.validate(&block, &*self.keys).is_ok()).then_some(block)
        });
        if let Some(block) = block {
            self.propose(&block);
        }
    }

    /// Keeps what is needed to take over.
    pub(super) fn replicate(
        &mut self,
        template: Option<&Template>,
        leases: &[(NodeId, Lease)],
        credits: &[(NodeId, u64)],
        banned: &[NodeId],
    ) {
        if let Some(template) = template {
            let root: Digest = template.header.root;
            self.templates.entry(root).or_insert_with(|| template.clone());
        }
        self.inherited = leases.to_vec();
        self.credits = credits.iter().copied().collect();
        let me = self.id();
        banned.iter().filter(|node| **node != me).for_each(|node| self.conduct.shun(*node));
    }
}
