//! Blocks, and when they were decided.

use serde::{Deserialize, Serialize};
use simulation::Micros;

/// A block, with what the whole system knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its place in the chain, from 1.
    pub height: u32,
    /// Who made it.
    pub proposer: u32,
    /// When that began.
    pub created: Micros,
    /// Its first transaction.
    pub first: u32,
    /// The one after its last.
    pub end: u32,
    /// Bytes of its transactions.
    pub bytes: u32,
    /// How many nodes have it.
    pub holders: u32,
    /// The sum of the times at which they got it, microseconds.
    pub added: u64,
    /// When the first one got it.
    pub first_added: Micros,
    /// When as many as a quorum had it; 0 before.
    pub decided: Micros,
}

/// A decision that must not be: two blocks at one height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The node that decided otherwise.
    pub node: u32,
    /// At which height.
    pub height: u32,
}
