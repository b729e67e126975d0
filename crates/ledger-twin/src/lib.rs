#![doc = include_str!("../README.md")]

mod channel;
mod difference;
mod rebuild;
mod report;
mod twin;

pub use channel::Channel;
pub use difference::Difference;
pub use rebuild::{Belief, Rebuilt, Source};
pub use report::{Estimator, PeerEstimate, StateReport, reports};
pub use twin::{Reception, Twin};
