//! Running a job that was matched, so that nothing is lost where the program ends in between.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy_primitives::B256;
use job_runtime::{Machine, RunError};
use job_storage::{Storage, StorageError};
use jobs::{Bundle, BundleError, ContentHash, Limits, Outcome, Status, Tree};
use modicum::JobOffer;
use thiserror::Error;

/// What is to be reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How the run ended.
    pub status: Status,
    /// The canonical hash of the result.
    pub result: B256,
    /// What is to be billed.
    pub used: modicum::Usage,
}

impl Answer {
    /// There was nothing to run.
    pub fn without_run(status: Status) -> Self {
        Self { status, result: B256::from(Tree::default().hash().0), used: modicum::Usage::default() }
    }

    fn of(outcome: &Outcome) -> Self {
        let Outcome { status, usage, result, .. } = outcome;
        Self { status: *status, result: B256::from(result.0), used: usage.billed() }
    }
}

/// Why there is no answer so far.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The storage does not answer, or this machine cannot use it.
    #[error("the job or its result cannot be moved")]
    Storage(#[from] StorageError),
    /// This machine failed the job.
    #[error("this machine failed the job")]
    Run(#[from] RunError),
    /// Files of the working folder.
    #[error("the working folder cannot be used")]
    Folder(#[from] io::Error),
    /// A result that makes no tree any more.
    #[error("the result cannot be read")]
    Bundle(#[from] BundleError),
}

impl Trouble {
    /// What to report when there is no more time to try again: the directory's fault, or that the job is declined.
    pub fn last_word(&self) -> Status {
        match self {
            Self::Storage(error) if error.is_outage() => Status::DirectoryUnavailable,
            _ => Status::Declined,
        }
    }

    /// Whether trying again on this machine may end otherwise.
    pub const fn may_pass(&self) -> bool {
        !matches!(self, Self::Run(RunError::TooSlow(_)))
    }
}

/// A place to work in, with a machine and a storage.
#[derive(Clone)]
pub struct Workshop {
    folder: PathBuf,
    machine: Arc<dyn Machine>,
    storage: Arc<dyn Storage>,
}

impl Workshop {
    /// In this folder, which outlives the program: runs that are done are not done again.
    pub fn new(folder: impl Into<PathBuf>, machine: Arc<dyn Machine>, storage: Arc<dyn Storage>) -> Self {
        Self { folder: folder.into(), machine, storage }
    }

    /// How its machine counts.
    pub fn meter(&self) -> B256 {
        B256::from(self.machine.meter().0.0)
    }

    /// Runs a matched job, or takes the run that was done; its result is in the storage afterwards.
    pub fn answer(&self, id: B256, offer: &JobOffer) -> Result<Answer, Trouble> {
        let place = self.place(id);
        let outcome = match recorded(&place)? {
            Some(outcome) => outcome,
            None => match self.run(&place, offer)? {
                Some(outcome) => outcome,
                None => return Ok(Answer::without_run(Status::JobNotFound)),
            },
        };
        self.storage.put(&Bundle::of_folder(&place.join("result"))?)?;
        Ok(Answer::of(&outcome))
    }

    /// What a provider says that never ran the job: a result like many, for half of what the job may take.
    pub fn invention(&self, id: B256, offer: &JobOffer) -> Result<Answer, Trouble> {
        let mut made_up = Bundle::default();
        made_up.add_bytes("stdout".parse().expect("a name is a path"), format!("{id}\n").into_bytes())?;
        self.storage.put(&made_up)?;
        let used = modicum::Usage {
            instructions: offer.instruction_limit / 2,
            bandwidth: made_up.tree().transfer_bytes().min(offer.bandwidth_limit),
        };
        Ok(Answer { status: Status::Completed, result: B256::from(made_up.tree().hash().0), used })
    }

    /// Forgets a match that has ended.
    pub fn clear(&self, id: B256) {
        let place = self.place(id);
        if place.exists()
            && let Err(error) = fs::remove_dir_all(&place)
        {
            tracing::warn!(%error, place = %place.display(), "a folder that is needed no more cannot be removed");
        }
    }

    fn place(&self, id: B256) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// `None` where the storage has no such job.
    fn run(&self, place: &Path, offer: &JobOffer) -> Result<Option<Outcome>, Trouble> {
        // What an interrupted run left behind.
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        fs::create_dir_all(place)?;
        let limits = Limits::from(offer);
        let job = match self.storage.get(ContentHash(offer.job_hash.0), &place.join("job"), limits.bandwidth_bytes) {
            Ok(job) => job,
            Err(StorageError::TooLarge { bytes, .. }) => return too_large(place, bytes).map(Some),
            Err(error) if error.is_absence() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let outcome = self.machine.run(&job, limits, &place.join("result"))?;
        record(place, &outcome)?;
        Ok(Some(outcome))
    }
}

/// A job that is not even fetched: all who run it find it so.
fn too_large(place: &Path, bytes: u64) -> Result<Outcome, Trouble> {
    let outcome = Outcome::too_large_to_move(bytes);
    fs::create_dir(place.join("result"))?;
    record(place, &outcome)?;
    Ok(outcome)
}

/// A claim of more than was used.
pub fn inflated(used: modicum::Usage, percent: u32) -> modicum::Usage {
    let instructions = u128::from(used.instructions) * (100 + u128::from(percent)) / 100;
    modicum::Usage { instructions: u64::try_from(instructions).unwrap_or(u64::MAX), ..used }
}

fn recorded(place: &Path) -> io::Result<Option<Outcome>> {
    match fs::read(place.join("outcome.json")) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whole or not at all.
fn record(place: &Path, outcome: &Outcome) -> io::Result<()> {
    let draft = place.join("outcome.draft");
    fs::write(&draft, serde_json::to_vec_pretty(outcome)?)?;
    fs::rename(draft, place.join("outcome.json"))
}
