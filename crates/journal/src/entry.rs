//! What a journal holds.

use alloy_primitives::{Address, B256, LogData};
use serde::{Deserialize, Serialize};

use crate::JournalError;

/// A block by number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BlockRef {
    /// Its height.
    pub number: u64,
    /// Its hash, which tells it from others of the same height.
    pub hash: B256,
}

/// Where a log stands in the chain's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Height of its block.
    pub block: u64,
    /// Its place among the block's logs.
    pub log_index: u64,
}

/// One log, as the chain gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The block it is in.
    pub block: BlockRef,
    /// Its place among the block's logs.
    pub log_index: u64,
    /// The transaction that emitted it.
    pub transaction: B256,
    /// The contract that emitted it.
    pub address: Address,
    /// Topics and data.
    pub log: LogData,
}

impl Entry {
    /// Where the entry stands in the chain's order.
    pub const fn position(&self) -> Position {
        Position { block: self.block.number, log_index: self.log_index }
    }
}

/// A fold over everything up to a block, kept so that nobody has to fold it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptView {
    /// What its bytes are: whoever cannot read this form starts over.
    pub form: u32,
    /// The last block that is folded in.
    pub block: u64,
    /// The view itself.
    pub bytes: Vec<u8>,
}

/// What a range of blocks emitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Blocks of the range worth remembering, oldest first; the last one ends the range.
    pub blocks: Vec<BlockRef>,
    /// What the range emitted, in order.
    pub entries: Vec<Entry>,
}

impl Batch {
    /// The block that ends the range, once the batch has proved to be in order.
    pub(crate) fn end(&self) -> Result<BlockRef, JournalError> {
        let end = self.blocks.last().copied().ok_or(JournalError::Malformed { last: 0 })?;
        let blocks_ascend = self.blocks.is_sorted_by(|a, b| a.number < b.number);
        let entries_ascend = self.entries.is_sorted_by(|a, b| a.position() < b.position());
        let within = self.entries.last().is_none_or(|entry| entry.block.number <= end.number);
        if blocks_ascend && entries_ascend && within {
            Ok(end)
        } else {
            Err(JournalError::Malformed { last: end.number })
        }
    }

    /// The first block the batch speaks of.
    pub(crate) fn first(&self) -> Option<u64> {
        let block = self.blocks.first().map(|block| block.number);
        let entry = self.entries.first().map(|entry| entry.block.number);
        block.into_iter().chain(entry).min()
    }
}
