//! What a node must not forget.

use serde::{Deserialize, Serialize};

use crate::{Block, Decided, NodeId};

/// A node's part in the decision on a height, so far. Who forgets it may vote twice in a term, and so help two blocks to
/// a majority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The height.
    pub height: u32,
    /// The greatest term that the node voted or accepted in.
    pub promised: u32,
    /// The last term that it voted in, and for whom.
    pub voted: Option<(u32, NodeId)>,
    /// The block that it accepted last, and in which term.
    pub accepted: Option<(u32, Box<Block>)>,
}

/// Something to be written down before anything is said that follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// The next block of the chain.
    Decided {
        /// With what proves it.
        decided: Box<Decided>,
        /// Hashes proved at its height, which the next block pays for.
        credits: Vec<(NodeId, u64)>,
    },
    /// The ballot of the height above the last block; it replaces earlier ones.
    Ballot(Ballot),
}
