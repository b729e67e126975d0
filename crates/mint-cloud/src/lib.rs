#![doc = include_str!("../README.md")]

mod pool;
mod server;

pub use pool::{Pool, PoolView, Refused};
pub use server::{OPENAPI, ROUTES, router};
