//! A job to be had done, and how far it has come.

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use jobs::{Bundle, ContentHash};
use modicum::{Ending, Finding, JobOffer, Reason, Status};
use serde::Serialize;

/// A job to be had done.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is offered for it. Its hash is the bundle's.
    pub offer: JobOffer,
    /// The job.
    pub job: Bundle,
    /// Where the result is put; empty, or not there yet.
    pub out: PathBuf,
}

impl Order {
    /// Whether just this tree is where the result is put.
    pub(crate) fn has_result(&self, tree: ContentHash) -> bool {
        Bundle::of_folder(&self.out).is_ok_and(|found| found.tree().hash() == tree)
    }
}

/// Something that happened to an order. Each is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "fields are what they are called")]
pub enum Step {
    /// The job is where its provider will find it.
    Stored { bytes: u64 },
    /// The offer is on the chain.
    Offered { offer: B256 },
    /// Somebody is to run it.
    Matched { id: B256, provider: Address, deadline: u64 },
    /// A report came.
    Reported { id: B256, status: Status, instructions: u64, price: u128 },
    /// The result was checked by running the job.
    Verified { id: B256, is_right: bool },
    /// The result is being rejected.
    Rejecting { id: B256, reason: Reason },
    /// The mediator judged.
    Judged { id: B256, finding: Finding },
    /// A match ended.
    Ended { id: B256, ending: Ending, got: u128 },
    /// The result is in its folder, which is the end.
    Done { id: B256, status: Status, folder: PathBuf },
    /// There will be no result, which is the end.
    Failed { why: String },
}

impl Step {
    /// Whether nothing follows.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed { .. })
    }
}
