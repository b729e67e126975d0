#![doc = include_str!("../README.md")]

mod order;
mod policy;
mod relay;
mod server;

pub use order::Order;
pub use policy::{Declined, Policy};
pub use relay::{Refusal, Relay};
pub use server::{Accepted, Terms, router};
