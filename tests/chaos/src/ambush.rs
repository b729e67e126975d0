//! Killing somebody in the middle of what it does, when a file shows that it does it.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

/// Somebody who is killed as soon as each of some files is there, one after another.
#[derive(Clone, Debug)]
pub struct Ambush {
    pub agent: &'static str,
    /// Below the folder in which all keep what outlives them; `*` is the beginning of any name.
    sights: VecDeque<&'static str>,
}

impl Ambush {
    pub fn new(agent: &'static str, sights: &[&'static str]) -> Self {
        Self { agent, sights: sights.iter().copied().collect() }
    }

    /// Whether what is waited for is there, which is then waited for no more.
    pub fn is_sprung(&mut self, folder: &Path) -> bool {
        let is_there = self.sights.front().is_some_and(|sight| !found(folder, sight).is_empty());
        if is_there {
            self.sights.pop_front();
        }
        is_there
    }
}

fn found(folder: &Path, sight: &str) -> Vec<PathBuf> {
    sight.split('/').fold(vec![folder.to_owned()], |places, name| {
        let below = |place: PathBuf| -> Vec<PathBuf> {
            if let Some(ending) = name.strip_prefix('*') {
                let all = fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.path());
                return all.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
            }
            Some(place.join(name)).filter(|path| path.exists()).into_iter().collect()
        };
        places.into_iter().flat_map(below).collect()
    })
}
