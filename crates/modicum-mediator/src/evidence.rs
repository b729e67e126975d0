//! What a mediator found out, and what follows from it.

use alloy::primitives::B256;
use job_runtime::Machine;
use jobs::{Outcome, Status, Tree, Usage};
use modicum::{Finding, Match, Reason, Report, price_down};
use serde::{Deserialize, Serialize};

/// What a mediator found out about a dispute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Whether the directory's record covers the time of the job, as far as that was looked at.
    pub was_up: Option<bool>,
    /// Whether the directory has the reported result, as far as that was looked at.
    pub is_result_there: Option<bool>,
    /// What came of running the job, each time.
    pub runs: Vec<Outcome>,
}

impl Evidence {
    /// The finding that answers a dispute, where jobs are run by machines of one kind. What was not looked at speaks for
    /// nobody: it is `None` where that is needed.
    pub fn finding(&self, report: &Report, reason: Reason, machine: &dyn Machine) -> Option<Finding> {
        if self.was_up == Some(false) {
            return Some(Finding::DirectoryDown);
        }
        if report.status == Status::DirectoryUnavailable || reason == Reason::DirectoryUnavailable {
            return self.was_up.map(|_| Finding::DirectoryUp);
        }
        if reason == Reason::ResultNotFound {
            return self.is_result_there.map(|there| if there { Finding::ResultFound } else { Finding::ResultMissing });
        }
        let (first, others) = self.runs.split_first()?;
        if others.iter().any(|run| !is_same(run, first)) {
            return Some(Finding::ResultsDiffer);
        }
        Some(if reason == Reason::UsageTooHigh {
            let counted = self.runs.iter().map(|run| run.usage.instructions).max().unwrap_or(0);
            let is_above = report.used.instructions > machine.fair(counted)
                || report.used.bandwidth > first.usage.billed().bandwidth;
            if is_above { Finding::UsageTooHigh } else { Finding::UsageFair }
        } else if report.status == first.status && report.result_hash == B256::from(first.result.0) {
            Finding::ResultsAgree
        } else {
            Finding::ResultWrong
        })
    }

    /// What the runs cost at the match's prices, at most `most`, base units.
    pub fn spent(&self, m: &Match, most: u128) -> u128 {
        let cost = |run: &Outcome| {
            price_down(run.status, run.usage.billed(), m.limit(), m.instruction_price, m.bandwidth_price)
        };
        self.runs.iter().map(cost).fold(0_u128, u128::saturating_add).min(most)
    }
}

/// What running a job comes to that is not there.
pub fn nothing_to_run() -> Outcome {
    Outcome {
        status: Status::JobNotFound,
        exit_code: None,
        usage: Usage::default(),
        result: Tree::default().hash(),
        reason: Some("the directory has no such job".into()),
    }
}

/// Whether two runs came to the same result. How much they used may differ where nothing is exact.
fn is_same(a: &Outcome, b: &Outcome) -> bool {
    (a.status, a.result) == (b.status, b.result)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use job_runtime::Isolated;
    use jobs::ContentHash;
    use modicum::Ending;

    use super::*;

    const MACHINE: Isolated = Isolated { patience: Duration::ZERO };

    fn run(result: u8, instructions: u64) -> Outcome {
        let usage = Usage { instructions, bandwidth_bytes: 10, ..Usage::default() };
        let result = ContentHash([result; 32]);
        Outcome { status: Status::Completed, exit_code: Some(0), usage, result, reason: None }
    }

    fn report(status: Status, result: u8, instructions: u64) -> Report {
        let used = modicum::Usage { instructions, bandwidth: 10 };
        Report { status, result_hash: B256::repeat_byte(result), used, price: 1, block: 1 }
    }

    fn ending(evidence: &Evidence, report: Report, reason: Reason) -> Option<Ending> {
        modicum::ending(report.status, reason, evidence.finding(&report, reason, &MACHINE)?)
    }

    /// The fault table of the design, row by row.
    #[test]
    fn every_row_of_the_fault_table() {
        use Ending::{CreatorAtFault, DirectoryAtFault, ProviderAtFault};
        let done = Status::Completed;
        let of_runs = |runs: &[(u8, u64)]| Evidence {
            was_up: Some(true),
            is_result_there: Some(true),
            runs: runs.iter().map(|(result, count)| run(*result, *count)).collect(),
        };
        let (same, differ) = (of_runs(&[(1, 5), (1, 5)]), of_runs(&[(1, 5), (2, 5)]));
        let missing = Evidence { is_result_there: Some(false), ..same.clone() };
        let down = Evidence { was_up: Some(false), ..same.clone() };
        let unavailable = report(Status::DirectoryUnavailable, 0, 0);
        for (evidence, report, reason, expected) in [
            (&same, report(done, 1, 5), Reason::WrongResult, CreatorAtFault),
            (&differ, report(done, 1, 5), Reason::WrongResult, CreatorAtFault),
            (&same, report(done, 2, 5), Reason::WrongResult, ProviderAtFault),
            (&same, report(Status::ExceptionOccurred, 1, 5), Reason::WrongResult, ProviderAtFault),
            (&same, report(done, 1, 5), Reason::ResultNotFound, CreatorAtFault),
            (&missing, report(done, 1, 5), Reason::ResultNotFound, ProviderAtFault),
            (&same, report(done, 1, 5), Reason::DirectoryUnavailable, CreatorAtFault),
            (&same, unavailable, Reason::WrongResult, ProviderAtFault),
            (&down, unavailable, Reason::WrongResult, DirectoryAtFault),
            (&down, report(done, 1, 5), Reason::DirectoryUnavailable, DirectoryAtFault),
            (&same, report(done, 1, 6), Reason::UsageTooHigh, ProviderAtFault),
            (&same, report(done, 1, 5), Reason::UsageTooHigh, CreatorAtFault),
            (&differ, report(done, 1, 6), Reason::UsageTooHigh, CreatorAtFault),
        ] {
            assert_eq!(ending(evidence, report, reason), Some(expected), "{report:?} {reason:?}");
        }
    }

    #[test]
    fn nothing_follows_from_what_was_not_looked_at() {
        let nothing = Evidence::default();
        for reason in Reason::ALL {
            assert_eq!(nothing.finding(&report(Status::Completed, 1, 5), *reason, &MACHINE), None);
        }
    }
}
