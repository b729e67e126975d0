//! Why there is no optimum.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

/// Why a linear program was not solved.
#[derive(Debug, thiserror::Error)]
pub enum OptimizerError {
    /// No point satisfies every row.
    #[error("no point satisfies every row")]
    Infeasible,
    /// The objective grows without limit.
    #[error("the objective has no upper bound")]
    Unbounded,
    /// The deadline passed first; the worker was killed.
    #[error("no optimum within {} ms", deadline.as_millis())]
    DeadlineExceeded {
        /// What was allowed.
        deadline: Duration,
    },
    /// A coefficient is not a finite number, or a row names a variable of another program.
    #[error("malformed linear program: {reason}")]
    InvalidProgram {
        /// What is wrong, and where.
        reason: String,
    },
    /// The solver gave up.
    #[error("the solver gave up: {reason}")]
    GaveUp {
        /// What it said.
        reason: String,
    },
    /// The worker could not be started.
    #[error("cannot start the optimizer worker {}", program.display())]
    NotStarted {
        /// The program that was to be run.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The worker ended without an answer.
    #[error("the optimizer worker {} ended without an answer ({status}): {stderr}", program.display())]
    WorkerFailed {
        /// The program that was run.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to standard error.
        stderr: String,
    },
    /// The worker's answer does not fit the question.
    #[error("the optimizer worker {} answered nonsense: {reason}", program.display())]
    Garbled {
        /// The program that was run.
        program: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The operating system failed the worker.
    #[error("cannot reap the optimizer worker")]
    NotReaped(#[source] io::Error),
}

impl OptimizerError {
    /// Whether more time might have helped.
    pub fn is_deadline(&self) -> bool {
        matches!(self, Self::DeadlineExceeded { .. })
    }
}
