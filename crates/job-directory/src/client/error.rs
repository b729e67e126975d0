//! What goes wrong between a client and a directory.

use std::{io, path::PathBuf};

use jobs::{ContentHash, TreeError};
use thiserror::Error;
use web::AskError;

use crate::BadToken;

/// What goes wrong between a client and a directory.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The directory does not answer, refuses, or answers something else.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The wallet does not sign.
    #[error("no token can be made")]
    Token(#[from] BadToken),
    /// The tree is none.
    #[error("the directory's manifest of {tree} is refused")]
    Manifest {
        /// Which.
        tree: ContentHash,
        /// Why.
        #[source]
        source: TreeError,
    },
    /// What came is something else.
    #[error("the directory sends {found} in place of {wanted}")]
    Corrupted {
        /// What was asked for.
        wanted: ContentHash,
        /// What came.
        found: ContentHash,
    },
    /// The tree has more than is wanted.
    #[error("the tree {tree} has {bytes} bytes, over {most}")]
    TooLarge {
        /// Which.
        tree: ContentHash,
        /// What it has.
        bytes: u64,
        /// What it may have.
        most: u64,
    },
    /// There is something already.
    #[error("{0} is not empty; a tree needs a folder of its own")]
    NotEmpty(PathBuf),
    /// A file here cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file changed while it was sent.
    #[error("the source of {0} is not what it was when it was named")]
    Changed(ContentHash),
}

impl ClientError {
    /// Whether the directory says that it is not there: other reasons say nothing about that.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Ask(AskError::Refused { status: 404, .. }))
    }

    /// Whether trying again at once may help: the connection was lost.
    pub(crate) const fn is_cut(&self) -> bool {
        matches!(self, Self::Ask(AskError::Request { .. }))
    }
}
