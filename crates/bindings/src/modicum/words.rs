//! Structures of the rules as the contract's, and back.

use alloy::primitives::{U256, Uint};
use modicum::{Config, JobOffer, Match, ResourceOffer, ServiceKind, Shares};

use crate::{
    contracts::Modicum as M,
    number::{OutOfRange, narrow},
};

/// What a deployment fixed, as its `config()` tells it.
pub fn config(c: &M::ModicumConfig) -> Config {
    Config {
        token: c.token,
        penalty_rate: c.penaltyRate,
        verifications: c.verifications,
        reaction_seconds: c.reactionSeconds,
        verdict_seconds: c.verdictSeconds,
        longest_seconds: c.longestSeconds,
        solver_fee: c.solverFee.to(),
        stake: c.stake.to(),
    }
}

pub(super) fn config_words(c: &Config) -> Result<M::ModicumConfig, OutOfRange> {
    Ok(M::ModicumConfig {
        token: c.token,
        penaltyRate: c.penalty_rate,
        verifications: c.verifications,
        reactionSeconds: c.reaction_seconds,
        verdictSeconds: c.verdict_seconds,
        longestSeconds: c.longest_seconds,
        solverFee: narrow("solverFee", c.solver_fee)?,
        stake: narrow("stake", c.stake)?,
    })
}

pub(super) fn job_words(o: &JobOffer) -> Result<M::JobOffer, OutOfRange> {
    Ok(M::JobOffer {
        creator: o.creator,
        deposit: narrow("deposit", o.deposit)?,
        instructionLimit: o.instruction_limit,
        memoryLimit: o.memory_limit,
        storageLimit: o.storage_limit,
        bandwidthLimit: o.bandwidth_limit,
        maxInstructionPrice: o.max_instruction_price,
        maxBandwidthPrice: o.max_bandwidth_price,
        architecture: o.architecture,
        meterId: o.meter_id,
        baseLayer: o.base_layer,
        jobHash: o.job_hash,
        directory: o.directory,
        deadline: narrow("deadline", o.deadline)?,
        nonce: o.nonce,
    })
}

pub(super) fn job(o: &M::JobOffer) -> JobOffer {
    JobOffer {
        creator: o.creator,
        deposit: o.deposit.to(),
        instruction_limit: o.instructionLimit,
        memory_limit: o.memoryLimit,
        storage_limit: o.storageLimit,
        bandwidth_limit: o.bandwidthLimit,
        max_instruction_price: o.maxInstructionPrice,
        max_bandwidth_price: o.maxBandwidthPrice,
        architecture: o.architecture,
        meter_id: o.meterId,
        base_layer: o.baseLayer,
        job_hash: o.jobHash,
        directory: o.directory,
        deadline: o.deadline.to(),
        nonce: o.nonce,
    }
}

pub(super) fn resource_words(o: &ResourceOffer) -> Result<M::ResourceOffer, OutOfRange> {
    Ok(M::ResourceOffer {
        provider: o.provider,
        deposit: narrow("deposit", o.deposit)?,
        instructions: o.instructions,
        instructionsPerSecond: o.instructions_per_second,
        memoryBytes: o.memory_bytes,
        storageBytes: o.storage_bytes,
        bandwidthBytes: o.bandwidth_bytes,
        instructionPrice: o.instruction_price,
        bandwidthPrice: o.bandwidth_price,
        architecture: o.architecture,
        meterId: o.meter_id,
        baseLayers: o.base_layers,
        expiry: narrow("expiry", o.expiry)?,
        nonce: o.nonce,
    })
}

pub(super) fn resource(o: &M::ResourceOffer) -> ResourceOffer {
    ResourceOffer {
        provider: o.provider,
        deposit: o.deposit.to(),
        instructions: o.instructions,
        instructions_per_second: o.instructionsPerSecond,
        memory_bytes: o.memoryBytes,
        storage_bytes: o.storageBytes,
        bandwidth_bytes: o.bandwidthBytes,
        instruction_price: o.instructionPrice,
        bandwidth_price: o.bandwidthPrice,
        architecture: o.architecture,
        meter_id: o.meterId,
        base_layers: o.baseLayers,
        expiry: o.expiry.to(),
        nonce: o.nonce,
    }
}

pub(super) fn match_words(m: &Match) -> Result<M::Match, OutOfRange> {
    Ok(M::Match {
        jobOffer: m.job_offer,
        resourceOffer: m.resource_offer,
        creator: m.creator,
        provider: m.provider,
        mediator: m.mediator,
        directoryOwner: m.directory_owner,
        directory: m.directory,
        deadline: narrow("deadline", m.deadline)?,
        estimate: narrow("estimate", m.estimate)?,
        mediatorFee: narrow("mediatorFee", m.mediator_fee)?,
        directoryFee: narrow("directoryFee", m.directory_fee)?,
        instructionLimit: m.instruction_limit,
        bandwidthLimit: m.bandwidth_limit,
        instructionPrice: m.instruction_price,
        bandwidthPrice: m.bandwidth_price,
    })
}

pub(super) fn a_match(m: &M::Match) -> Match {
    Match {
        job_offer: m.jobOffer,
        resource_offer: m.resourceOffer,
        creator: m.creator,
        provider: m.provider,
        mediator: m.mediator,
        directory_owner: m.directoryOwner,
        directory: m.directory,
        deadline: m.deadline.to(),
        estimate: m.estimate.to(),
        mediator_fee: m.mediatorFee.to(),
        directory_fee: m.directoryFee.to(),
        instruction_limit: m.instructionLimit,
        bandwidth_limit: m.bandwidthLimit,
        instruction_price: m.instructionPrice,
        bandwidth_price: m.bandwidthPrice,
    }
}

pub(super) fn shares(s: &M::Shares) -> Shares {
    Shares {
        creator: money(s.creator),
        provider: money(s.provider),
        mediator: money(s.mediator),
        directory: money(s.directory),
        burned: money(s.burned),
        slashed: money(s.slashed),
    }
}

/// Amounts of the token. A supply beyond 128 bits is no money.
pub(super) fn money(amount: U256) -> u128 {
    amount.saturating_to()
}

pub(super) fn seconds(time: Uint<40, 1>) -> u64 {
    time.to()
}

pub(super) const fn kind(number: u8) -> Option<ServiceKind> {
    match number {
        1 => Some(ServiceKind::Mediator),
        2 => Some(ServiceKind::Directory),
        3 => Some(ServiceKind::RetiredMediator),
        4 => Some(ServiceKind::RetiredDirectory),
        _ => None,
    }
}

pub(super) const fn kind_number(kind: ServiceKind) -> u8 {
    match kind {
        ServiceKind::Mediator => 1,
        ServiceKind::Directory => 2,
        ServiceKind::RetiredMediator => 3,
        ServiceKind::RetiredDirectory => 4,
    }
}
