#![doc = include_str!("../README.md")]

mod attack;
mod experiment;
mod invariants;
mod keys;
mod random;
mod schedule;
mod solo;
mod world;

pub use attack::Behaviour;
pub use experiment::{Experiment, Outcome};
pub use invariants::Invariants;
pub use keys::{SimulatedKeys, id};
pub use random::Random;
pub use schedule::{Schedule, Summary};
pub use solo::{Order, solo_block_ms};
pub use world::{Network, World};
