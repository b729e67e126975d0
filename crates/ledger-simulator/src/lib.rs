#![doc = include_str!("../README.md")]

mod agreement;
mod block;
mod chain;
mod config;
mod gossip;
mod message;
mod metrics;
mod network;
mod node;
mod presets;
mod scenario;
mod simulator;

pub use block::{Block, Conflict};
pub use config::{
    BlockConfig, Config, ConfigError, ConsensusConfig, Dissemination, MessageConfig, NetworkConfig, Protocol,
    QuorumRule, VotePayload, faults, quorum,
};
pub use metrics::{Metrics, gini};
pub use network::{Observed, Topology};
pub use presets::{PRESETS, preset};
pub use scenario::{Change, Phase, Spacing, Transaction, transactions};
pub use simulator::Simulator;
