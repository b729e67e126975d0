#![doc = include_str!("../README.md")]

mod folder;

use std::{error::Error, io, path::Path, path::PathBuf};

use jobs::{Bundle, ContentHash};
use thiserror::Error as ThisError;

pub use folder::Folder;

/// Keeps trees by their canonical hash. Calls block.
pub trait Storage: Send + Sync {
    /// Stores a tree and the bytes of its files. What is stored already stays as it is.
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError>;

    /// Fetches a tree into `folder`, which must not be there, or be empty. All of it has the hashes that it should; where
    /// this fails, nothing of it is there. A tree of more than `most_bytes`, with its manifest, is not fetched.
    fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Bundle, StorageError>;

    /// Whether it holds a tree, all of it and undamaged. Unless there is a quicker way, it is fetched.
    fn has(&self, tree: ContentHash) -> Result<bool, StorageError> {
        let folder =
            tempfile::tempdir().map_err(|source| StorageError::Local { path: std::env::temp_dir(), source })?;
        match self.get(tree, &folder.path().join("tree"), u64::MAX) {
            Ok(_) => Ok(true),
            Err(error) if error.is_absence() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether its record shows that it was available all the time from `from` to `until`, Unix seconds.
    fn was_up(&self, from: u64, until: u64) -> bool;
}

/// Why a tree cannot be stored or fetched.
#[derive(Debug, ThisError)]
pub enum StorageError {
    /// It holds no such tree.
    #[error("there is no tree {tree}")]
    Missing {
        /// Which.
        tree: ContentHash,
    },
    /// What it holds, or sent, is not what it should be.
    #[error("what is stored as {hash} is something else")]
    Corrupt {
        /// What was asked for.
        hash: ContentHash,
    },
    /// It has more than is wanted.
    #[error("the tree {tree} has {bytes} bytes, over {most}")]
    TooLarge {
        /// Which.
        tree: ContentHash,
        /// What it has, with its manifest.
        bytes: u64,
        /// What it may have.
        most: u64,
    },
    /// It cannot be reached, or does not answer as it should.
    #[error("the storage is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A file of this machine cannot be read or written.
    #[error("{path} cannot be read or written")]
    Local {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// There is something already.
    #[error("{0} is not empty; a tree needs a folder of its own")]
    NotEmpty(PathBuf),
}

impl StorageError {
    /// Whether the fault is the storage's own, and not that of what was asked, or of this machine.
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether the storage answered that there is no such tree, or one that is broken.
    pub const fn is_absence(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Corrupt { .. })
    }
}
