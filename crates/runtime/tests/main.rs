//! Agents on a real node.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agents;
mod bounds;
mod failures;
mod faults;
mod host;
mod progress;
