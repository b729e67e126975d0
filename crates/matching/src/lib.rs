#![doc = include_str!("../README.md")]

mod allotment;
mod book;
mod circulation;
mod compact;
mod dense;
mod lots;
mod market;
mod problem;
mod solve;
mod uniform;
mod violation;
mod whole;

pub use problem::{OpenOffer, Problem};
pub use solve::{Formulation, Matching, MatchingError, Options, day_optimum, solve};
pub use violation::Violation;
