//! Reads what contracts emit, range by range, and undoes what the chain undoes.

mod ranges;

use std::sync::Arc;

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{Address, Bloom},
};
use journal::{Batch, BlockRef, Entry, Journal, JournalError, KEPT_BLOCKS};
use ranges::Ranges;
use thiserror::Error;

use crate::{Client, ClientError, Head};

/// What to follow.
#[derive(Clone, Debug)]
pub struct FollowSettings {
    /// The contracts whose logs are read.
    pub contracts: Vec<Address>,
    /// The first block that can hold any.
    pub from: u64,
    /// The most blocks read at once; halved whenever the node refuses, and grown again.
    pub chunk: u64,
}

impl FollowSettings {
    /// Follows `contracts` since block `from`, 10,000 blocks at a time.
    pub fn new(contracts: Vec<Address>, from: u64) -> Self {
        Self { contracts, from, chunk: 10_000 }
    }
}

/// What one step brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing: everything up to the newest block had been read.
    None {
        /// The newest block.
        head: Head,
    },
    /// More of the chain.
    Appended {
        /// What it emitted, in order.
        entries: Vec<Entry>,
        /// The newest block, once it has been reached; until then the past is still being read.
        reached: Option<Head>,
    },
    /// The chain was reorganised: a fold over entries must begin anew from the journal.
    Replaced {
        /// The last block that is still the same; `None` if none of those remembered.
        kept: Option<u64>,
        /// The newest block, which has been reached.
        head: Head,
    },
}

/// Why a step failed. Trying again is always safe: the journal is as it was, or a whole step further.
#[derive(Debug, Error)]
pub enum FollowError {
    /// The node failed.
    #[error("the node could not be read")]
    Client(#[from] ClientError),
    /// The journal failed.
    #[error("the journal could not be read or written")]
    Journal(#[from] JournalError),
    /// The chain changed while a range of it was being read.
    #[error("block {number} was replaced while it was being read")]
    Moved {
        /// The block that ended the range.
        number: u64,
    },
    /// Another node came to be asked in the middle of a step: its answers may not fit those before.
    #[error("another endpoint came to be asked in the middle of a step")]
    Switched,
    /// The node knows a block, and does not tell all that it emitted, as the block's header shows. Some nodes do so for a moment.
    #[error("the node does not tell yet all that block {number} emitted")]
    Incomplete {
        /// The block.
        number: u64,
    },
    /// The node gave a log without saying where it belongs.
    #[error("the node returned a log without its place in the chain")]
    Misplaced,
}

/// Keeps a journal up to date with a chain. The only writer of its journal.
pub struct Follower {
    client: Client,
    journal: Arc<dyn Journal>,
    from: u64,
    ranges: Ranges,
    recent: Vec<BlockRef>,
    /// How often another node had come to be asked when the step began.
    switches: u64,
}

impl Follower {
    /// Goes on where the journal ends.
    pub async fn open(
        client: Client,
        journal: Arc<dyn Journal>,
        settings: FollowSettings,
    ) -> Result<Self, FollowError> {
        let recent = journal.recent().await?;
        let ranges = Ranges::new(client.clone(), settings.contracts, settings.chunk);
        Ok(Self { client, journal, from: settings.from, ranges, recent, switches: 0 })
    }

    /// The last block that was read.
    pub fn cursor(&self) -> Option<BlockRef> {
        self.recent.last().copied()
    }

    /// Reads on by at most one range. Dropping the future midway loses nothing.
    pub async fn step(&mut self) -> Result<Progress, FollowError> {
        self.switches = self.client.switches();
        let (head, bloom) = self.client.head_and_bloom().await?;
        match self.cursor() {
            None if head.block.number < self.from => Ok(Progress::None { head }),
            None => self.append(self.from, head, &bloom).await,
            Some(cursor) if cursor == head.block => Ok(Progress::None { head }),
            // A node behind the one that was asked before: nothing is undone, and nothing new.
            Some(cursor) if head.block.number < cursor.number && self.may_be_behind(head).await? => {
                Ok(Progress::None { head })
            }
            Some(cursor) if self.holds(cursor, head).await? => self.append(cursor.number + 1, head, &bloom).await,
            Some(_) => self.replace(head, &bloom).await,
        }
    }

    /// Whether `block` is on the chain that ends in `head`.
    async fn holds(&self, block: BlockRef, head: Head) -> Result<bool, FollowError> {
        if head.block.number == block.number + 1 {
            return Ok(head.parent == block.hash);
        }
        let found = self.client.block(BlockNumberOrTag::Number(block.number)).await?;
        Ok(found.is_some_and(|found| found.block == block))
    }

    /// Whether the chain that ends in `head` may be the start of the one that was read: it has the newest block that is
    /// remembered of those it reaches, or where it reaches none the block of the oldest entry.
    async fn may_be_behind(&self, head: Head) -> Result<bool, FollowError> {
        match self.recent.iter().rev().find(|block| block.number <= head.block.number) {
            Some(block) if block.number == head.block.number => Ok(*block == head.block),
            Some(block) => self.holds(*block, head).await,
            None => match self.journal.entries(None, 1).await?.first().map(|oldest| oldest.block) {
                Some(oldest) if oldest.number <= head.block.number => self.holds(oldest, head).await,
                _ => Ok(true),
            },
        }
    }

    fn require_one_endpoint(&self) -> Result<(), FollowError> {
        if self.client.switches() == self.switches { Ok(()) } else { Err(FollowError::Switched) }
    }

    async fn append(&mut self, first: u64, head: Head, bloom: &Bloom) -> Result<Progress, FollowError> {
        let (batch, reached) = if first == head.block.number {
            (self.ranges.read_block(head.block, bloom).await?, true)
        } else {
            let batch = self.ranges.read(first, head.block, bloom).await?;
            let reached = batch.blocks.last() == Some(&head.block);
            // A range that ends before the head may be of another branch than the cursor was a moment ago.
            if let Some(cursor) = self.cursor().filter(|_| !reached)
                && !self.holds(cursor, head).await?
            {
                return Err(FollowError::Moved { number: cursor.number });
            }
            (batch, reached)
        };
        self.require_one_endpoint()?;
        let (blocks, entries) = (batch.blocks.clone(), batch.entries.clone());
        self.journal.append(batch).await?;
        self.remember(&blocks);
        Ok(Progress::Appended { entries, reached: reached.then_some(head) })
    }

    async fn replace(&mut self, head: Head, bloom: &Bloom) -> Result<Progress, FollowError> {
        let kept = self.common_ancestor(head).await?;
        let mut first = kept.map_or(self.from, |kept| kept + 1);
        let mut whole = Batch::default();
        while whole.blocks.last() != Some(&head.block) {
            let batch = self.ranges.read(first, head.block, bloom).await?;
            first = batch.blocks.last().map_or(first, |end| end.number + 1);
            whole.blocks.extend(batch.blocks);
            whole.entries.extend(batch.entries);
        }
        self.require_one_endpoint()?;
        self.journal.replace(kept, whole).await?;
        self.recent = self.journal.recent().await?;
        Ok(Progress::Replaced { kept, head })
    }

    async fn common_ancestor(&self, head: Head) -> Result<Option<u64>, FollowError> {
        for block in self.recent.iter().rev().filter(|block| block.number < head.block.number) {
            if self.holds(*block, head).await? {
                return Ok(Some(block.number));
            }
        }
        Ok(None)
    }

    fn remember(&mut self, blocks: &[BlockRef]) {
        self.recent.extend(blocks);
        let surplus = self.recent.len().saturating_sub(KEPT_BLOCKS);
        self.recent.drain(..surplus);
    }
}
