#![doc = include_str!("../README.md")]

mod layers;
mod member;
mod readme;

pub use layers::faults;
pub use member::Member;
pub use readme::setup_commands;
