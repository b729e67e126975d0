//! What a job may use, and what it used.

use serde::{Deserialize, Serialize};

use crate::ContentHash;

/// What a job may use at most. All of it is counted the same by everybody, so that exceeding it is a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Instructions, as the meter counts them.
    pub instructions: u64,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// What its output and what it prints may hold, bytes.
    pub storage_bytes: u64,
    /// What moving the job and its result may take, bytes.
    pub bandwidth_bytes: u64,
    /// The image that a container may be run in: its offer's base layer, which its provider said it has. Any image where
    /// none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ContentHash>,
}

impl Default for Limits {
    /// Ten thousand million instructions, 256 MiB of memory, 64 MiB of output, 1 GiB moved.
    fn default() -> Self {
        Self {
            instructions: 10_000_000_000,
            memory_bytes: 256 << 20,
            storage_bytes: 64 << 20,
            bandwidth_bytes: 1 << 30,
            image: None,
        }
    }
}

impl From<&modicum::JobOffer> for Limits {
    /// What an offer allows its job.
    fn from(offer: &modicum::JobOffer) -> Self {
        Self {
            instructions: offer.instruction_limit,
            memory_bytes: offer.memory_limit,
            storage_bytes: offer.storage_limit,
            bandwidth_bytes: offer.bandwidth_limit,
            image: Some(ContentHash(offer.base_layer.0)),
        }
    }
}

/// What a job used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Instructions, as the meter counts them: what is billed.
    pub instructions: u64,
    /// Memory at its largest, bytes.
    pub memory_bytes: u64,
    /// Output and what was printed, at its largest, bytes.
    pub storage_bytes: u64,
    /// What moving the job and its result takes, bytes: what is billed.
    pub bandwidth_bytes: u64,
}

impl Usage {
    /// What of it is billed, as the market has it.
    pub const fn billed(&self) -> modicum::Usage {
        modicum::Usage { instructions: self.instructions, bandwidth: self.bandwidth_bytes }
    }
}
