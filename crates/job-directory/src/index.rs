//! What a directory holds, for whom and for how long; in memory, and a function of what is stored.

mod quota;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use jobs::{ContentHash, Tree};
use serde::{Deserialize, Serialize};

use crate::{Held, Quotas, Refusal};

/// That an account has stored a tree, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Until when, milliseconds of Unix time; for as long as it is pinned where there is none.
    pub until_ms: Option<u64>,
}

/// A tree that somebody holds.
#[derive(Debug, Default)]
struct Kept {
    files: BTreeMap<ContentHash, u64>,
    bytes: u64,
    missing: usize,
    holds: BTreeMap<Address, Hold>,
}

/// A file of trees that somebody holds.
#[derive(Debug, Default)]
struct File {
    /// Its size, once it is there.
    size: Option<u64>,
    trees: BTreeSet<ContentHash>,
}

/// What is no longer held by anybody, and can be deleted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Gone {
    pub tree: Option<ContentHash>,
    pub files: Vec<ContentHash>,
}

/// All that is held.
#[derive(Debug, Default)]
pub struct Index {
    trees: BTreeMap<ContentHash, Kept>,
    files: BTreeMap<ContentHash, File>,
    accounts: BTreeMap<Address, BTreeSet<ContentHash>>,
    /// Of all trees, bytes.
    bytes: u64,
}

impl Index {
    /// Whether an account may announce a tree; changes nothing.
    pub fn check(&self, hash: ContentHash, tree: &Tree, account: Address, quotas: &Quotas) -> Result<(), Refusal> {
        let mut sizes = BTreeMap::new();
        for (_, entry) in tree.entries() {
            let known = self.files.get(&entry.hash).and_then(|file| file.size);
            let announced = known.unwrap_or_else(|| *sizes.entry(entry.hash).or_insert(entry.size));
            if announced != entry.size {
                return Err(Refusal::OtherSize { file: entry.hash, announced: entry.size });
            }
        }
        self.check_quotas(hash, tree.transfer_bytes(), account, quotas)
    }

    /// An account holds a tree. Holding it again changes for how long, and never unpins it.
    pub fn hold(&mut self, hash: ContentHash, tree: &Tree, account: Address, hold: Hold) {
        if !self.trees.contains_key(&hash) {
            self.add(hash, tree);
        }
        self.hold_known(hash, account, hold);
    }

    /// Like [`Self::hold`], of a tree that is there.
    pub fn hold_known(&mut self, hash: ContentHash, account: Address, hold: Hold) {
        if let Some(kept) = self.trees.get_mut(&hash) {
            kept.holds.insert(account, hold);
            self.accounts.entry(account).or_default().insert(hash);
        }
    }

    fn add(&mut self, hash: ContentHash, tree: &Tree) {
        let files: BTreeMap<_, _> = tree.entries().map(|(_, entry)| (entry.hash, entry.size)).collect();
        let mut missing = 0;
        for (name, size) in &files {
            let file = self.files.entry(*name).or_default();
            file.trees.insert(hash);
            missing += usize::from(file.size != Some(*size));
        }
        let bytes = tree.transfer_bytes();
        self.bytes = self.bytes.saturating_add(bytes);
        self.trees.insert(hash, Kept { files, bytes, missing, holds: BTreeMap::new() });
    }

    /// A file is there.
    pub fn arrive(&mut self, name: ContentHash, size: u64) {
        let Some(file) = self.files.get_mut(&name).filter(|file| file.size.is_none()) else { return };
        file.size = Some(size);
        for tree in &file.trees {
            let Some(kept) = self.trees.get_mut(tree) else { continue };
            // A manifest that lies about the size is never whole.
            kept.missing -= usize::from(kept.files.get(&name) == Some(&size));
        }
    }

    /// Whether some tree holds a file of this name and size.
    pub fn expects(&self, name: ContentHash, size: u64) -> bool {
        let trees = self.files.get(&name).into_iter().flat_map(|file| &file.trees);
        trees.filter_map(|tree| self.trees.get(tree)).any(|kept| kept.files.get(&name) == Some(&size))
    }

    /// A file is not there any more, or never was what it is called.
    pub fn lose(&mut self, name: ContentHash) {
        let Some(file) = self.files.get_mut(&name) else { return };
        let Some(size) = file.size.take() else { return };
        for tree in &file.trees {
            let Some(kept) = self.trees.get_mut(tree) else { continue };
            kept.missing += usize::from(kept.files.get(&name) == Some(&size));
        }
    }

    /// The files of a tree that are not there, in the order of their names.
    pub fn missing(&self, hash: ContentHash) -> Vec<ContentHash> {
        let Some(kept) = self.trees.get(&hash) else { return Vec::new() };
        let is_here = |name: &ContentHash, size: u64| self.files.get(name).is_some_and(|file| file.size == Some(size));
        kept.files.iter().filter(|(name, size)| !is_here(name, **size)).map(|(name, _)| *name).collect()
    }

    /// Whether all files of a tree are there, held or not.
    pub fn has_all(&self, tree: &Tree) -> bool {
        let mut entries = tree.entries();
        entries.all(|(_, entry)| self.files.get(&entry.hash).is_some_and(|file| file.size == Some(entry.size)))
    }

    /// Fails where not all of a tree is there.
    pub fn whole(&self, tree: ContentHash) -> Result<(), Refusal> {
        match self.trees.get(&tree).ok_or(Refusal::NoTree(tree))?.missing {
            0 => Ok(()),
            missing => Err(Refusal::Unfinished { tree, missing }),
        }
    }

    /// The size of a file in a tree, which is there or is to come.
    pub fn size(&self, tree: ContentHash, file: ContentHash) -> Result<u64, Refusal> {
        let kept = self.trees.get(&tree).ok_or(Refusal::NoTree(tree))?;
        kept.files.get(&file).copied().ok_or(Refusal::NoFile { tree, file })
    }

    /// Whether a file is there.
    pub fn has(&self, file: ContentHash) -> bool {
        self.files.get(&file).is_some_and(|file| file.size.is_some())
    }

    /// An account's hold on a tree.
    pub fn hold_of(&self, tree: ContentHash, account: Address) -> Result<Hold, Refusal> {
        let kept = self.trees.get(&tree).ok_or(Refusal::NoTree(tree))?;
        kept.holds.get(&account).copied().ok_or(Refusal::NotHeld { account, tree })
    }

    /// Everybody's holds on the trees that a file is part of and that are whole.
    pub fn holds_on_whole_trees_with(&self, file: ContentHash) -> Vec<(ContentHash, Address, Hold)> {
        let trees = self.files.get(&file).into_iter().flat_map(|file| &file.trees);
        let whole = trees.filter_map(|tree| Some((tree, self.trees.get(tree).filter(|kept| kept.missing == 0)?)));
        whole.flat_map(|(tree, kept)| kept.holds.iter().map(|(account, hold)| (*tree, *account, *hold))).collect()
    }

    /// Everything that an account holds.
    pub fn holdings(&self, account: Address) -> Vec<Held> {
        let trees = self.accounts.get(&account).into_iter().flatten();
        let held = trees.filter_map(|tree| {
            let kept = self.trees.get(tree)?;
            let until_ms = kept.holds.get(&account)?.until_ms;
            Some(Held { tree: *tree, bytes: kept.bytes, missing: kept.missing, until_ms })
        });
        held.collect()
    }

    /// An account holds a tree no longer.
    pub fn release(&mut self, hash: ContentHash, account: Address) -> Gone {
        let mut gone = Gone::default();
        let Some(kept) = self.trees.get_mut(&hash) else { return gone };
        if kept.holds.remove(&account).is_none() {
            return gone;
        }
        if let Some(trees) = self.accounts.get_mut(&account) {
            trees.remove(&hash);
            if trees.is_empty() {
                self.accounts.remove(&account);
            }
        }
        let Some(kept) = self.trees.get(&hash).filter(|kept| kept.holds.is_empty()) else { return gone };
        self.bytes = self.bytes.saturating_sub(kept.bytes);
        gone.tree = Some(hash);
        for name in self.trees.remove(&hash).into_iter().flat_map(|kept| kept.files.into_keys()) {
            let Some(file) = self.files.get_mut(&name) else { continue };
            file.trees.remove(&hash);
            if file.trees.is_empty() && self.files.remove(&name).is_some_and(|file| file.size.is_some()) {
                gone.files.push(name);
            }
        }
        gone
    }

    /// The holds whose time is over.
    pub fn expired(&self, now_ms: u64) -> Vec<(ContentHash, Address)> {
        let holds =
            self.trees.iter().flat_map(|(tree, kept)| kept.holds.iter().map(|(who, hold)| (*tree, *who, *hold)));
        holds
            .filter(|(.., hold)| hold.until_ms.is_some_and(|until| until <= now_ms))
            .map(|(t, who, _)| (t, who))
            .collect()
    }
}

#[cfg(test)]
mod tests;
