#![doc = include_str!("../README.md")]

mod accounts;
mod homes;
mod masks;
mod member;
mod schedule;
mod terms;
mod transport;

pub use accounts::{AnonymousAccounts, Period, Seed};
pub use homes::{HiddenHome, HiddenHomes};
pub use masks::{Mask, Masks, Way};
pub use member::Member;
pub use schedule::{Phase, Schedule, Tier};
pub use terms::{JointError, MixTerms};
pub use transport::{gather, take_part};
