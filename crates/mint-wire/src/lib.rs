#![doc = include_str!("../README.md")]

mod answer;
mod client;
mod signed;

pub use answer::SampleAnswer;
pub use client::Client;
pub use signed::{BadSignature, Signed};
/// Why there is no answer.
pub use web::AskError as ClientError;
