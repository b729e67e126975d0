//! `Modicum`: calls, events, refusals and signatures in its rules' terms.

mod call;
mod event;
mod refusal;
mod signature;
mod words;

use alloy::{primitives::Bytes, sol_types::SolConstructor};
use modicum::Config;

pub use self::{
    call::Call,
    event::{UnreadableEvent, event},
    refusal::Refused,
    signature::{recover_offer, sign_offer},
    words::config,
};
/// Where a market is.
pub use crate::deployment::Deployment as Place;
use crate::{OutOfRange, contracts::Modicum};

/// What to send to create a market.
pub fn creation(config: &Config) -> Result<Bytes, OutOfRange> {
    let arguments = Modicum::constructorCall { c: words::config_words(config)? }.abi_encode();
    Ok([&Modicum::BYTECODE[..], &arguments].concat().into())
}
