#![doc = include_str!("../README.md")]

mod accounts;
mod member;
mod terms;
mod transport;

pub use accounts::{AnonymousAccounts, Period, Seed};
pub use member::Member;
pub use terms::{JointError, MixTerms};
pub use transport::take_part;
