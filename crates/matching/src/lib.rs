#![doc = include_str!("../README.md")]

mod allotment;
mod benefit;
mod book;
mod bounded;
mod cells;
mod circulation;
mod compact;
mod consolidation;
mod dense;
mod exchange;
mod flow;
mod forest;
mod graph;
mod greedy;
mod groups;
mod ladder;
mod lots;
mod market;
mod network;
mod objective;
mod options;
mod prices;
mod problem;
#[cfg(test)]
mod random;
mod relaxed;
mod rolling;
mod search;
mod shape;
mod slack;
mod solve;
mod start;
mod task;
mod uniform;
mod violation;
mod whole;

pub use objective::Objective;
pub use options::{Formulation, Matching, MatchingError, Options};
pub use problem::{OpenOffer, Problem};
pub use rolling::{Rolled, roll};
pub use solve::{day_optimum, solve, solve_timed};
pub use violation::Violation;
