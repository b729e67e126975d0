//! Agreement on one block a height, and on one manager a term: single-decree Paxos whose ballots are the terms.
//!
//! Term 0 belongs to the first in the chain's order and needs no votes. A later term belongs to who has the votes of a
//! majority, and must propose the block that any of these voters accepted in the greatest term, if there is one.

use std::{collections::BTreeMap, sync::Arc};

use super::{Effect, Node, manager::Office};
use crate::{Block, Decided, Digest, Envelope, Message, Mode, NodeId, Offence};

/// An attempt to take over.
#[derive(Clone, Debug)]
pub(super) struct Campaign {
    term: u32,
    since_ms: u64,
    votes: BTreeMap<NodeId, Envelope>,
    accepted: Option<(u32, Box<Block>)>,
}

impl Node {
    /// Campaigns when its turn has come.
    pub(super) fn tick_election(&mut self) {
        let silence = self.now_ms.saturating_sub(self.heard_ms);
        let place = self.chain.order().iter().position(|node| *node == self.id()).unwrap_or(0);
        // The first backup comes forward at once, the next ones a heartbeat later each, the failed manager last.
        let place = if place == 0 { self.chain.order().len() } else { place.saturating_sub(1) };
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        let stagger = place.saturating_mul(self.params().heartbeat_ms);
        if silence < self.params().silence_ms().saturating_add(stagger) || !self.is_electable(self.id(), silence) {
            return;
        }
        let patience = self.params().silence_ms().saturating_add(stagger / 2);
        let waits = |campaign: &Campaign| self.now_ms.saturating_sub(campaign.since_ms) < patience;
        if !self.campaign.as_ref().is_some_and(waits) {
            self.run_for_office();
        }
    }

    /// Who found a nonce while nobody managed is not electable, unless nobody else comes forward for long. Where there
    /// are no backups, there is no election before somebody has found a nonce, while there is anything to search.
    fn is_electable(&self, candidate: NodeId, silence_ms: u64) -> bool {
        let solver = self.solvers.contains(&candidate);
        match self.params().mode {
            Mode::Backups => !solver || silence_ms > self.params().silence_ms().saturating_mul(5),
            Mode::SingleManager => !self.solutions.is_empty() || self.templates.is_empty(),
        }
    }

    fn run_for_office(&mut self) {
        let (me, height) = (self.id(), self.height());
        let term = self.promised.max(self.manager.0).saturating_add(1);
        let campaign = Campaign { term, since_ms: self.now_ms, votes: BTreeMap::new(), accepted: None };
        self.campaign = Some(campaign);
        self.say_to_all(Message::Campaign { height, term });
        let (vote, accepted) = self.vote(me, term);
        self.voted(&vote, accepted.as_ref());
    }

    pub(super) fn campaigned(&mut self, candidate: NodeId, height: u32, term: u32) {
        if height < self.height() {
            self.send_blocks(candidate, height.saturating_sub(1));
            return;
        }
        if height > self.height() {
            self.say(vec![candidate], Message::Sync { height: self.height().saturating_sub(1) });
            return;
        }
        let silence = self.now_ms.saturating_sub(self.heard_ms);
        // Somewhat less than the candidate's own patience, since it may have heard of the manager earlier.
        let missing = self.office.is_none() && silence >= self.params().heartbeat_ms.saturating_mul(2);
        let again = self.voted == Some((term, candidate)) && self.promised == term;
        if self.is_member() && missing && (again || term > self.promised) && self.is_electable(candidate, silence) {
            let (vote, accepted) = self.vote(candidate, term);
            self.say(vec![candidate], Message::Ballot { vote: Box::new(vote), accepted: accepted.map(Box::new) });
        }
    }

    fn vote(&mut self, candidate: NodeId, term: u32) -> (Envelope, Option<Block>) {
        self.promised = term;
        self.voted = Some((term, candidate));
        self.keep_ballot();
        let accepted = self.accepted.as_ref().map(|(term, block)| (*term, block.hash()));
        let vote = Message::Vote { height: self.height(), term, candidate, accepted };
        (Envelope::seal(vote, &*self.keys), self.accepted.as_ref().map(|(_, block)| Block::clone(block)))
    }

    /// Counts a vote; with a majority the office is taken.
    pub(super) fn voted(&mut self, vote: &Envelope, block: Option<&Block>) {
        let Message::Vote { height, term, candidate, accepted } = vote.message else { return };
        let current = (height, candidate) == (self.height(), self.id());
        let Some(campaign) = self.campaign.as_mut().filter(|campaign| current && campaign.term == term) else { return };
        let complete = accepted.map(|(_, hash)| hash) == block.map(Block::hash);
        if !complete || !self.chain.members().contains(&vote.from) || !vote.is_signed(&*self.keys) {
            return;
        }
        campaign.votes.insert(vote.from, vote.clone());
        if let (Some((term, _)), Some(block)) = (accepted, block)
            && campaign.accepted.as_ref().is_none_or(|(known, _)| *known < term)
        {
            campaign.accepted = Some((term, Box::new(block.clone())));
        }
        if !self.chain.is_majority(campaign.votes.len()) || self.promised != term {
            return;
        }
        let Some(won) = self.campaign.take() else { return };
        self.failed.extend(self.manager.1);
        self.manager = (term, Some(self.id()));
        self.take_office(term, won.votes.into_values().collect(), won.accepted.map(|(_, block)| *block));
    }

    /// Proposes a block, the only one of its term, and repeats it until it is decided.
    pub(super) fn propose(&mut self, block: &Block) {
        let Some(office) = self.office.as_mut() else { return };
        if office.proposal.is_some() || self.promised > office.term {
            return;
        }
        let term = office.term;
        office.proposal = Some(block.clone());
        office.proposed_ms = self.now_ms;
        self.repeat_proposal();
        let accept = self.accept(term, block);
        self.acceptance(&accept, self.height(), term, block.hash());
    }

    pub(super) fn repeat_proposal(&mut self) {
        let proposal = self.office.as_ref().and_then(|office| office.proposal.clone());
        if let (Some(block), Some(mandate)) = (proposal, self.mandate()) {
            self.say_to_all(Message::Propose { mandate, block: Box::new(block) });
        }
    }

    fn accept(&mut self, term: u32, block: &Block) -> Envelope {
        self.promised = term;
        self.accepted = Some((term, Box::new(block.clone())));
        self.keep_ballot();
        Envelope::seal(Message::Accept { height: self.height(), term, hash: block.hash() }, &*self.keys)
    }

    pub(super) fn proposed(&mut self, from: NodeId, term: u32, block: &Block, envelope: &Arc<Envelope>) {
        if !self.is_member() {
            return;
        }
        if term < self.promised {
            let refusal = Message::Refuse { height: self.height(), term, promised: self.promised };
            self.say(vec![from], refusal);
            return;
        }
        if self.chain.validate(block, &*self.keys).is_err() {
            self.accuse(envelope, Offence::WrongBlock);
            return;
        }
        let accept = Arc::new(self.accept(term, block));
        self.send(vec![from], accept);
    }

    /// A manager that no majority can follow any more makes way, so that another one can be elected.
    pub(super) fn refused(&mut self, from: NodeId, (height, term): (u32, u32), promised: u32) {
        let current = height == self.height();
        let Some(office) = self.office.as_mut().filter(|office| current && office.term == term) else { return };
        office.refusals.insert(from);
        office.refused_for = office.refused_for.max(promised);
        let left = self.chain.members().len().saturating_sub(office.refusals.len());
        if !self.chain.is_majority(left) {
            self.make_way();
        }
    }

    /// Whether some have refused a proposal and the others do not suffice for so long that they may be gone.
    pub(super) fn waits_in_vain(&self) -> bool {
        let silence = self.params().silence_ms();
        self.office.as_ref().is_some_and(|office| {
            let waits = self.now_ms.saturating_sub(office.proposed_ms) >= silence;
            office.proposal.is_some() && waits && !office.refusals.is_empty()
        })
    }

    pub(super) fn make_way(&mut self) {
        if let Some(office) = self.office.take() {
            self.promised = self.promised.max(office.refused_for);
        }
    }

    pub(super) fn acceptance(&mut self, accept: &Envelope, height: u32, term: u32, hash: Digest) {
        if height < self.height() {
            return;
        }
        let current = height == self.height();
        let Some(office) = self.office.as_mut().filter(|office| current && office.term == term) else { return };
        if office.proposal.as_ref().map(Block::hash) != Some(hash) {
            return;
        }
        office.accepts.insert(accept.from, accept.clone());
        if !self.chain.is_majority(office.accepts.len()) {
            return;
        }
        let Some(Office { proposal: Some(block), accepts, .. }) = self.office.take() else { return };
        let decided = Decided { block, accepts: accepts.into_values().collect() };
        let credits = std::mem::take(&mut self.credits);
        let commit = Message::Commit {
            decided: Box::new(decided.clone()),
            credits: credits.iter().map(|(node, hashes)| (*node, *hashes)).collect(),
        };
        let mut to = self.others();
        to.extend(decided.block.body.joins.iter().chain(&self.joiners));
        to.sort_unstable();
        to.dedup();
        self.say(to, commit);
        self.advance(decided, credits);
        debug_assert!(self.effects.iter().any(|effect| matches!(effect, Effect::Decided(_))));
    }
}
