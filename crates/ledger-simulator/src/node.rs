//! What a node knows.

use serde::{Deserialize, Serialize};
use simulation::Micros;

use crate::{
    config::Protocol,
    message::{Message, NONE, Votes},
};

/// Where a node is in its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Waits for a proposal.
    Waiting,
    /// Accepted one.
    Accepted,
    /// Knows that enough did.
    Prepared,
    /// Asked for another view.
    Changing,
}

/// A vote for another view, as its sender last cast it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Wish {
    /// The least view its sender still takes part in.
    pub(crate) view: u32,
    /// One more than the view in which the sender last accepted a block; 0 for none.
    pub(crate) accepted: u32,
    /// That block.
    pub(crate) block: u32,
}

/// A node. Its proposals and votes survive a crash, as they must.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) alive: bool,
    pub(crate) silent: bool,
    /// How many blocks it has.
    pub(crate) height: u32,
    /// The last transaction in them, exclusively.
    pub(crate) next_transaction: u32,
    pub(crate) view: u32,
    pub(crate) stage: Stage,
    pub(crate) protocol: Protocol,
    /// Still waits for the votes of all (`BigFoot`).
    pub(crate) fast: bool,
    /// The proposal of this view.
    pub(crate) block: u32,
    /// One more than the view in which it last accepted a block at this height; 0 for none.
    pub(crate) accepted: u32,
    /// That block.
    pub(crate) accepted_block: u32,
    pub(crate) prepares: Votes,
    pub(crate) commits: Votes,
    /// What everybody last wished for at this height, itself included.
    pub(crate) wishes: Vec<Wish>,
    /// Messages for later.
    pub(crate) held: Vec<Message>,
    /// Timers of earlier generations are void.
    pub(crate) timer: u32,
    /// When its present view began.
    pub(crate) view_began: Micros,
    /// Up to where it last asked for blocks, and when.
    pub(crate) asked: (u32, Micros),
    /// How many views it left without a decision.
    pub(crate) view_changes: u32,
}

impl Node {
    pub(crate) fn new(nodes: u32, protocol: Protocol) -> Self {
        Self {
            alive: true,
            silent: false,
            height: 0,
            next_transaction: 0,
            view: 0,
            stage: Stage::Waiting,
            protocol,
            fast: protocol == Protocol::Bigfoot,
            block: NONE,
            accepted: 0,
            accepted_block: NONE,
            prepares: Votes::new(nodes),
            commits: Votes::new(nodes),
            wishes: vec![Wish::default(); nodes as usize],
            held: Vec::with_capacity(4 * nodes as usize),
            timer: 0,
            view_began: Micros::ZERO,
            asked: (0, Micros::ZERO),
            view_changes: 0,
        }
    }

    /// Begins a view.
    pub(crate) fn enter(&mut self, view: u32, now: Micros) {
        self.view = view;
        self.stage = Stage::Waiting;
        self.fast = self.protocol == Protocol::Bigfoot;
        self.block = NONE;
        self.prepares.clear();
        self.commits.clear();
        self.view_began = now;
        self.timer += 1;
    }

    /// Begins a height.
    pub(crate) fn forget(&mut self, protocol: Protocol) {
        self.protocol = protocol;
        self.accepted = 0;
        self.accepted_block = NONE;
        self.wishes.fill(Wish::default());
        let height = self.height;
        self.held.retain(|message| message.height > height);
    }

    /// How many wish for a view at least as late.
    pub(crate) fn wishing(&self, view: u32) -> usize {
        self.wishes.iter().filter(|wish| wish.view >= view).count()
    }

    /// The latest view that so many wish for or have passed.
    pub(crate) fn wished_by(&self, count: u32) -> u32 {
        let views = self.wishes.iter().map(|wish| wish.view);
        views.filter(|view| self.wishing(*view) >= count as usize).max().unwrap_or(0)
    }

    /// The block last accepted by those who wish for a view, or none.
    pub(crate) fn last_accepted(&self, view: u32) -> u32 {
        let wishes = self.wishes.iter().filter(|wish| wish.view >= view && wish.accepted > 0);
        wishes.max_by_key(|wish| wish.accepted).map_or(NONE, |wish| wish.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_wished_by_all_who_wish_for_it_or_a_later_one() {
        let mut node = Node::new(4, Protocol::Pbft);
        node.wishes[0] = Wish { view: 2, accepted: 1, block: 7 };
        node.wishes[1] = Wish { view: 3, accepted: 2, block: 8 };
        node.wishes[2] = Wish { view: 1, accepted: 3, block: 9 };
        assert_eq!([1, 2, 3, 4].map(|count| node.wished_by(count)), [3, 2, 1, 0]);
        assert_eq!((node.last_accepted(2), node.last_accepted(1), node.last_accepted(4)), (8, 9, NONE));
    }
}
