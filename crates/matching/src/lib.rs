#![doc = include_str!("../README.md")]

mod allotment;
mod dense;
mod lots;
mod market;
mod model;
mod problem;
mod round;
mod uniform;
mod violation;

pub use dense::{Matching, MatchingError, Options, day_optimum, solve_dense};
pub use problem::{OpenOffer, Problem};
pub use violation::Violation;
