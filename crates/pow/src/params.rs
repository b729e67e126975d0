//! What all nodes of a chain agree on.

use serde::{Deserialize, Serialize};

use crate::FeeRule;

/// Who takes over when the active manager fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// A backup manager, elected by a majority (the paper's proposal).
    Backups,
    /// Nobody: each miner goes on alone, all through the same nonces, and whoever solves the block manages the next one
    /// (Hazari and Mahmoud's model, as the paper describes it).
    SingleManager,
}

/// Parameters of a chain. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Leading zero bits of a block's hash.
    pub bits: u8,
    /// New units of account with each block.
    pub subsidy: u64,
    /// What payments cost.
    pub fee: FeeRule,
    /// What happens without a manager.
    pub mode: Mode,
    /// How often the active manager shows that it is there.
    pub heartbeat_ms: u64,
    /// After how many missed heartbeats it is replaced.
    pub misses: u64,
    /// How much work a lease holds, at the miner's rate.
    pub lease_ms: u64,
    /// Within which time a leased range must be reported; then it is leased again.
    pub lease_expiry_ms: u64,
    /// How long a new manager waits for the team's draws.
    pub draw_ms: u64,
    /// The least number of backup managers.
    pub least_backups: usize,
    /// Backup managers, per cent of the nodes, rounded up.
    pub backups_percent: usize,
    /// By what multiple of the median a node's work counts at most in an election.
    pub weight_cap: u64,
    /// Shares that a lease should hold, on average.
    pub shares_per_lease: u64,
    /// After how many blocks without any work a node is no member any more.
    pub idle_blocks: u32,
    /// Messages of one node that are heard at once; above, they are dropped.
    pub burst: u64,
    /// Messages of one node that are heard a second, in the long run.
    pub messages_per_second: u64,
}

impl Params {
    /// The specification's figures, for a difficulty in bits.
    pub const fn new(bits: u8) -> Self {
        Self {
            bits,
            subsidy: 5_000_000,
            fee: FeeRule { parts_per_10_000: 150, least: 10, most: 100_000 },
            mode: Mode::Backups,
            heartbeat_ms: 100,
            misses: 3,
            lease_ms: 250,
            lease_expiry_ms: 2_000,
            draw_ms: 20,
            least_backups: 2,
            backups_percent: 5,
            weight_cap: 3,
            shares_per_lease: 16,
            idle_blocks: 20,
            burst: 200,
            messages_per_second: 100,
        }
    }

    /// How many backup managers a network of so many nodes has.
    pub fn backups(&self, nodes: usize) -> usize {
        let wanted = nodes.saturating_mul(self.backups_percent).div_ceil(100).max(self.least_backups);
        wanted.min(nodes.saturating_sub(1))
    }

    /// How long nothing is heard of a manager that is to be replaced.
    pub const fn silence_ms(&self) -> u64 {
        self.heartbeat_ms.saturating_mul(self.misses)
    }
}
