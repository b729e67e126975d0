//! MinT end to end, on one machine: nothing is shared between tests, and each waits for what it expects.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod bad_telemetry;
mod durability;
mod flags;
mod fuzz;
mod interface;
mod stage;
mod throttle;
