//! Where a market is, and how one comes to be.

use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolConstructor,
};
use serde::{Deserialize, Serialize};
use transax::Params;

use crate::{
    OutOfRange,
    contracts::{PaymentToken, Transax},
    params::config,
};

/// Where a market is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The chain.
    pub chain_id: u64,
    /// The market's contract.
    pub market: Address,
    /// The token in which everything is paid.
    pub token: Address,
    /// The block in which the market was deployed: nothing of it is earlier.
    pub block: u64,
}

/// What to send to create a market.
pub fn market_creation(params: &Params) -> Result<Bytes, OutOfRange> {
    let arguments = Transax::constructorCall { c: config(params)? }.abi_encode();
    Ok([&Transax::BYTECODE[..], &arguments].concat().into())
}

/// What to send to create a token to pay with on a test network; whoever sends it mints.
pub fn token_creation() -> Bytes {
    PaymentToken::BYTECODE.clone()
}
