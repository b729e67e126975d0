//! Making blocks, adding them, and catching up on them.

use simulation::Micros;

use crate::{
    block::{Block, Conflict},
    message::{Kind, Message},
    simulator::{Event, Simulator},
};

impl Simulator {
    /// A block of the oldest transactions that are there and fit; none where there is no transaction.
    #[expect(clippy::cast_possible_truncation, reason = "blocks are counted in 32 bits")]
    pub(crate) fn make_block(&mut self, node: u32) -> Option<u32> {
        let own = &self.nodes[node as usize];
        let first = own.next_transaction;
        let (mut end, mut bytes) = (first, 0_u32);
        while let Some(transaction) = self.transactions.get(end as usize) {
            if transaction.created > self.now || bytes + transaction.bytes > self.settings.capacity {
                break;
            }
            bytes += transaction.bytes;
            end += 1;
        }
        if end == first {
            return None;
        }
        self.blocks.push(Block {
            height: own.height + 1,
            proposer: node,
            created: self.now,
            first,
            end,
            bytes,
            holders: 0,
            added: 0,
            first_added: Micros::ZERO,
            decided: Micros::ZERO,
        });
        Some((self.blocks.len() - 1) as u32)
    }

    /// Puts a decided block on top of a node's chain.
    pub(crate) fn add(&mut self, node: u32, index: u32, at: Micros) {
        let own = &mut self.nodes[node as usize];
        let block = &mut self.blocks[index as usize];
        own.height += 1;
        own.next_transaction = block.end;
        if block.holders == 0 {
            block.first_added = at;
        }
        block.holders += 1;
        block.added += at.0;
        if block.holders == self.settings.quorum {
            block.decided = at;
            self.committed += block.end - block.first;
        }
        match self.decided.get(own.height as usize - 1) {
            None => self.decided.push(index),
            Some(first) if *first == index => {}
            Some(_) => self.conflicts.push(Conflict { node, height: own.height }),
        }
    }

    /// The leader says that its block is decided.
    pub(crate) fn hear_decision(&mut self, node: u32, message: Message, back: u32) {
        let own = &self.nodes[node as usize];
        let has = self.settings.votes == crate::config::VotePayload::Block || own.accepted_block == message.block;
        if message.height == own.height + 1 && has {
            let at = self.now + self.settings.message_validation + self.settings.block_validation;
            self.add(node, message.block, at);
            self.begin_height(node, at);
        } else if message.height > own.height {
            self.ask(node, message.height, back);
        }
    }

    /// Asks a peer for blocks up to a height, unless it just did.
    pub(crate) fn ask(&mut self, node: u32, height: u32, arc: u32) {
        let own = &mut self.nodes[node as usize];
        let (asked, when) = own.asked;
        if height > asked || self.now >= when + self.settings.timeout {
            own.asked = (height, self.now);
            let from = own.height;
            self.tell(arc, Kind::SyncRequest, from, 0, self.now);
        }
    }

    /// Asks every peer for whatever comes next.
    pub(crate) fn ask_all(&mut self, node: u32) {
        let height = self.nodes[node as usize].height;
        for arc in self.links.of(node) {
            self.tell(arc, Kind::SyncRequest, height, 0, self.now);
        }
    }

    /// Answers a peer that has fewer blocks.
    pub(crate) fn answer(&mut self, node: u32, message: Message, back: u32) {
        let height = self.nodes[node as usize].height;
        if height > message.height {
            let missing = &self.decided[message.height as usize..height as usize];
            let bytes = missing.iter().map(|block| self.block_bytes(*block)).fold(0, u32::saturating_add);
            let at = self.now + self.settings.message_validation;
            self.tell(back, Kind::SyncReply, height, bytes, at);
        }
    }

    /// Adds the blocks that a peer sent.
    pub(crate) fn adopt(&mut self, node: u32, height: u32) {
        let own = self.nodes[node as usize].height;
        if height <= own {
            return;
        }
        let mut at = self.now + self.settings.message_validation;
        for index in own..height {
            at += self.settings.block_validation;
            self.add(node, self.decided[index as usize], at);
        }
        self.begin_height(node, at);
    }

    /// Comes back after a crash with what it knew, and asks for what it missed.
    pub(crate) fn recover(&mut self, node: u32) {
        let own = &mut self.nodes[node as usize];
        own.timer += 1;
        own.view_began = self.now;
        let timer = own.timer;
        self.queue.push(self.now + self.settings.timeout, Event::Timeout { node, timer });
        self.ask_all(node);
    }
}
