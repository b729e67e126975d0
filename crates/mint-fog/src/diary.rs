//! What a fog server has taken in, on disk before it is acknowledged.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use mint::{MinerId, Sample};
use mint_wire::Signed;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A sample was taken in.
    Sample {
        /// When, milliseconds of Unix time.
        at_ms: u64,
        /// The sample, as its miner signed it.
        signed: Signed<Sample>,
    },
    /// The cloud flagged a miner.
    Flagged {
        /// When.
        at_ms: u64,
        /// Whom.
        miner: MinerId,
    },
    /// The operator forgave a miner.
    Forgiven {
        /// When.
        at_ms: u64,
        /// Whom.
        miner: MinerId,
    },
}

/// Why the diary cannot be kept.
#[derive(Debug, Error)]
pub enum DiaryError {
    /// The file cannot be read or written.
    #[error("the diary {} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line before the last one cannot be read: somebody changed the file.
    #[error("line {line} of the diary {} cannot be read", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// An earlier write failed half-way; start the server again, which puts the file right.
    #[error("the diary {} is broken off; start the server again", path.display())]
    Broken {
        /// Which.
        path: PathBuf,
    },
}

/// An append-only file, one JSON document a line.
#[derive(Debug)]
pub struct Diary {
    path: PathBuf,
    file: File,
    is_broken: bool,
}

impl Diary {
    /// Opens or begins the diary at `path`; what is in it comes first. A last line that was never finished was never
    /// acknowledged, and is cut off.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>), DiaryError> {
        let failed = |source| DiaryError::File { path: path.to_owned(), source };
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(failed(source)),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let line = |(place, line): (usize, &[u8])| {
            serde_json::from_slice(line).map_err(|source| DiaryError::Line {
                path: path.to_owned(),
                line: place + 1,
                source,
            })
        };
        let lines = text[..whole].split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        let entries = lines.map(line).collect::<Result<_, _>>()?;
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.set_len(whole as u64).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok((Self { path: path.to_owned(), file, is_broken: false }, entries))
    }

    /// Adds an entry. When this returns it is on the disk.
    pub fn add(&mut self, entry: &Entry) -> Result<(), DiaryError> {
        if self.is_broken {
            return Err(DiaryError::Broken { path: self.path.clone() });
        }
        let written = serde_json::to_vec(entry).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.file.sync_data()
        });
        // Half a line may be there now, and another one must not follow it.
        self.is_broken = written.is_err();
        written.map_err(|source| DiaryError::File { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forgiven(at_ms: u64) -> Entry {
        Entry::Forgiven { at_ms, miner: "m".parse().unwrap() }
    }

    #[test]
    fn what_was_added_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diary");
        let (mut diary, entries) = Diary::open(&path).unwrap();
        assert!(entries.is_empty());
        diary.add(&forgiven(1)).unwrap();
        diary.add(&forgiven(2)).unwrap();
        // Not even closed.
        let (_, entries) = Diary::open(&path).unwrap();
        assert_eq!(entries, [forgiven(1), forgiven(2)]);
    }

    #[test]
    fn a_line_broken_off_is_cut_and_the_next_one_follows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diary");
        Diary::open(&path).unwrap().0.add(&forgiven(1)).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"forgiven\":{\"at").unwrap();
        Diary::open(&path).unwrap().0.add(&forgiven(2)).unwrap();
        assert_eq!(Diary::open(&path).unwrap().1, [forgiven(1), forgiven(2)]);
    }

    #[test]
    fn a_line_that_was_changed_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diary");
        fs::write(&path, "nonsense\n").unwrap();
        assert!(matches!(Diary::open(&path), Err(DiaryError::Line { line: 1, .. })));
    }
}
