//! `Modicum`: calls, events, refusals and signatures in its rules' terms.

mod call;
mod event;
mod refusal;
mod signature;
mod words;

use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolConstructor,
};
use modicum::Config;
use serde::{Deserialize, Serialize};

pub use self::{
    call::Call,
    event::{UnreadableEvent, event},
    refusal::Refused,
    signature::{offer_hash, recover_offer, sign_offer},
    words::config,
};
use crate::{OutOfRange, contracts::Modicum};

/// Where a market is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The chain.
    pub chain_id: u64,
    /// The contract.
    pub market: Address,
    /// The token in which everything is paid.
    pub token: Address,
    /// The block in which it was deployed: nothing of it is earlier.
    pub block: u64,
}

/// What to send to create a market.
pub fn creation(config: &Config) -> Result<Bytes, OutOfRange> {
    let arguments = Modicum::constructorCall { c: words::config_words(config)? }.abi_encode();
    Ok([&Modicum::BYTECODE[..], &arguments].concat().into())
}
