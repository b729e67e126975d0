//! How jobs end.

use modicum::Status;
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Tree, Usage};

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

impl Outcome {
    /// Of a job that takes more bytes to move than it may, all of which are counted: it is not run.
    pub fn too_large_to_move(bandwidth_bytes: u64) -> Self {
        Self {
            status: Status::BandwidthExceeded,
            exit_code: None,
            usage: Usage { bandwidth_bytes, ..Usage::default() },
            result: Tree::default().hash(),
            reason: Some("moving the job takes more than it may".to_owned()),
        }
    }
}
