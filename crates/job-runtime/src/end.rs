//! How a job is stopped from within.

use std::io;

use thiserror::Error;

/// Carried through the engine as an error, to be found again when the run is over.
#[derive(Debug, Error)]
pub enum End {
    /// It said so.
    #[error("the job ended with the exit code {0}")]
    Exit(i32),
    /// It asked for more memory than it may have.
    #[error("the job asked for more memory than it may have")]
    Memory,
    /// It wrote more than it may.
    #[error("the job wrote more than it may")]
    Storage,
    /// This machine failed it; another might not.
    #[error("this machine cannot hold what the job writes, or give what it reads")]
    Machine(#[source] io::Error),
}
