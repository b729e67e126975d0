//! When matches were seen first, which no event tells and whoever is started again must know.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::B256;

/// By match, when it was seen first, Unix seconds; in a folder, too.
pub(crate) struct Seen {
    folder: PathBuf,
    since: BTreeMap<B256, u64>,
}

impl Seen {
    /// Goes on with what an earlier process left in a folder.
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder, since: BTreeMap::new() }
    }

    /// A match is there at `now`.
    pub(crate) fn note(&mut self, id: B256, now: u64) {
        if self.since.contains_key(&id) {
            return;
        }
        let file = self.file(id);
        let known = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
        if known.is_none()
            && let Err(error) = write_whole(&file, &now.to_string())
        {
            tracing::warn!(%id, %error, "a restart will not know since when a match is there");
        }
        self.since.insert(id, known.unwrap_or(now));
    }

    /// Since when it is there.
    pub(crate) fn since(&self, id: B256) -> Option<u64> {
        self.since.get(&id).copied()
    }

    /// Forgets those that are over.
    pub(crate) fn retain(&mut self, is_open: impl Fn(B256) -> bool) {
        let over: Vec<_> = self.since.keys().copied().filter(|id| !is_open(*id)).collect();
        for id in over {
            self.since.remove(&id);
            // What stays is a few bytes that nobody reads again.
            let _ = fs::remove_file(self.file(id));
        }
    }

    fn file(&self, id: B256) -> PathBuf {
        self.folder.join(format!("{id}.seen"))
    }
}

/// All of it or nothing: half of a number would be another one.
fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = file.with_extension("draft");
    fs::write(&draft, text)?;
    fs::rename(draft, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_after_knows_since_when_a_match_is_there_until_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (id, archive) = (B256::repeat_byte(1), folder.path().join("archive"));
        let mut seen = Seen::new(archive.clone());
        seen.note(id, 1000);
        seen.note(id, 1001);
        assert_eq!(seen.since(id), Some(1000));
        let mut next = Seen::new(archive.clone());
        next.note(id, 2000);
        assert_eq!(next.since(id), Some(1000));
        next.retain(|_| false);
        assert_eq!(next.since(id), None);
        let mut last = Seen::new(archive);
        last.note(id, 3000);
        assert_eq!(last.since(id), Some(3000));
    }
}
