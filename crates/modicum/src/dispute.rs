//! The fault table: what may be reported and disputed, what may be found, and who is to blame.

use serde::{Deserialize, Serialize};

/// How a run ended, as its provider says. The order is the contract's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It ended as it should.
    #[default]
    Completed,
    /// The directory has no such job.
    JobNotFound,
    /// The job's files are not a job.
    JobDescriptionError,
    /// It wanted more memory than its limit.
    MemoryExceeded,
    /// It wrote more than its limit.
    StorageExceeded,
    /// It ran longer than its limit.
    InstructionsExceeded,
    /// It is larger than may be transferred.
    BandwidthExceeded,
    /// It failed.
    ExceptionOccurred,
    /// The directory does not answer.
    DirectoryUnavailable,
    /// The directory has no such result; not for a provider to say.
    ResultNotFound,
    /// The provider will not run it.
    Declined,
}

/// Why a creator rejects a result. The order is the contract's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Another result or status is right.
    #[default]
    WrongResult,
    /// The directory has no such result.
    ResultNotFound,
    /// The directory does not answer.
    DirectoryUnavailable,
    /// It took fewer instructions, or less bandwidth.
    UsageTooHigh,
}

/// What a mediator found. The order is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// All n runs and the provider's agree.
    ResultsAgree,
    /// The n runs differ among themselves.
    ResultsDiffer,
    /// The n runs agree, the provider's differs.
    ResultWrong,
    /// The result is on the directory.
    ResultFound,
    /// It is not.
    ResultMissing,
    /// The directory's uptime record covers the job.
    DirectoryUp,
    /// It does not.
    DirectoryDown,
    /// The usage is right.
    UsageFair,
    /// It is too high.
    UsageTooHigh,
}

/// Every way a match can end. The order is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The result was accepted, by the creator or for it.
    Accepted,
    /// No result came in time.
    NoResult,
    /// The provider declined.
    Declined,
    /// No verdict came in time.
    NoVerdict,
    /// The mediator blames the creator.
    CreatorAtFault,
    /// The mediator blames the provider.
    ProviderAtFault,
    /// The mediator blames the directory.
    DirectoryAtFault,
}

impl Ending {
    /// Whether the provider failed: its offer is closed then, and the job's is open again.
    pub const fn is_providers_fault(self) -> bool {
        matches!(self, Self::NoResult | Self::Declined | Self::ProviderAtFault)
    }
}

/// All statuses, in order.
pub(crate) const STATUSES: [Status; 11] = [
    Status::Completed,
    Status::JobNotFound,
    Status::JobDescriptionError,
    Status::MemoryExceeded,
    Status::StorageExceeded,
    Status::InstructionsExceeded,
    Status::BandwidthExceeded,
    Status::ExceptionOccurred,
    Status::DirectoryUnavailable,
    Status::ResultNotFound,
    Status::Declined,
];

/// All reasons, in order.
pub(crate) const REASONS: [Reason; 4] =
    [Reason::WrongResult, Reason::ResultNotFound, Reason::DirectoryUnavailable, Reason::UsageTooHigh];

/// All findings, in order.
pub(crate) const FINDINGS: [Finding; 9] = [
    Finding::ResultsAgree,
    Finding::ResultsDiffer,
    Finding::ResultWrong,
    Finding::ResultFound,
    Finding::ResultMissing,
    Finding::DirectoryUp,
    Finding::DirectoryDown,
    Finding::UsageFair,
    Finding::UsageTooHigh,
];

/// All endings, in order.
pub(crate) const ENDINGS: [Ending; 7] = [
    Ending::Accepted,
    Ending::NoResult,
    Ending::Declined,
    Ending::NoVerdict,
    Ending::CreatorAtFault,
    Ending::ProviderAtFault,
    Ending::DirectoryAtFault,
];

macro_rules! numbered {
    ($type:ty, $all:ident) => {
        impl $type {
            /// All of them, in the contract's order.
            pub const ALL: &'static [Self] = &$all;

            /// The contract's number.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The one with the contract's number.
            pub fn from_number(number: u8) -> Option<Self> {
                $all.get(usize::from(number)).copied()
            }
        }
    };
}

numbered!(Status, STATUSES);
numbered!(Reason, REASONS);
numbered!(Finding, FINDINGS);
numbered!(Ending, ENDINGS);

/// Whether a provider may report the status.
pub fn is_reportable(status: Status) -> bool {
    status != Status::ResultNotFound
}

/// Whether a reported status may be rejected for the reason. That a directory was unavailable is either what the provider
/// reports, and the creator calls wrong, or what the creator claims; a result can be missing only where there is said to be
/// one.
pub fn is_rejectable(status: Status, reason: Reason) -> bool {
    match (status, reason) {
        (Status::DirectoryUnavailable, reason) => reason == Reason::WrongResult,
        (status, Reason::ResultNotFound) => status == Status::Completed,
        _ => true,
    }
}

/// How a match ends by a finding; `None` where the finding answers another question. A directory that was down is an answer
/// to every dispute, since there is nothing to judge without it.
pub fn ending(status: Status, reason: Reason, finding: Finding) -> Option<Ending> {
    use Ending::{CreatorAtFault, DirectoryAtFault, ProviderAtFault};
    match (status, reason, finding) {
        (_, _, Finding::DirectoryDown) => Some(DirectoryAtFault),
        (Status::DirectoryUnavailable, _, Finding::DirectoryUp) => Some(ProviderAtFault),
        (Status::DirectoryUnavailable, _, _) => None,
        (_, Reason::DirectoryUnavailable, Finding::DirectoryUp)
        | (_, Reason::ResultNotFound, Finding::ResultFound)
        | (_, Reason::WrongResult, Finding::ResultsAgree)
        | (_, Reason::UsageTooHigh, Finding::UsageFair)
        | (_, Reason::WrongResult | Reason::UsageTooHigh, Finding::ResultsDiffer) => Some(CreatorAtFault),
        (_, Reason::ResultNotFound, Finding::ResultMissing)
        | (_, Reason::WrongResult, Finding::ResultWrong)
        | (_, Reason::UsageTooHigh, Finding::UsageTooHigh) => Some(ProviderAtFault),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        for status in STATUSES {
            assert_eq!(Status::from_number(status.number()), Some(status));
        }
        for finding in FINDINGS {
            assert_eq!(Finding::from_number(finding.number()), Some(finding));
        }
        assert_eq!(Reason::from_number(4), None);
    }

    #[test]
    fn every_dispute_has_an_answer_for_every_fault() {
        for status in STATUSES.into_iter().filter(|status| is_reportable(*status)) {
            for reason in REASONS.into_iter().filter(|reason| is_rejectable(status, *reason)) {
                let endings: Vec<_> = FINDINGS.iter().filter_map(|finding| ending(status, reason, *finding)).collect();
                assert!(endings.contains(&Ending::DirectoryAtFault), "{status:?} {reason:?}");
                let parties = [Ending::CreatorAtFault, Ending::ProviderAtFault];
                assert!(endings.iter().any(|ending| parties.contains(ending)), "{status:?} {reason:?}");
            }
        }
    }
}
