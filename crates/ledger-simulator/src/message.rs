//! Messages in flight.

use serde::{Deserialize, Serialize};

/// No block.
pub(crate) const NONE: u32 = u32::MAX;

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// The proposer proposes a block.
    PrePrepare,
    /// The sender accepts it.
    Prepare,
    /// The sender knows that enough accept it.
    Commit,
    /// The proposer says that it is decided.
    Decided,
    /// The sender wants the view in `view`; it last accepted `block` in view `accepted`.
    ViewChange,
    /// To a peer: what comes after `height`?
    SyncRequest,
    /// The answer: the blocks up to `height`.
    SyncReply,
}

/// A message.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    pub(crate) sender: u32,
    pub(crate) height: u32,
    pub(crate) view: u32,
    pub(crate) block: u32,
    pub(crate) accepted: u32,
    pub(crate) bytes: u32,
}

/// Messages in flight, each in a slot that is used again once no copy of it is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pool {
    slots: Vec<Slot>,
    /// Who heard each one: so many words a slot.
    heard: Vec<u64>,
    words: usize,
    free: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Slot {
    message: Message,
    in_flight: u32,
}

impl Pool {
    pub(crate) fn new(nodes: u32) -> Self {
        let words = nodes.div_ceil(64) as usize;
        Self { slots: Vec::with_capacity(1024), heard: Vec::with_capacity(1024 * words), words, free: Vec::new() }
    }

    /// Takes a slot.
    #[expect(clippy::cast_possible_truncation, reason = "far fewer than 2^32 messages are under way at once")]
    pub(crate) fn insert(&mut self, message: Message) -> u32 {
        let slot = Slot { message, in_flight: 0 };
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            let begin = index as usize * self.words;
            self.heard[begin..begin + self.words].fill(0);
            return index;
        }
        self.slots.push(slot);
        self.heard.extend(std::iter::repeat_n(0, self.words));
        (self.slots.len() - 1) as u32
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> Message {
        self.slots[index as usize].message
    }

    /// One more copy is under way.
    #[inline]
    pub(crate) fn sent(&mut self, index: u32) {
        self.slots[index as usize].in_flight += 1;
    }

    /// One copy less is under way; without any, the slot is free.
    #[inline]
    pub(crate) fn arrived(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        slot.in_flight -= 1;
        if slot.in_flight == 0 {
            self.free.push(index);
        }
    }

    /// Frees a slot of which no copy was sent.
    pub(crate) fn free_unsent(&mut self, index: u32) {
        if self.slots[index as usize].in_flight == 0 {
            self.free.push(index);
        }
    }

    /// Whether a node heard it.
    #[inline]
    pub(crate) fn heard(&self, index: u32, node: u32) -> bool {
        self.heard[index as usize * self.words + node as usize / 64] >> (node % 64) & 1 == 1
    }

    /// Notes that a node heard it; false where it had before.
    #[inline]
    pub(crate) fn hear(&mut self, index: u32, node: u32) -> bool {
        let word = &mut self.heard[index as usize * self.words + node as usize / 64];
        let before = *word;
        *word |= 1 << (node % 64);
        before != *word
    }
}

/// Who voted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Votes {
    words: Vec<u64>,
    pub(crate) count: u32,
}

impl Votes {
    pub(crate) fn new(nodes: u32) -> Self {
        Self { words: vec![0; nodes.div_ceil(64) as usize], count: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
        self.count = 0;
    }

    pub(crate) fn add(&mut self, node: u32) {
        let word = &mut self.words[node as usize / 64];
        let before = *word;
        *word |= 1 << (node % 64);
        self.count += u32::from(before != *word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_used_again_when_its_last_copy_arrived() {
        let message = Message { kind: Kind::Prepare, sender: 0, height: 1, view: 0, block: 0, accepted: 0, bytes: 1 };
        let mut pool = Pool::new(70);
        let slot = pool.insert(message);
        pool.sent(slot);
        pool.sent(slot);
        assert!(pool.hear(slot, 69) && !pool.hear(slot, 69) && pool.heard(slot, 69) && !pool.heard(slot, 5));
        pool.arrived(slot);
        assert_ne!(pool.insert(message), slot);
        pool.arrived(slot);
        assert_eq!(pool.insert(message), slot);
        assert!(!pool.heard(slot, 69));
    }

    #[test]
    fn nobody_votes_twice() {
        let mut votes = Votes::new(70);
        for node in [0, 69, 0, 69] {
            votes.add(node);
        }
        assert_eq!(votes.count, 2);
        votes.clear();
        assert_eq!(votes.count, 0);
    }
}
