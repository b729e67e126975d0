#![doc = include_str!("../README.md")]

mod channel;
mod genesis;
mod host;
mod keys;
mod miner;
mod peers;

pub use channel::{ChannelError, Receiver, Sender, handshake};
pub use genesis::{Genesis, Member, ParseIdError, parse_id, print_id};
pub use host::{Event, Options, Snapshot, run};
pub use keys::NodeKeys;
pub use miner::{Job, Mined, Miner};
