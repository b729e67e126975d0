//! Following and submitting, on a real node.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clock;
mod connect;
mod follow;
mod market;
mod proxy;
mod submit;
