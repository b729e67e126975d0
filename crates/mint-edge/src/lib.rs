#![doc = include_str!("../README.md")]

mod allotment;
mod edge;

pub use allotment::Allotment;
pub use edge::{Edge, EdgeError, Ended, Told};
