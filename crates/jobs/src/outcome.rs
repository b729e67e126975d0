//! How jobs end.

use modicum::Status;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Usage};

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
