#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::float_arithmetic)
)]

mod acceptance;
mod conduct;
mod miner;
mod order;
mod report;
mod sample;
mod share;

pub use acceptance::{Acceptance, LastSample, Refusal};
pub use conduct::{Conduct, Finding, Policy};
pub use miner::{BadMinerId, MinerId};
pub use order::{Action, Order};
pub use report::{Flags, FogReport, TwinReport};
pub use sample::Sample;
pub use share::{Share, ShareTooLarge};

/// What can be signed: its bytes are unambiguous, and differ from those of anything else that is signed here.
pub trait SigningBytes {
    /// The bytes a signature covers.
    fn signing_bytes(&self) -> Vec<u8>;
}
