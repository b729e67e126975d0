//! `SolidWorx`: calls, events and refusals in its rules' terms.

mod call;
mod event;
mod refusal;

use alloy::primitives::{Address, Bytes};
use serde::{Deserialize, Serialize};

pub use self::{
    call::Call,
    event::{UnreadableEvent, event},
    refusal::Refused,
};
use crate::contracts::SolidWorx;

/// Where a market is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The chain.
    pub chain_id: u64,
    /// The contract.
    pub market: Address,
    /// The block in which it was deployed: nothing of it is earlier.
    pub block: u64,
}

/// What to send to create a market; whoever sends it is the one to set it up.
pub fn creation() -> Bytes {
    SolidWorx::BYTECODE.clone()
}
