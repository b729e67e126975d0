//! What the contract keeps: its configuration, services, matches and states.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use crate::{Reason, Refusal, Status, Terms, Usage, words::Words};

/// What a deployment fixes for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The ERC-20 everything is paid in.
    pub token: Address,
    /// θ of (3.2), at least 1.
    pub penalty_rate: u16,
    /// n, how often a mediator runs a disputed job, at least 2.
    pub verifications: u8,
    /// How long a creator may take to accept or reject a result.
    pub reaction_seconds: u32,
    /// How long a mediator may take to judge.
    pub verdict_seconds: u32,
    /// The most that may lie between a match and its deadline, seconds.
    pub longest_seconds: u32,
    /// What creator and provider each pay the solver for a match, at most 80 bits.
    pub solver_fee: u128,
    /// What a mediator or directory puts up when it registers, at most 96 bits.
    pub stake: u128,
}

impl Config {
    /// Whether it may be deployed: with less, (3.2) leaves nothing for the harmed party, or no time to react.
    pub fn check(&self) -> Result<(), Refusal> {
        let is_good = self.penalty_rate > 0
            && self.verifications > 1
            && self.reaction_seconds > 0
            && self.verdict_seconds > 0
            && self.longest_seconds > 0;
        if is_good { Ok(()) } else { Err(Refusal::BadConfig) }
    }
}

/// What a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// It judges.
    Mediator,
    /// It holds jobs and results.
    Directory,
    /// It judged.
    RetiredMediator,
    /// It held jobs and results.
    RetiredDirectory,
}

/// A mediator or directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Who runs it and is paid.
    pub owner: Address,
    /// What creator and provider each pay it in a match.
    pub fee: u128,
    /// What it is.
    pub kind: ServiceKind,
    /// What a mediator runs.
    pub architecture: u8,
    /// What a mediator counts with.
    pub meter_id: B256,
    /// What it has staked.
    pub stake: u128,
    /// When its stake may be taken back; zero while it has not retired.
    pub release_time: u64,
}

impl Service {
    /// Whether it takes part in further matches.
    pub const fn is_active(&self) -> bool {
        matches!(self.kind, ServiceKind::Mediator | ServiceKind::Directory)
    }
}

/// The state of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferState {
    /// Never seen.
    Unknown,
    /// It may be matched.
    Open,
    /// It is.
    Matched,
    /// It may not be matched again.
    Closed,
}

/// What a match has settled. Each field is the contract's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are documented at the contract's types, whose names they bear")]
pub struct Match {
    pub job_offer: B256,
    pub resource_offer: B256,
    pub creator: Address,
    pub provider: Address,
    pub mediator: Address,
    pub directory_owner: Address,
    pub directory: u32,
    pub deadline: u64,
    pub estimate: u128,
    pub mediator_fee: u128,
    pub directory_fee: u128,
    pub instruction_limit: u64,
    pub bandwidth_limit: u64,
    pub instruction_price: u64,
    pub bandwidth_price: u64,
}

impl Match {
    /// Its name: the hash of its ABI encoding.
    pub fn name(&self) -> B256 {
        Words::new()
            .word(self.job_offer)
            .word(self.resource_offer)
            .address(self.creator)
            .address(self.provider)
            .address(self.mediator)
            .address(self.directory_owner)
            .number(self.directory)
            .number(self.deadline)
            .number(self.estimate)
            .number(self.mediator_fee)
            .number(self.directory_fee)
            .number(self.instruction_limit)
            .number(self.bandwidth_limit)
            .number(self.instruction_price)
            .number(self.bandwidth_price)
            .hash()
    }

    /// The most that is billed.
    pub const fn limit(&self) -> Usage {
        Usage { instructions: self.instruction_limit, bandwidth: self.bandwidth_limit }
    }

    /// What its shares are computed from.
    pub fn terms(&self, config: &Config, price: u128, spent: u128, stake: u128) -> Terms {
        Terms {
            penalty_rate: config.penalty_rate,
            verifications: config.verifications,
            estimate: self.estimate,
            mediator_fee: self.mediator_fee,
            directory_fee: self.directory_fee,
            solver_fee: config.solver_fee,
            price,
            spent,
            stake,
        }
    }
}

/// What a match waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// A result.
    Matched,
    /// A reaction.
    Reported,
    /// A verdict.
    Disputed,
}

/// Where a match stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchState {
    /// What it waits for.
    pub phase: Phase,
    /// What was reported.
    pub status: Status,
    /// Why that was rejected.
    pub reason: Reason,
    /// Until when a reaction or verdict is in time, Unix seconds; zero while it waits for a result.
    pub until: u64,
    /// `π_c`, once a result is reported.
    pub price: u128,
}

impl MatchState {
    /// A match that was just made.
    pub const NEW: Self =
        Self { phase: Phase::Matched, status: Status::Completed, reason: Reason::WrongResult, until: 0, price: 0 };
}
