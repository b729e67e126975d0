//! What a node writes down, and how it goes on from there after it was stopped.

use std::collections::BTreeSet;

use thiserror::Error;

use super::Node;
use crate::{Ballot, Chain, Keys, NodeId, Params, Record};

/// Records that no node wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("what was written down about height {height} does not follow from what was before it")]
pub struct Unsound {
    /// The height.
    pub height: u32,
}

impl Node {
    /// A node that goes on from its records, in the order in which [`Effect::Keep`](super::Effect::Keep) gave them.
    ///
    /// It may have managed the height that it stopped at, and does not know what it leased: it takes no office at this
    /// height but by election.
    pub fn restore(
        params: Params,
        members: BTreeSet<NodeId>,
        keys: Box<dyn Keys + Send>,
        now_ms: u64,
        records: impl IntoIterator<Item = Record>,
    ) -> Result<Self, Unsound> {
        let mut node = Self::blank(Chain::new(params, members), keys, now_ms);
        let mut last = Ballot::default();
        for record in records {
            node.recall(record, &mut last)?;
        }
        node.clear_height();
        if last.height == node.height() {
            (node.promised, node.voted, node.accepted) = (last.promised, last.voted, last.accepted.clone());
        }
        node.kept = last;
        if node.is_member() {
            node.draw();
            node.request();
        }
        Ok(node)
    }

    fn recall(&mut self, record: Record, last: &mut Ballot) -> Result<(), Unsound> {
        let height = self.height();
        let unsound = Unsound { height };
        match record {
            Record::Decided { decided, credits } => {
                let holds = self.chain.is_decided(&decided, &*self.keys)
                    && self.chain.validate(&decided.block, &*self.keys).is_ok();
                if !holds {
                    return Err(unsound);
                }
                self.chain.append(*decided);
                self.tally = credits.into_iter().collect();
            }
            Record::Ballot(ballot) if ballot.height == height => *last = ballot,
            Record::Ballot(_) => return Err(unsound),
        }
        Ok(())
    }

    /// Sees to it that the ballot is written down before what was done with it is known to anybody. A manager repeats its
    /// proposal with every heartbeat; what is written down already is not written again.
    pub(super) fn keep_ballot(&mut self) {
        let ballot = Ballot {
            height: self.height(),
            promised: self.promised,
            voted: self.voted,
            accepted: self.accepted.clone(),
        };
        if ballot != self.kept {
            self.kept = ballot.clone();
            self.records.push(Record::Ballot(ballot));
        }
    }
}
