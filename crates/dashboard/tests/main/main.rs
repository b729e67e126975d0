//! The server, asked over HTTP, above a market on a node of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod events;
mod fuzz;
mod rules;
mod stage;
