#![doc = include_str!("../README.md")]

mod agent;
mod course;
mod scenario;
mod strategy;

pub use agent::{Agent, Learning, State};
pub use course::{Outcome, Step, follow, train};
pub use scenario::{Ranges, Study, StudyError, Weather, system, weather};
pub use strategy::Strategy;
