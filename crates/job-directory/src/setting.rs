//! What a directory is set to.

use std::{collections::BTreeSet, time::Duration};

use alloy::primitives::Address;
use serde::{Deserialize, Serialize};

/// What is stored at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotas {
    /// For one account, bytes of files and manifests.
    pub account_bytes: u64,
    /// For one account, trees.
    pub account_trees: usize,
    /// For all accounts, bytes.
    pub total_bytes: u64,
}

impl Default for Quotas {
    /// Ten gibibytes and a thousand trees an account, a hundred gibibytes in all.
    fn default() -> Self {
        Self { account_bytes: 10 << 30, account_trees: 1000, total_bytes: 100 << 30 }
    }
}

/// What a directory is set to.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What is stored at most.
    pub quotas: Quotas,
    /// Who may use it; everybody where nobody is named.
    pub members: Option<BTreeSet<Address>>,
    /// For how long a tree is kept that nobody pinned.
    pub keep: Duration,
    /// For how long files of a tree are waited for, counted from the last one that came or began to come.
    pub keep_unfinished: Duration,
    /// For how long the next bytes of a file are waited for.
    pub patience: Duration,
    /// Requests that are answered at a time.
    pub most_requests: usize,
    /// From one question to itself to the next. Two that are answered with no more than one missing between them
    /// leave no break in the uptime record.
    pub probe_every: Duration,
    /// For how long the uptime record is kept.
    pub keep_uptime: Duration,
}

impl Default for Setting {
    /// Everybody's; a week for what is whole, six hours for what is not, a question every ten seconds, ninety days of
    /// uptime record.
    fn default() -> Self {
        Self {
            quotas: Quotas::default(),
            members: None,
            keep: Duration::from_hours(7 * 24),
            keep_unfinished: Duration::from_hours(6),
            patience: Duration::from_secs(30),
            most_requests: 64,
            probe_every: Duration::from_secs(10),
            keep_uptime: Duration::from_hours(90 * 24),
        }
    }
}

impl Setting {
    /// Whether somebody may use it.
    pub fn admits(&self, account: Address) -> bool {
        self.members.as_ref().is_none_or(|members| members.contains(&account))
    }
}
