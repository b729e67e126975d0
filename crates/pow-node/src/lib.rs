#![doc = include_str!("../README.md")]

mod channel;
mod genesis;
mod host;
mod keys;
mod log;
mod miner;
mod peers;
mod snapshot;

pub use channel::{ChannelError, Receiver, Sender, handshake};
pub use genesis::{Genesis, Member, ParseIdError, parse_id, print_id};
pub use host::{Decision, Event, NodeError, Options, run};
pub use keys::NodeKeys;
pub use log::LogError;
pub use miner::{Job, Mined, Miner};
pub use snapshot::{Recent, Snapshot, Standing};
