#![doc = include_str!("../README.md")]

mod authority;
mod layers;
mod message;
mod participant;
mod run;
pub mod simulation;
mod trace;
mod verdict;

pub use authority::{Authority, Signature};
pub use layers::{LAYER_BYTES, OUTPUT_BYTES};
pub use message::{Content, Digest, MemberId, Message, Millis, Output, Post, Slot};
pub use participant::{Outcome, Participant, Settings};
pub use run::{Joint, Standing, Step};
pub use verdict::{Fault, Faults};
