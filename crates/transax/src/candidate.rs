//! The candidate: a verified plan, block by block, and the chain of hashes by which the contract remembers it.

use alloy_primitives::{Address, B256, Keccak256};
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, WattHours};

use crate::{Leg, Trade, legs_hash};

/// What a verified plan does in one interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// When.
    pub interval: IntervalIndex,
    /// Energy traded.
    pub value: WattHours,
    /// Its trades, by seller and buyer.
    pub trades: Vec<Trade>,
    /// What each offer trades, by offer.
    pub legs: Vec<Leg>,
}

/// Opens one block of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Hash of the block's legs, see [`legs_hash`].
    pub legs_hash: B256,
    /// The chain of the blocks after it; zero after the last.
    pub rest: B256,
    /// Interval of the next block; 0 after the last.
    pub next_interval: IntervalIndex,
    /// Energy traded in the next block; 0 after the last.
    pub next_value: WattHours,
}

impl Link {
    /// The chain that this link opens.
    pub fn chain(&self) -> B256 {
        let mut hash = Keccak256::new();
        hash.update(self.legs_hash);
        hash.update(self.rest);
        hash.update(word(self.next_interval.0.into()));
        hash.update(word(self.next_value.0));
        hash.finalize()
    }
}

/// The links of a chain of blocks, in their order.
pub fn links(blocks: &[Block]) -> Vec<Link> {
    let mut links = Vec::new();
    let (mut rest, mut next_interval, mut next_value) = (B256::ZERO, IntervalIndex(0), WattHours(0));
    for block in blocks.iter().rev() {
        let link = Link { legs_hash: legs_hash(&block.legs), rest, next_interval, next_value };
        (rest, next_interval, next_value) = (link.chain(), block.interval, block.value);
        links.push(link);
    }
    links.reverse();
    links
}

/// The best plan so far, without the intervals that became final or were dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who proposed it.
    pub solver: Address,
    /// Energy it trades.
    pub value: WattHours,
    /// By interval; never empty.
    pub blocks: Vec<Block>,
    /// Whether some offer was given more intervals since, so that finalising reads all offers again.
    pub is_extended: bool,
}

impl Candidate {
    /// What it does in an interval.
    pub fn block(&self, interval: IntervalIndex) -> Option<&Block> {
        let place = self.blocks.binary_search_by_key(&interval, |block| block.interval).ok()?;
        self.blocks.get(place)
    }

    /// Its first block.
    pub fn head(&self) -> Option<&Block> {
        self.blocks.first()
    }

    /// The hash under which the contract holds it.
    pub fn chain(&self) -> B256 {
        links(&self.blocks).first().map_or(B256::ZERO, Link::chain)
    }

    /// The links of its blocks, in order.
    pub fn links(&self) -> Vec<Link> {
        links(&self.blocks)
    }

    /// Whatever is left after its first block.
    pub(crate) fn without_head(mut self) -> Option<Self> {
        if self.blocks.is_empty() {
            return None;
        }
        let head = self.blocks.remove(0);
        self.value = WattHours(self.value.0.saturating_sub(head.value.0));
        Some(self).filter(|left| !left.blocks.is_empty())
    }
}

fn word(number: u64) -> B256 {
    let mut word = B256::ZERO;
    if let Some(tail) = word.0.last_chunk_mut() {
        *tail = number.to_be_bytes();
    }
    word
}
