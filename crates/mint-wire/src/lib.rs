#![doc = include_str!("../README.md")]

mod answer;
mod client;
mod clock;
mod signed;

pub use answer::{ErrorAnswer, SampleAnswer};
pub use client::{Client, ClientError};
pub use clock::now_ms;
pub use signed::{BadSignature, Signed};
