#![doc = include_str!("../README.md")]

mod answer;
mod body;
mod chance;
mod fuzzer;
mod good;
mod head;
mod panics;
mod request;

pub use fuzzer::Fuzzer;
pub use good::Good;
