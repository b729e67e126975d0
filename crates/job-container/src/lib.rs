#![doc = include_str!("../README.md")]

mod cgroup;
mod engine;
mod machine;
mod name;
mod output;

pub use engine::{Engine, EngineError};
pub use machine::{Contained, NANOSECONDS_A_SECOND, architecture, meter_id};
