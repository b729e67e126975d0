#![doc = include_str!("../README.md")]

mod end;
mod files;
mod host;
mod machine;
mod meter;
mod run;
#[cfg(test)]
mod tests;
mod wasi;

pub use machine::{CHANCE, Isolated, Leaky, Machine};
pub use meter::{ENGINE_VERSION, MeterId, TARGET, config as engine_config, meter_description, meter_id};
pub use run::{Ended, RunError, Runner, conduct, described};
