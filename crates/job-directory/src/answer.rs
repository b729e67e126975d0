//! What is said over the wire, as JSON.

use alloy::primitives::Address;
use jobs::ContentHash;
use serde::{Deserialize, Serialize};

use crate::{Quotas, UptimeEntry};

/// Who a directory is, and what it stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Who signs its uptime record, and for whom tokens are signed.
    pub directory: Address,
    /// What it stores.
    pub quotas: Quotas,
    /// Its time, milliseconds of Unix time.
    pub time_ms: u64,
}

/// To a manifest that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// The files that are still to be sent; with none the tree can be fetched.
    pub missing: Vec<ContentHash>,
    /// Until when it is kept, milliseconds of Unix time; for as long as it is pinned where there is none.
    pub until_ms: Option<u64>,
}

/// What an account has stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// Whose.
    pub account: Address,
    /// All of its trees together, bytes.
    pub bytes: u64,
    /// Each.
    pub trees: Vec<Held>,
}

/// A tree that an account has stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Which.
    pub tree: ContentHash,
    /// Its files and its manifest, bytes.
    pub bytes: u64,
    /// Files that were never sent.
    pub missing: usize,
    /// Until when it is kept, milliseconds of Unix time; for as long as it is pinned where there is none.
    pub until_ms: Option<u64>,
}

/// When a directory answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UptimeAnswer {
    /// Which.
    pub directory: Address,
    /// The entries that touch what was asked for, first ones first.
    pub entries: Vec<UptimeEntry>,
}
