//! What a creator makes of a report.

use std::{io, sync::Arc};

use alloy_primitives::B256;
use job_runtime::{Machine, RunError};
use job_storage::{Storage, StorageError};
use jobs::{Bundle, ContentHash, Limits, Outcome};
use modicum::{JobOffer, Reason, Report, Status, is_rejectable};
use thiserror::Error;

/// What to do about a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It seems right, or is not known to be wrong.
    Accept,
    /// It is wrong.
    Reject(Reason),
}

/// Why nothing is known of a report so far.
#[derive(Debug, Error)]
pub enum Undecided {
    /// The storage does not answer, or this machine cannot use it.
    #[error("the result cannot be fetched")]
    Storage(#[from] StorageError),
    /// This machine failed the job.
    #[error("the job cannot be run again")]
    Run(#[from] RunError),
    /// No folder to work in.
    #[error("there is no folder to work in")]
    Folder(#[from] io::Error),
}

/// A machine, and where results are.
#[derive(Clone)]
pub struct Checker {
    /// What the job is run with.
    pub machine: Arc<dyn Machine>,
    /// Where results are.
    pub storage: Arc<dyn Storage>,
}

impl Checker {
    /// Looks at a report that came for a job; runs the job too if `verifies`. `since` is when the job was offered, `now`
    /// the present, Unix seconds.
    pub fn react(
        &self,
        job: &Bundle,
        offer: &JobOffer,
        report: &Report,
        verifies: bool,
        (since, now): (u64, u64),
    ) -> Result<Reaction, Undecided> {
        match report.status {
            // The mediator looks whether the record says so.
            Status::DirectoryUnavailable if self.storage.was_up(since, now) => {
                return Ok(Reaction::Reject(Reason::WrongResult));
            }
            Status::DirectoryUnavailable => return Ok(Reaction::Accept),
            Status::Completed if !self.storage.has(ContentHash(report.result_hash.0))? => {
                return Ok(Reaction::Reject(Reason::ResultNotFound));
            }
            _ => {}
        }
        if !verifies {
            return Ok(Reaction::Accept);
        }
        let out = tempfile::tempdir()?;
        let own = self.machine.run(job, Limits::from(offer), out.path())?;
        Ok(compare(report, &own, self.machine.fair(own.usage.instructions)))
    }
}

/// A report beside a run of one's own, and the most that may be claimed of that.
pub fn compare(report: &Report, own: &Outcome, most_instructions: u64) -> Reaction {
    let used = own.usage.billed();
    if report.status != own.status || report.result_hash != B256::from(own.result.0) {
        return reject(report, Reason::WrongResult);
    }
    if report.used.instructions > most_instructions || report.used.bandwidth > used.bandwidth {
        return reject(report, Reason::UsageTooHigh);
    }
    Reaction::Accept
}

/// A rejection the contract takes; otherwise there is nothing to be done.
fn reject(report: &Report, reason: Reason) -> Reaction {
    if is_rejectable(report.status, reason) { Reaction::Reject(reason) } else { Reaction::Accept }
}

#[cfg(test)]
mod tests {
    use jobs::Usage;

    use super::*;

    fn own() -> Outcome {
        let usage = Usage { instructions: 100, bandwidth_bytes: 50, ..Usage::default() };
        let result = ContentHash([3; 32]);
        Outcome { status: Status::Completed, exit_code: Some(0), usage, result, reason: None }
    }

    fn report(status: Status, result: u8, instructions: u64, bandwidth: u64) -> Report {
        let used = modicum::Usage { instructions, bandwidth };
        Report { status, result_hash: B256::repeat_byte(result), used, price: 1, block: 1 }
    }

    #[test]
    fn only_what_differs_to_the_creators_harm_is_rejected() {
        let done = Status::Completed;
        for (report, expected) in [
            (report(done, 3, 100, 50), Reaction::Accept),
            (report(done, 3, 99, 50), Reaction::Accept),
            (report(done, 4, 100, 50), Reaction::Reject(Reason::WrongResult)),
            (report(Status::ExceptionOccurred, 3, 100, 50), Reaction::Reject(Reason::WrongResult)),
            (report(done, 3, 101, 50), Reaction::Reject(Reason::UsageTooHigh)),
            (report(done, 3, 100, 51), Reaction::Reject(Reason::UsageTooHigh)),
        ] {
            assert_eq!(compare(&report, &own(), 100), expected, "{report:?}");
        }
        assert_eq!(compare(&report(done, 3, 101, 50), &own(), 125), Reaction::Accept, "what is fair is accepted");
    }
}
