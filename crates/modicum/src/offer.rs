//! What creators and providers offer.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use crate::{Usage, words::Words};

const RESOURCE_OFFER: &str = "ResourceOffer(address provider,uint96 deposit,uint64 instructions,\
uint64 instructionsPerSecond,uint64 memoryBytes,uint64 storageBytes,uint64 bandwidthBytes,uint64 instructionPrice,\
uint64 bandwidthPrice,uint8 architecture,bytes32 meterId,bytes32 baseLayers,uint40 expiry,uint64 nonce)";

const JOB_OFFER: &str = "JobOffer(address creator,uint96 deposit,uint64 instructionLimit,uint64 memoryLimit,\
uint64 storageLimit,uint64 bandwidthLimit,uint64 maxInstructionPrice,uint64 maxBandwidthPrice,uint8 architecture,\
bytes32 meterId,bytes32 baseLayer,bytes32 jobHash,uint32 directory,uint40 deadline,uint64 nonce)";

/// Work for hire. The fields are documented at the contract's types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "fields are documented at the contract's types, whose names they bear")]
pub struct ResourceOffer {
    pub provider: Address,
    /// At most 96 bits.
    pub deposit: u128,
    pub instructions: u64,
    pub instructions_per_second: u64,
    pub memory_bytes: u64,
    pub storage_bytes: u64,
    pub bandwidth_bytes: u64,
    pub instruction_price: u64,
    pub bandwidth_price: u64,
    pub architecture: u8,
    pub meter_id: B256,
    pub base_layers: B256,
    /// At most 40 bits.
    pub expiry: u64,
    pub nonce: u64,
}

/// A job to be run. The fields are documented at the contract's types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "fields are documented at the contract's types, whose names they bear")]
pub struct JobOffer {
    pub creator: Address,
    /// At most 96 bits.
    pub deposit: u128,
    pub instruction_limit: u64,
    pub memory_limit: u64,
    pub storage_limit: u64,
    pub bandwidth_limit: u64,
    pub max_instruction_price: u64,
    pub max_bandwidth_price: u64,
    pub architecture: u8,
    pub meter_id: B256,
    pub base_layer: B256,
    pub job_hash: B256,
    pub directory: u32,
    /// At most 40 bits.
    pub deadline: u64,
    pub nonce: u64,
}

impl ResourceOffer {
    /// Its name: the EIP-712 struct hash.
    pub fn name(&self) -> B256 {
        Words::of_type(RESOURCE_OFFER)
            .address(self.provider)
            .number(self.deposit)
            .number(self.instructions)
            .number(self.instructions_per_second)
            .number(self.memory_bytes)
            .number(self.storage_bytes)
            .number(self.bandwidth_bytes)
            .number(self.instruction_price)
            .number(self.bandwidth_price)
            .number(self.architecture)
            .word(self.meter_id)
            .word(self.base_layers)
            .number(self.expiry)
            .number(self.nonce)
            .hash()
    }
}

impl JobOffer {
    /// Its name: the EIP-712 struct hash.
    pub fn name(&self) -> B256 {
        Words::of_type(JOB_OFFER)
            .address(self.creator)
            .number(self.deposit)
            .number(self.instruction_limit)
            .number(self.memory_limit)
            .number(self.storage_limit)
            .number(self.bandwidth_limit)
            .number(self.max_instruction_price)
            .number(self.max_bandwidth_price)
            .number(self.architecture)
            .word(self.meter_id)
            .word(self.base_layer)
            .word(self.job_hash)
            .number(self.directory)
            .number(self.deadline)
            .number(self.nonce)
            .hash()
    }

    /// The most that is billed.
    pub const fn limit(&self) -> Usage {
        Usage { instructions: self.instruction_limit, bandwidth: self.bandwidth_limit }
    }
}
