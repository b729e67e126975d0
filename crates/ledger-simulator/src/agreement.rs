//! PBFT and `BigFoot`, as a node follows them.
//!
//! A height is decided in views; view v of height h is led by node (h − 1 + v) mod n. A node that accepted a proposal
//! says so when it asks for another view, and the next leader proposes again what was accepted in the latest view: as
//! leaders do not contradict themselves, what may have been decided, in either way, is kept.

use simulation::Micros;

use crate::{
    config::Protocol,
    message::{Kind, Message, NONE},
    node::{Stage, Wish},
    simulator::{Event, Simulator},
};

impl Simulator {
    /// A node hears something for the first time.
    pub(crate) fn receive(&mut self, node: u32, message: Message, arc: u32) {
        let back = self.links.arcs[arc as usize].back;
        match message.kind {
            Kind::SyncRequest => self.answer(node, message, back),
            Kind::SyncReply => self.adopt(node, message.height),
            Kind::Decided => self.hear_decision(node, message, back),
            _ => {
                if message.height > self.nodes[node as usize].height + 2 {
                    self.ask(node, message.height - 1, back);
                }
                self.consider(node, message);
            }
        }
    }

    /// Who leads a view.
    pub(crate) const fn leader(&self, height: u32, view: u32) -> u32 {
        (height - 1 + view) % self.settings.nodes
    }

    /// Heeds a proposal, a vote or a wish now, later or never.
    fn consider(&mut self, node: u32, message: Message) {
        let own = &mut self.nodes[node as usize];
        if message.height <= own.height {
            return;
        }
        if message.height > own.height + 1 {
            own.held.push(message);
        } else if message.kind == Kind::ViewChange {
            self.hear_wish(node, message);
        } else if message.view > own.view {
            own.held.push(message);
            self.catch_up(node, message.view);
        } else if message.view == own.view {
            self.heed(node, message);
        }
    }

    fn heed(&mut self, node: u32, message: Message) {
        let leader = self.leader(message.height, message.view);
        let own = &mut self.nodes[node as usize];
        match (message.kind, own.stage) {
            (Kind::PrePrepare, Stage::Waiting) if message.sender == leader => self.accept(node, message),
            (Kind::Prepare, Stage::Waiting) | (Kind::Commit, Stage::Waiting | Stage::Accepted) => {
                own.held.push(message);
            }
            (Kind::Prepare, Stage::Accepted) => {
                own.prepares.add(message.sender);
                self.count_prepares(node, self.now + self.settings.message_validation);
            }
            (Kind::Commit, Stage::Prepared | Stage::Changing) => {
                own.commits.add(message.sender);
                self.count_commits(node, self.now + self.settings.message_validation);
            }
            _ => {}
        }
    }

    fn accept(&mut self, node: u32, message: Message) {
        let at = self.now + self.settings.message_validation + self.settings.block_validation;
        self.take(node, message.block);
        self.nodes[node as usize].prepares.add(message.sender);
        self.vote(node, Kind::Prepare, at);
        self.count_prepares(node, at);
        self.replay(node);
    }

    /// Accepts a block in the present view.
    fn take(&mut self, node: u32, block: u32) {
        let own = &mut self.nodes[node as usize];
        own.stage = Stage::Accepted;
        own.block = block;
        own.accepted = own.view + 1;
        own.accepted_block = block;
        own.prepares.add(node);
    }

    /// Says something about the present proposal.
    fn vote(&mut self, node: u32, kind: Kind, at: Micros) {
        let own = &self.nodes[node as usize];
        let (height, view, block) = (own.height + 1, own.view, own.block);
        self.say(Message { kind, sender: node, height, view, block, accepted: 0, bytes: 0 }, at);
    }

    fn count_prepares(&mut self, node: u32, at: Micros) {
        let own = &mut self.nodes[node as usize];
        if own.stage != Stage::Accepted {
            return;
        }
        if own.fast && own.prepares.count == self.settings.nodes {
            let block = own.block;
            self.decide(node, block, at);
        } else if !own.fast && own.prepares.count >= self.settings.quorum {
            own.stage = Stage::Prepared;
            own.commits.add(node);
            self.vote(node, Kind::Commit, at);
            self.count_commits(node, at);
            self.replay(node);
        }
    }

    fn count_commits(&mut self, node: u32, at: Micros) {
        let own = &self.nodes[node as usize];
        if own.commits.count >= self.settings.quorum && own.block != NONE {
            self.decide(node, own.block, at);
        }
    }

    /// Adds a block that was agreed on, and goes on to the next height.
    fn decide(&mut self, node: u32, block: u32, at: Micros) {
        let own = &self.nodes[node as usize];
        let (height, view) = (own.height + 1, own.view);
        self.add(node, block, at);
        if self.leader(height, view) == node {
            let kind = Kind::Decided;
            self.say(Message { kind, sender: node, height, view, block, accepted: 0, bytes: 0 }, at);
        }
        self.begin_height(node, at);
    }

    /// Begins the height after the node's last block.
    pub(crate) fn begin_height(&mut self, node: u32, at: Micros) {
        let protocol = self.protocol_at(self.nodes[node as usize].height + 1);
        self.nodes[node as usize].forget(protocol);
        self.enter(node, 0, at, true);
    }

    /// Begins a view; its leader proposes if it knows what may have been decided.
    fn enter(&mut self, node: u32, view: u32, at: Micros, knows: bool) {
        let begin = at + self.settings.interval;
        let own = &mut self.nodes[node as usize];
        own.enter(view, begin);
        let (timer, height, protocol) = (own.timer, own.height + 1, own.protocol);
        self.queue.push(begin + self.settings.timeout, Event::Timeout { node, timer });
        if protocol == Protocol::Bigfoot {
            self.queue.push(begin + self.settings.fast_path, Event::FastPath { node, timer });
        }
        if knows && self.leader(height, view) == node {
            self.queue.push(begin, Event::Propose { node, timer });
        }
        self.replay(node);
    }

    /// The leader's turn.
    pub(crate) fn propose(&mut self, node: u32, timer: u32) {
        let own = &self.nodes[node as usize];
        if !own.alive || own.silent || own.timer != timer || own.stage != Stage::Waiting {
            return;
        }
        let block = match own.last_accepted(own.view) {
            NONE => self.make_block(node),
            block => Some(block),
        };
        let Some(block) = block else {
            let next = self.nodes[node as usize].next_transaction as usize;
            if let Some(transaction) = self.transactions.get(next) {
                self.queue.push(transaction.created, Event::Propose { node, timer });
            }
            return;
        };
        let at = self.now + self.settings.creation;
        self.take(node, block);
        self.vote(node, Kind::PrePrepare, at);
        self.count_prepares(node, at);
        self.replay(node);
    }

    /// Not all voted in time: from now on a quorum does.
    pub(crate) fn leave_fast_path(&mut self, node: u32, timer: u32) {
        let own = &mut self.nodes[node as usize];
        if own.alive && own.timer == timer && own.fast {
            own.fast = false;
            self.count_prepares(node, self.now);
        }
    }

    /// Nothing was decided: asks for another leader, and peers for what it missed.
    pub(crate) fn time_out(&mut self, node: u32, timer: u32) {
        let own = &self.nodes[node as usize];
        if !own.alive || own.timer != timer {
            return;
        }
        // With nothing to decide there is no reason to blame the leader.
        let Some(oldest) = self.transactions.get(own.next_transaction as usize) else { return };
        let due = own.view_began.max(oldest.created) + self.settings.timeout;
        if due > self.now && own.stage != Stage::Changing {
            self.queue.push(due, Event::Timeout { node, timer });
            return;
        }
        self.ask_all(node);
        let view = own_wish(self.nodes[node as usize].view, self.nodes[node as usize].wishes[node as usize]) + 1;
        self.wish(node, view);
    }

    /// Asks for a view.
    fn wish(&mut self, node: u32, view: u32) {
        let own = &mut self.nodes[node as usize];
        own.stage = Stage::Changing;
        own.view_changes += 1;
        own.timer += 1;
        let (height, accepted, block) = (own.height + 1, own.accepted, own.accepted_block);
        own.wishes[node as usize] = Wish { view, accepted, block };
        let timer = own.timer;
        self.queue.push(self.now + self.settings.timeout, Event::Timeout { node, timer });
        let message = Message { kind: Kind::ViewChange, sender: node, height, view, block, accepted, bytes: 0 };
        self.say(message, self.now);
        self.weigh_wishes(node);
    }

    fn hear_wish(&mut self, node: u32, message: Message) {
        let wish = &mut self.nodes[node as usize].wishes[message.sender as usize];
        if message.view > wish.view {
            *wish = Wish { view: message.view, accepted: message.accepted, block: message.block };
            self.weigh_wishes(node);
        }
    }

    /// Enters a view that a quorum wishes for; joins in a wish of more than can be faulty.
    fn weigh_wishes(&mut self, node: u32) {
        let own = &self.nodes[node as usize];
        let mine = own_wish(own.view, own.wishes[node as usize]);
        let agreed = own.wished_by(self.settings.quorum);
        let joined = own.wished_by(self.settings.faults + 1);
        if agreed > own.view {
            self.enter(node, agreed, self.now, true);
        } else if joined > mine {
            self.wish(node, joined);
        }
    }

    /// Enters a later view in which more than can be faulty already vote.
    fn catch_up(&mut self, node: u32, view: u32) {
        let own = &self.nodes[node as usize];
        let height = own.height + 1;
        let there = |kind| {
            let votes = own.held.iter().filter(|held| held.height == height && held.view == view);
            votes.filter(|held| held.kind == kind).count()
        };
        if there(Kind::Prepare).max(there(Kind::Commit)) > self.settings.faults as usize {
            self.enter(node, view, self.now, false);
        }
    }

    /// Heeds what was held back and has become due, and drops what never will be.
    fn replay(&mut self, node: u32) {
        let mut index = 0;
        while let Some(message) = self.nodes[node as usize].held.get(index).copied() {
            let own = &mut self.nodes[node as usize];
            let present = message.height == own.height + 1 && message.view == own.view;
            let later = message.height > own.height + 1
                || message.kind != Kind::ViewChange && message.height == own.height + 1 && message.view > own.view
                || present && own.stage == Stage::Waiting && message.kind != Kind::PrePrepare
                || present && own.stage == Stage::Accepted && message.kind == Kind::Commit;
            if later {
                index += 1;
            } else {
                own.held.swap_remove(index);
                self.consider(node, message);
            }
        }
    }
}

/// The least view that somebody in `view` with this wish still takes part in.
const fn own_wish(view: u32, wish: Wish) -> u32 {
    if wish.view > view { wish.view } else { view }
}
