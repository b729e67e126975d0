//! Who is heard, and who is not any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::Node;
use crate::{Envelope, Expulsion, Mandate, Message, NodeId, Offence, Params};

/// What a node holds against others.
#[derive(Clone, Debug, Default)]
pub(super) struct Conduct {
    buckets: BTreeMap<NodeId, Bucket>,
    /// Neither heard nor served.
    shunned: BTreeSet<NodeId>,
    /// Signed accusations, by offender and accuser.
    accusations: BTreeMap<NodeId, BTreeMap<NodeId, Envelope>>,
}

/// How many messages of a node may still be heard, thousandths.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level_milli: u64,
    filled_ms: u64,
    dropped: u64,
}

impl Conduct {
    pub(super) fn shuns(&self, node: NodeId) -> bool {
        self.shunned.contains(&node)
    }

    pub(super) fn shun(&mut self, node: NodeId) {
        self.shunned.insert(node);
    }

    pub(super) fn shunned(&self) -> Vec<NodeId> {
        self.shunned.iter().copied().collect()
    }

    pub(super) fn accusation(&mut self, offender: NodeId, envelope: &Envelope) {
        self.accusations.entry(offender).or_default().insert(envelope.from, envelope.clone());
    }

    /// Whether one more message of a node may be heard. Who sends twice a burst too much is not heard any more.
    fn admits(&mut self, from: NodeId, now_ms: u64, params: &Params) -> bool {
        let full = params.burst.saturating_mul(1_000);
        let bucket = self.buckets.entry(from).or_insert(Bucket { level_milli: full, filled_ms: now_ms, dropped: 0 });
        let gained = now_ms.saturating_sub(bucket.filled_ms).saturating_mul(params.messages_per_second);
        bucket.level_milli = bucket.level_milli.saturating_add(gained).min(full);
        bucket.filled_ms = now_ms;
        if let Some(level) = bucket.level_milli.checked_sub(1_000) {
            bucket.level_milli = level;
            return !self.shunned.contains(&from);
        }
        bucket.dropped = bucket.dropped.saturating_add(1);
        if bucket.dropped > params.burst.saturating_mul(2) {
            self.shunned.insert(from);
        }
        false
    }
}

impl Node {
    pub(super) fn admits(&mut self, from: NodeId) -> bool {
        !self.chain.is_expelled(from) && self.conduct.admits(from, self.now_ms, self.chain.params())
    }

    /// Whether a message breaks the rules by itself; its sender is accused then.
    pub(super) fn convicts(&mut self, envelope: &Arc<Envelope>) -> bool {
        let offence = Offence::proved_by(envelope);
        if let Some(offence) = offence {
            self.accuse(envelope, offence);
        }
        offence.is_some()
    }

    /// Whether a message comes from the manager that is to be followed. Others' nodes are told what they missed, and
    /// who only pretends is accused.
    pub(super) fn follows(&mut self, mandate: &Mandate, envelope: &Arc<Envelope>) -> bool {
        let (from, height) = (envelope.from, self.height());
        if mandate.height < height {
            self.send_blocks(from, mandate.height.saturating_sub(1));
            return false;
        }
        if mandate.height > height {
            self.say(vec![from], Message::Sync { height: height.saturating_sub(1) });
            return false;
        }
        if self.manager != (mandate.term, Some(from)) && !self.is_elected(from, mandate) {
            self.accuse(envelope, Offence::Unelected);
            return false;
        }
        let (term, known) = self.manager;
        if mandate.term < term {
            // It must learn that it was replaced even where its successor is gone: who manages gives nobody its vote.
            let promised = self.promised.max(term);
            self.say(vec![from], Message::Refuse { height, term: mandate.term, promised });
            return false;
        }
        self.heard_ms = self.now_ms;
        if mandate.term > term {
            self.failed.extend(known);
            self.manager = (mandate.term, Some(from));
            self.office = None;
            self.campaign = None;
            self.draw();
            self.request();
        }
        true
    }

    fn is_elected(&self, candidate: NodeId, mandate: &Mandate) -> bool {
        if mandate.term == 0 {
            return self.chain.order().first() == Some(&candidate);
        }
        self.chain.is_said_by_majority(&mandate.votes, &*self.keys, |envelope| {
            matches!(envelope.message, Message::Vote { height, term, candidate: of, .. }
                if (height, term, of) == (mandate.height, mandate.term, candidate))
        })
    }

    /// Judges a message that somebody else received.
    pub(super) fn charged(&mut self, evidence: &Envelope) {
        let member = self.chain.members().contains(&evidence.from);
        if !member || self.conduct.shuns(evidence.from) || !evidence.is_signed(&*self.keys) {
            return;
        }
        let offence = Offence::proved_by(evidence).or_else(|| {
            let mandate = evidence.message.mandate().filter(|mandate| mandate.height == self.height())?;
            match &evidence.message {
                _ if !self.is_elected(evidence.from, mandate) => Some(Offence::Unelected),
                Message::Propose { block, .. } if self.chain.validate(block, &*self.keys).is_err() => {
                    Some(Offence::WrongBlock)
                }
                _ => None,
            }
        });
        if let Some(offence) = offence {
            self.accuse(&Arc::new(evidence.clone()), offence);
        }
    }

    /// Hears the sender of a message no more, and tells the others why.
    pub(super) fn accuse(&mut self, evidence: &Arc<Envelope>, offence: Offence) {
        let offender = evidence.from;
        if self.conduct.shuns(offender) || !self.chain.members().contains(&offender) {
            return;
        }
        self.conduct.shun(offender);
        let accusation = Arc::new(Envelope::seal(Message::Accuse { offender, offence }, &*self.keys));
        self.conduct.accusation(offender, &accusation);
        self.say_to_all(Message::Charge { evidence: Box::new(Envelope::clone(evidence)) });
        let others = self.others();
        self.send(others, accusation);
    }

    /// Accusations are repeated at each height, since messages get lost and members change.
    pub(super) fn repeat_accusations(&mut self) {
        let (me, members) = (self.id(), self.chain.members().clone());
        self.conduct.accusations.retain(|offender, _| members.contains(offender));
        let mine = self.conduct.accusations.values().filter_map(|by| by.get(&me));
        let repeated: Vec<_> = mine.map(|accusation| Arc::new(accusation.clone())).collect();
        for accusation in repeated {
            let others = self.others();
            self.send(others, accusation);
        }
    }

    /// Members that a majority wants to be none.
    pub(super) fn expulsions(&self) -> Vec<Expulsion> {
        let wanted = |(offender, by): (&NodeId, &BTreeMap<NodeId, Envelope>)| {
            let accusations: Vec<_> = by.values().cloned().collect();
            let majority = self.chain.is_said_by_majority(&accusations, &*self.keys, |_| true);
            (majority && self.chain.members().contains(offender))
                .then_some(Expulsion { offender: *offender, accusations })
        };
        self.conduct.accusations.iter().filter_map(wanted).collect()
    }
}
