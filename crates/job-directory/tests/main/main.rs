//! A directory and its clients, over real connections.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fuzz;
mod keeping;
mod proxy;
mod refusals;
mod remote;
mod resume;
mod round_trip;
mod stage;
mod tokens;
mod uptime;
