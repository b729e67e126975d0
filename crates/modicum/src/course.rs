//! What became of a match, step by step.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use crate::{Ending, Finding, Match, Phase, Reason, Shares, Status, Usage};

/// What a provider reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How the run ended.
    pub status: Status,
    /// The canonical hash of the result.
    pub result_hash: B256,
    /// What is to be billed.
    pub used: Usage,
    /// `π_c`, base units.
    pub price: u128,
    /// The block that holds it.
    pub block: u64,
}

/// That a creator rejected a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// Until when a verdict is in time, Unix seconds.
    pub until: u64,
    /// The block that holds it.
    pub block: u64,
}

/// What a mediator found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What.
    pub finding: Finding,
    /// What it spent, base units.
    pub spent: u128,
    /// The hash of what it published.
    pub dossier: B256,
    /// The block that holds it.
    pub block: u64,
}

/// How a match ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// How.
    pub ending: Ending,
    /// Who got what.
    pub shares: Shares,
    /// The block that holds it.
    pub block: u64,
}

/// A match from the block that made it to the one that ended it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// What was settled.
    pub contents: Match,
    /// Who brought the two together.
    pub solver: Address,
    /// The block that made it.
    pub block: u64,
    /// What the provider reported.
    pub report: Option<Report>,
    /// Why that was rejected.
    pub rejection: Option<Rejection>,
    /// What the mediator found.
    pub verdict: Option<Verdict>,
    /// How it ended.
    pub closing: Option<Closing>,
}

impl Course {
    /// What it waits for; `None` once it has ended.
    pub const fn phase(&self) -> Option<Phase> {
        match (&self.closing, &self.rejection, &self.report) {
            (Some(_), ..) => None,
            (None, Some(_), _) => Some(Phase::Disputed),
            (None, None, Some(_)) => Some(Phase::Reported),
            (None, None, None) => Some(Phase::Matched),
        }
    }

    /// Whether it waits for this.
    pub fn waits_for(&self, phase: Phase) -> bool {
        self.phase() == Some(phase)
    }
}
