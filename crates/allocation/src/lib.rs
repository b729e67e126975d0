#![doc = include_str!("../README.md")]

mod intervals;
mod pairing;
mod program;
mod repair;
mod solve;

pub use solve::{Allocation, AllocationError, Method, solve};
