#![doc = include_str!("../README.md")]

mod boxes;
mod client;
mod sealing;
mod server;

pub use boxes::{BoxId, Boxes, Full, Posted, Room};
pub use client::{Client, ClientError};
pub use sealing::{Circle, PADDED_BYTES, SealError};
pub use server::{Board, Taken, router};
