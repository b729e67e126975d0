//! How fast this machine is.

use std::{io, time::Instant};

use job_runtime::{Machine, RunError};
use jobs::{BundleError, Limits};
use thiserror::Error;

/// Of the job that is timed, in millions of steps: some 200 million instructions, after as much to warm up.
const STEPS: u32 = 20;

/// Why the speed is not known.
#[derive(Debug, Error)]
pub enum SpeedError {
    /// No folder to work in.
    #[error("there is no folder to measure in")]
    Folder(#[from] io::Error),
    /// The machine fails.
    #[error("the machine cannot run a job")]
    Run(#[from] RunError),
    /// The built-in job is none.
    #[error("the job to measure with is broken")]
    Job(#[from] BundleError),
}

/// Instructions a second, as the machine counts them, of the slower of two runs of a job that only computes.
pub fn measure(machine: &dyn Machine) -> Result<u64, SpeedError> {
    let job = sample_jobs::spin(STEPS).bundle()?;
    let mut slowest = u64::MAX;
    for _ in 0..2 {
        let out = tempfile::tempdir()?;
        let begun = Instant::now();
        let outcome = machine.run(&job, Limits::default(), out.path())?;
        let microseconds = begun.elapsed().as_micros().max(1);
        let rate = u128::from(outcome.usage.instructions) * 1_000_000 / microseconds;
        slowest = slowest.min(u64::try_from(rate).unwrap_or(u64::MAX));
    }
    Ok(slowest.max(1))
}
