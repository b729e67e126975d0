//! What can go wrong.

use std::{io, path::PathBuf};

use thiserror::Error;

/// Why a process cannot be watched or held.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// A file of the kernel's could not be read or written.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of the kernel's does not say what it should.
    #[error("{} does not hold the figure it should", path.display())]
    Figure {
        /// Which.
        path: PathBuf,
    },
    /// The process could not be started.
    #[error("{command} cannot be started")]
    Start {
        /// What was to be started.
        command: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The process could not be signalled or waited for.
    #[error("the process {pid} cannot be signalled")]
    Signal {
        /// Which.
        pid: u32,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A mechanism was asked for that this machine does not have.
    #[error("{mechanism} is not available here; cgroups must be mounted writable, with the controllers cpu and memory")]
    Unavailable {
        /// Which.
        mechanism: &'static str,
    },
}

impl TelemetryError {
    /// Of a file.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
