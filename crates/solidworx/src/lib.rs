#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::float_arithmetic)
)]

mod event;
mod exchange;
mod fold;
mod market;
mod offer;
pub mod packing;
mod refusal;
mod terms;
mod usage;
mod verify;

pub use event::{Event, SetUp};
pub use exchange::{Candidate, Due, Exchange, Listing, Outcome, Solution, State};
pub use fold::Inconsistent;
pub use market::Market;
pub use offer::{Alternative, Assignment, Offer, Side};
pub use refusal::Refusal;
pub use terms::{EVERY_TYPE, Pair, Terms, TypeRule};
pub use verify::verify;
