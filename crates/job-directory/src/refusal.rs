//! Why a directory does not do what is asked.

use alloy::primitives::Address;
use jobs::{ContentHash, TreeError};
use thiserror::Error;

use crate::{BadToken, store::StoreError};

/// Why a directory does not do what is asked.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Nobody showed that they may.
    #[error(transparent)]
    Token(#[from] BadToken),
    /// The directory is not theirs.
    #[error("{0} is no member of this directory")]
    Stranger(Address),
    /// It is not there.
    #[error("there is no tree {0}")]
    NoTree(ContentHash),
    /// Not all of it is there.
    #[error("of the tree {tree} {missing} files are missing")]
    Unfinished {
        /// Which.
        tree: ContentHash,
        /// How many of its files.
        missing: usize,
    },
    /// The tree has no such file.
    #[error("the tree {tree} holds no file {file}")]
    NoFile {
        /// Which tree.
        tree: ContentHash,
        /// Which file.
        file: ContentHash,
    },
    /// Only who announced a tree sends its files.
    #[error("{account} has not announced the tree {tree}")]
    NotHeld {
        /// Who.
        account: Address,
        /// Which.
        tree: ContentHash,
    },
    /// A manifest makes no sense.
    #[error("the manifest is refused")]
    Manifest(#[from] TreeError),
    /// What came has another name.
    #[error("what came is {found}, and not {expected}")]
    OtherHash {
        /// What was announced.
        expected: ContentHash,
        /// What came.
        found: ContentHash,
    },
    /// What came has another size.
    #[error("{file} has another size than the {announced} bytes that are announced")]
    OtherSize {
        /// Which.
        file: ContentHash,
        /// As in the manifest.
        announced: u64,
    },
    /// More than one may take.
    #[error("the body is larger than {most} bytes")]
    TooLarge {
        /// What it may have.
        most: u64,
    },
    /// The account has used up what it may.
    #[error("{account} may store {most} and would store {wanted}")]
    AccountFull {
        /// Whose.
        account: Address,
        /// In words with the unit.
        most: String,
        /// In words with the unit.
        wanted: String,
    },
    /// The directory has no room for anybody.
    #[error("the directory is full: it stores {most} bytes")]
    Full {
        /// How many.
        most: u64,
    },
    /// The sender broke off.
    #[error("the body ended before its time")]
    Cut,
    /// The sender fell silent.
    #[error("no byte came for {seconds} s")]
    Silent {
        /// So long.
        seconds: u64,
    },
    /// What is asked for lies behind the end.
    #[error("the range lies outside the file's {size} bytes")]
    Range {
        /// What it has.
        size: u64,
    },
    /// The storage fails.
    #[error("the storage fails; try again later")]
    Store(#[from] StoreError),
}
