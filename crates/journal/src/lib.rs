#![doc = include_str!("../README.md")]

pub mod conformance;
mod entry;
mod file;
mod leadership;
mod memory;
mod outbox;
mod spending;
mod sql;
mod store;

use async_trait::async_trait;
pub use entry::{Batch, BlockRef, Entry, KeptView, Position};
pub use file::{JournalFile, JournalFileError};
pub use leadership::{Lead, Leadership};
pub use memory::MemoryJournal;
pub use outbox::{MemoryOutbox, Outbox, Outgoing, SqlOutbox};
pub use spending::{MemorySpending, Spending, SqlSpending};
pub use sql::SqlJournal;
pub use store::{Account, Place, PlaceError, Store, StoreError};
use thiserror::Error;

/// How many blocks a journal keeps to find a common ancestor with after a reorganisation.
pub const KEPT_BLOCKS: usize = 64;

/// Keeps what was read from a chain. One writer; any number of readers.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The blocks that ended batches or emitted something, oldest first, at most [`KEPT_BLOCKS`]. The last one is the
    /// cursor: everything up to it has been read. Empty in a new journal.
    async fn recent(&self) -> Result<Vec<BlockRef>, JournalError>;

    /// Adds what follows the cursor, and moves the cursor to the batch's last block.
    async fn append(&self, batch: Batch) -> Result<(), JournalError>;

    /// Forgets every block and entry past block `kept` (all of them for `None`), then does as [`Journal::append`];
    /// both or, on an error, neither.
    async fn replace(&self, kept: Option<u64>, batch: Batch) -> Result<(), JournalError>;

    /// At most `limit` entries in order, from the first one past `after` on, or from the start: those that no kept view
    /// holds.
    async fn entries(&self, after: Option<Position>, limit: usize) -> Result<Vec<Entry>, JournalError>;

    /// The view that was kept last.
    async fn view(&self) -> Result<Option<KeptView>, JournalError>;

    /// Keeps a view instead of the one before, and forgets the entries that it holds; both or, on an error, neither. Its
    /// block is not past the oldest of [`Journal::recent`], so that only a reorganisation that leaves none of them undoes it.
    async fn keep(&self, view: KeptView) -> Result<(), JournalError>;

    /// Forgets everything: the chain is read again from the start.
    async fn clear(&self) -> Result<(), JournalError>;
}

/// Why a journal cannot do what it was asked.
#[derive(Debug, Error)]
pub enum JournalError {
    /// A batch does not follow what is there. The follower has lost its place: start it anew from the journal.
    #[error("a batch begins at block {first}, which does not follow block {cursor}")]
    OutOfOrder {
        /// The first block the batch speaks of.
        first: u64,
        /// The last block that was read.
        cursor: u64,
    },
    /// A batch has no block to move the cursor to, or its entries are not in order or not in its range.
    #[error("a batch ending at block {last} is malformed")]
    Malformed {
        /// The batch's last block, 0 if it has none.
        last: u64,
    },
    /// A view holds blocks that a reorganisation may still undo, or was folded before the one that is kept.
    #[error("a view up to block {block} cannot be kept")]
    Unsettled {
        /// The last block that is folded in.
        block: u64,
    },
    /// The store behind the journal failed; trying again may help.
    #[error("the journal's store failed")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for JournalError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Whether a view may be kept, by the oldest recent block and the view before.
pub(crate) fn check_settled(oldest: Option<u64>, before: Option<u64>, block: u64) -> Result<(), JournalError> {
    let is_settled = oldest.is_some_and(|oldest| block <= oldest) && before.is_none_or(|before| before <= block);
    if is_settled { Ok(()) } else { Err(JournalError::Unsettled { block }) }
}

/// Whether a batch is in order, and follows the block that was read last.
pub(crate) fn check_order(cursor: Option<u64>, batch: &Batch) -> Result<(), JournalError> {
    batch.end()?;
    match (cursor, batch.first()) {
        (Some(cursor), Some(first)) if first <= cursor => Err(JournalError::OutOfOrder { first, cursor }),
        _ => Ok(()),
    }
}
