//! Following and submitting, on a real node.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bounds;
mod clock;
mod connect;
mod consent;
mod endpoints;
mod follow;
mod market;
mod outbox;
mod proxy;
mod submit;
