#![doc = include_str!("../README.md")]

mod client;
mod order;
mod policy;
mod relay;
mod server;

pub use client::{HandInError, Relays};
pub use order::Order;
pub use policy::{Declined, Policy};
pub use relay::{Refusal, Relay};
pub use server::{Accepted, Terms, router};
