#![doc = include_str!("../README.md")]

mod clocks;
mod layers;
mod member;
mod readme;

pub use clocks::clock_faults;
pub use layers::faults;
pub use member::Member;
pub use readme::setup_commands;
