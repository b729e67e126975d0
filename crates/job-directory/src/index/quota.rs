//! How much an account, and all of them, may store.

use std::collections::BTreeSet;

use alloy::primitives::Address;
use jobs::ContentHash;

use super::Index;
use crate::{Quotas, Refusal};

impl Index {
    /// Whether an account may hold a tree of so many bytes. Who holds it already may go on.
    pub fn check_quotas(&self, tree: ContentHash, bytes: u64, who: Address, quotas: &Quotas) -> Result<(), Refusal> {
        if self.hold_of(tree, who).is_ok() {
            return Ok(());
        }
        let full = |most, wanted| Refusal::AccountFull { account: who, most, wanted };
        let trees = self.accounts.get(&who).map_or(0, BTreeSet::len) + 1;
        if trees > quotas.account_trees {
            return Err(full(format!("{} trees", quotas.account_trees), format!("{trees} trees")));
        }
        let wanted = self.bytes_of(who).saturating_add(bytes);
        if wanted > quotas.account_bytes {
            return Err(full(format!("{} bytes", quotas.account_bytes), format!("{wanted} bytes")));
        }
        if !self.trees.contains_key(&tree) && self.bytes.saturating_add(bytes) > quotas.total_bytes {
            return Err(Refusal::Full { most: quotas.total_bytes });
        }
        Ok(())
    }

    /// A tree's bytes.
    pub fn tree_bytes(&self, tree: ContentHash) -> Result<u64, Refusal> {
        self.trees.get(&tree).map(|kept| kept.bytes).ok_or(Refusal::NoTree(tree))
    }

    /// What an account holds, bytes; what several hold counts for each, so that nobody's letting go fills another.
    pub fn bytes_of(&self, account: Address) -> u64 {
        let trees = self.accounts.get(&account).into_iter().flatten();
        trees.filter_map(|tree| self.trees.get(tree)).fold(0, |sum, kept| sum.saturating_add(kept.bytes))
    }
}
