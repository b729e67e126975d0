//! Finding out.

use std::{io, sync::Arc};

use job_runtime::{Machine, RunError};
use job_storage::{Storage, StorageError};
use jobs::{ContentHash, Limits, Outcome, Status};
use modicum::{Reason, Report};
use thiserror::Error;

use crate::{Dossier, Evidence, evidence::nothing_to_run};

/// A machine, and the directory where job and result are.
#[derive(Clone)]
pub struct Court {
    /// What jobs are run with.
    pub machine: Arc<dyn Machine>,
    /// Where jobs and results are.
    pub storage: Arc<dyn Storage>,
}

/// A dispute.
#[derive(Clone, Copy, Debug)]
pub struct Dispute {
    /// The job.
    pub job: ContentHash,
    /// What it may use.
    pub limits: Limits,
    /// What the provider reported.
    pub report: Report,
    /// Why the creator rejected it.
    pub reason: Reason,
    /// n.
    pub verifications: u8,
    /// From when on the directory had to be available, and the present, Unix seconds.
    pub times: (u64, u64),
}

/// Why nothing was found out.
#[derive(Debug, Error)]
pub enum CourtError {
    /// The directory answers otherwise than its record says, or this machine cannot use it.
    #[error("the job cannot be fetched")]
    Storage(#[from] StorageError),
    /// This machine failed the job.
    #[error("the job cannot be run")]
    Run(#[from] RunError),
    /// No folder to work in.
    #[error("there is no folder to work in")]
    Folder(#[from] io::Error),
}

impl Court {
    /// Finds out again what a dossier needs.
    pub(crate) fn examine(&self, dossier: &Dossier) -> Result<Evidence, CourtError> {
        self.hear(&Dispute {
            job: dossier.job,
            limits: dossier.limits,
            report: dossier.report,
            reason: dossier.reason,
            verifications: dossier.verifications,
            times: dossier.times,
        })
    }

    /// Finds out what a dispute needs: no more than that.
    pub fn hear(&self, dispute: &Dispute) -> Result<Evidence, CourtError> {
        let (from, until) = dispute.times;
        let was_up = self.storage.was_up(from, until);
        let mut evidence = Evidence { was_up: Some(was_up), ..Evidence::default() };
        let is_about_directory =
            dispute.report.status == Status::DirectoryUnavailable || dispute.reason == Reason::DirectoryUnavailable;
        if !was_up || is_about_directory {
            return Ok(evidence);
        }
        if dispute.reason == Reason::ResultNotFound {
            evidence.is_result_there = Some(self.storage.has(ContentHash(dispute.report.result_hash.0))?);
        } else {
            evidence.runs = self.runs(dispute)?;
        }
        Ok(evidence)
    }

    fn runs(&self, dispute: &Dispute) -> Result<Vec<Outcome>, CourtError> {
        let folder = tempfile::tempdir()?;
        let times = usize::from(dispute.verifications);
        let job = match self.storage.get(dispute.job, &folder.path().join("job"), dispute.limits.bandwidth_bytes) {
            Ok(job) => job,
            Err(StorageError::TooLarge { bytes, .. }) => return Ok(vec![Outcome::too_large_to_move(bytes); times]),
            Err(error) if error.is_absence() => return Ok(vec![nothing_to_run(); times]),
            Err(error) => return Err(error.into()),
        };
        let mut runs: Vec<Outcome> = Vec::new();
        for number in 0..times {
            let run = self.machine.run(&job, dispute.limits, &folder.path().join(format!("run-{number}")))?;
            runs.push(run);
        }
        Ok(runs)
    }
}
