//! How jobs end.

use serde::{Deserialize, Serialize};

use crate::{ContentHash, Usage};

/// How a job ended. The numbers are those of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Status {
    /// It ran to its end.
    Completed = 0,
    /// The directory does not have it.
    JobNotFound = 1,
    /// What it says of itself, or its module, makes no sense.
    JobDescriptionError = 2,
    /// It asked for more memory than it may have.
    MemoryExceeded = 3,
    /// It wrote more than it may.
    StorageExceeded = 4,
    /// It ran for longer than it may.
    InstructionsExceeded = 5,
    /// Moving it and its result would take more than it may.
    BandwidthExceeded = 6,
    /// It trapped, or said by its exit code that it failed.
    ExceptionOccurred = 7,
    /// The directory does not answer.
    DirectoryUnavailable = 8,
    /// The directory does not have its result.
    ResultNotFound = 9,
    /// The provider will not run it.
    Declined = 10,
}

impl Status {
    /// The number that the contract knows it by.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// What running a job came to. All but `reason` is what everybody must find who runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The exit code, where it gave one.
    pub exit_code: Option<i32>,
    /// What it used.
    pub usage: Usage,
    /// The canonical hash of its result; that of the empty tree where a limit was exceeded.
    pub result: ContentHash,
    /// Why it ended as it did, in words, where it did not complete.
    pub reason: Option<String>,
}
