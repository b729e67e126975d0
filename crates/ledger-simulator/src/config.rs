//! What a simulation is told, as people write it: TOML, in which unknown keys are refused.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::scenario::{Change, Phase};

/// A configuration that cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("the configuration cannot be read: {0}")]
    Syntax(String),
    /// A value out of its range.
    #[error("`{key}` {must}")]
    Range {
        /// Which one.
        key: &'static str,
        /// What it has to be.
        must: &'static str,
    },
}

/// A whole simulation: system, workload and what happens to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What all randomness comes from; a replica's seed replaces it.
    #[serde(default)]
    pub seed: u64,
    /// How many nodes take part, at least 1.
    pub nodes: u32,
    /// How long to simulate at most, seconds.
    #[serde(default = "an_hour")]
    pub horizon_seconds: f64,
    /// Links.
    #[serde(default)]
    pub network: NetworkConfig,
    /// Agreement.
    #[serde(default)]
    pub consensus: ConsensusConfig,
    /// Blocks.
    #[serde(default)]
    pub block: BlockConfig,
    /// Messages.
    #[serde(default)]
    pub message: MessageConfig,
    /// Transactions, in phases that follow one another.
    #[serde(default)]
    pub workload: Vec<Phase>,
    /// What happens to nodes, and when.
    #[serde(default)]
    pub change: Vec<Change>,
}

/// Who is linked to whom, and how well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Average number of peers a node has.
    pub peers: f64,
    /// How a message reaches everybody.
    pub dissemination: Dissemination,
    /// Mean bandwidth of a node, megabytes (10^6) a second.
    pub bandwidth_mean: f64,
    /// Its standard deviation, megabytes a second.
    pub bandwidth_deviation: f64,
    /// No bandwidth is below this, megabytes a second.
    pub bandwidth_least: f64,
    /// Deviation of a node's bandwidth from message to message, as a share of it; 0 where links are steady.
    pub bandwidth_noise: f64,
    /// Latency of every link, milliseconds, beside what transmission takes.
    pub latency_ms: f64,
    /// Latency from row to column, milliseconds, instead of one for all; as many rows and columns as nodes.
    pub latency_matrix_ms: Vec<Vec<f64>>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            peers: 5.0,
            dissemination: Dissemination::Gossip,
            bandwidth_mean: 20.0,
            bandwidth_deviation: 5.0,
            bandwidth_least: 1.0,
            bandwidth_noise: 0.0,
            latency_ms: 0.0,
            latency_matrix_ms: Vec::new(),
        }
    }
}

/// How a message reaches everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dissemination {
    /// Each node passes on what it hears for the first time to those of its peers who have not heard it.
    #[default]
    Gossip,
    /// The sender sends to everybody.
    Broadcast,
}

/// How nodes agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsensusConfig {
    /// From the first block on.
    pub protocol: Protocol,
    /// How many votes decide.
    pub quorum: QuorumRule,
    /// How long a node waits for a decision before it asks for another proposer, seconds.
    pub timeout_seconds: f64,
    /// How long `BigFoot` waits for the votes of all, seconds.
    pub fast_path_seconds: f64,
}

impl Default for ConsensusConfig {
    fn default() -> Self {
        Self { protocol: Protocol::Pbft, quorum: QuorumRule::Safe, timeout_seconds: 10.0, fast_path_seconds: 5.0 }
    }
}

/// A consensus protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Castro and Liskov's: pre-prepare, prepare, commit.
    #[default]
    Pbft,
    /// Saltini's: decides after prepare where all answer in time, else goes on as PBFT.
    Bigfoot,
}

/// How many votes decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuorumRule {
    /// ⌈(n + f + 1) / 2⌉: any two quorums share a correct node.
    #[default]
    Safe,
    /// 2f + 1, as the papers' simulator takes: unsafe where n is not 3f + 1. For comparison only.
    TwoFaultsAndOne,
}

/// What blocks are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlockConfig {
    /// Most bytes of transactions in a block.
    pub capacity_bytes: u32,
    /// Bytes beside its transactions.
    pub header_bytes: u32,
    /// How long after a decision the next block is proposed, seconds.
    pub interval_seconds: f64,
    /// How long making one takes, seconds.
    pub creation_seconds: f64,
    /// How long checking one takes, seconds.
    pub validation_seconds: f64,
}

impl Default for BlockConfig {
    fn default() -> Self {
        Self {
            capacity_bytes: 1_000_000,
            header_bytes: 2_000,
            interval_seconds: 0.1,
            creation_seconds: 0.02,
            validation_seconds: 0.01,
        }
    }
}

/// What messages are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageConfig {
    /// Bytes of every message beside what it carries.
    pub base_bytes: u32,
    /// What a vote carries.
    pub votes: VotePayload,
    /// How long checking one takes, seconds.
    pub validation_seconds: f64,
}

impl Default for MessageConfig {
    fn default() -> Self {
        Self { base_bytes: 500, votes: VotePayload::Hash, validation_seconds: 0.001 }
    }
}

/// What a vote carries of the block it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VotePayload {
    /// Its hash, 32 bytes.
    #[default]
    Hash,
    /// All of it, as in the papers' simulator.
    Block,
}

impl Config {
    /// Reads TOML and checks it.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::Syntax(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// As TOML.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self).map_err(|error| ConfigError::Syntax(error.to_string()))
    }

    /// Whether every value is in its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let range = |fine: bool, key, must| if fine { Ok(()) } else { Err(ConfigError::Range { key, must }) };
        let NetworkConfig { bandwidth_least, bandwidth_mean, latency_matrix_ms: matrix, .. } = &self.network;
        let nodes = self.nodes as usize;
        let square = matrix.is_empty() || matrix.len() == nodes && matrix.iter().all(|row| row.len() == nodes);
        range((1..=4096).contains(&self.nodes), "nodes", "must be from 1 to 4096")?;
        range(self.horizon_seconds > 0.0 && self.horizon_seconds < 1e9, "horizon_seconds", "must be in (0, 10^9)")?;
        range(self.network.peers >= 1.0 || self.nodes == 1, "network.peers", "must be at least 1")?;
        range(*bandwidth_least >= 0.001, "network.bandwidth_least", "must be at least 0.001 MB/s")?;
        range(*bandwidth_mean > 0.0 && *bandwidth_mean < 1e6, "network.bandwidth_mean", "must be in (0, 10^6) MB/s")?;
        range(self.network.bandwidth_deviation >= 0.0, "network.bandwidth_deviation", "must not be negative")?;
        range((0.0..1.0).contains(&self.network.bandwidth_noise), "network.bandwidth_noise", "must be in [0, 1)")?;
        range(self.network.latency_ms >= 0.0, "network.latency_ms", "must not be negative")?;
        range(square, "network.latency_matrix_ms", "must have as many rows and columns as there are nodes")?;
        range(self.consensus.timeout_seconds > 0.0, "consensus.timeout_seconds", "must be above 0")?;
        range(self.consensus.fast_path_seconds > 0.0, "consensus.fast_path_seconds", "must be above 0")?;
        range(self.block.capacity_bytes > 0, "block.capacity_bytes", "must be above 0")?;
        let fits = |phase: &Phase| (1..=self.block.capacity_bytes).contains(&phase.size_bytes);
        range(self.workload.iter().all(fits), "workload.size_bytes", "must be above 0 and fit into a block")?;
        let rates = |phase: &Phase| phase.rate > 0.0 && phase.rate < 1e6;
        range(self.workload.iter().all(rates), "workload.rate", "must be in (0, 10^6) transactions a second")?;
        let known = |change: &Change| change.node < self.nodes && change.at_seconds >= 0.0;
        range(self.change.iter().all(known), "change", "must name a node there is, at a time not before 0")
    }

    /// How many nodes may fail: ⌊(n − 1) / 3⌋.
    pub const fn faults(&self) -> u32 {
        faults(self.nodes)
    }

    /// How many votes decide.
    pub const fn quorum(&self) -> u32 {
        quorum(self.nodes, self.consensus.quorum)
    }
}

/// How many of `nodes` may fail.
pub const fn faults(nodes: u32) -> u32 {
    (nodes - 1) / 3
}

/// How many of `nodes` decide.
pub const fn quorum(nodes: u32, rule: QuorumRule) -> u32 {
    let faults = faults(nodes);
    match rule {
        QuorumRule::Safe => (nodes + faults + 1).div_ceil(2),
        QuorumRule::TwoFaultsAndOne => 2 * faults + 1,
    }
}

const fn an_hour() -> f64 {
    3600.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quorums_are_those_of_the_specification() {
        let safe = [4, 5, 7, 10, 50].map(|nodes| quorum(nodes, QuorumRule::Safe));
        assert_eq!(safe, [3, 4, 5, 7, 34]);
        let papers = [4, 5, 7, 10, 50].map(|nodes| quorum(nodes, QuorumRule::TwoFaultsAndOne));
        assert_eq!(papers, [3, 3, 5, 7, 33]);
    }

    proptest! {
        #[test]
        fn two_quorums_share_a_correct_node_and_the_correct_ones_make_one(nodes in 1_u32..5000) {
            let (faults, quorum) = (faults(nodes), quorum(nodes, QuorumRule::Safe));
            prop_assert!(2 * quorum > nodes + faults, "any two quorums overlap in more than f nodes");
            prop_assert!(nodes - faults >= quorum, "those who do not fail suffice");
        }
    }

    #[test]
    fn the_papers_quorum_is_unsafe_for_five_and_fifty_nodes() {
        for nodes in [5, 50] {
            assert!(2 * quorum(nodes, QuorumRule::TwoFaultsAndOne) <= nodes + faults(nodes));
        }
    }

    #[test]
    fn unknown_keys_and_values_out_of_range_are_refused() {
        assert!(Config::from_toml("nodes = 4").is_ok());
        for (text, part) in [
            ("nodes = 4\nnode = 3", "unknown field `node`"),
            ("nodes = 4\n[network]\npeer = 3", "unknown field `peer`"),
            ("nodes = 0", "`nodes` must be from 1"),
            ("nodes = 4\n[[change]]\nat_seconds = 1.0\nnode = 4\nalive = false", "`change` must name"),
            ("nodes = 4\n[[workload]]\nrate = 1.0\nsize_bytes = 2000000", "`workload.size_bytes`"),
            ("nodes = 4\n[consensus]\nprotocol = \"raft\"", "unknown variant `raft`"),
        ] {
            let error = Config::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        let config = Config::from_toml("nodes = 7\n[[workload]]\nrate = 5.0\nsize_bytes = 10").unwrap();
        assert_eq!(Config::from_toml(&config.to_toml().unwrap()), Ok(config));
    }
}
