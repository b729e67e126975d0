#![doc = include_str!("../README.md")]

mod access;
mod answer;
mod client;
mod directory;
mod index;
mod range;
mod refusal;
mod remote;
mod server;
mod setting;
mod store;
mod turns;
mod uptime;

pub use access::{BadToken, LONGEST_TOKEN, Scope, Token};
pub use answer::{About, Announced, Held, Holdings, UptimeAnswer};
pub use client::{Client, ClientError};
pub use directory::{Clock, Directory, OpenError, Pieces, system_clock};
pub use refusal::Refusal;
pub use remote::Remote;
pub use server::{router, serve};
pub use setting::{Quotas, Setting};
pub use store::{Store, StoreError};
pub use uptime::{UptimeEntry, covers};
