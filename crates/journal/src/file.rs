//! What a journal in memory holds, in a file, for programs that run for a moment.
//!
//! The file is read and replaced as a whole, so that any number of programs share it without waiting for each other: each
//! goes on from what one of them wrote last. All that it holds can be read from the chain again, so whatever is wrong with it
//! costs time and nothing else.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Batch, BlockRef, Entry, JournalError, MemoryJournal};

/// How every such file begins, whichever version wrote it.
const NAME: &[u8] = b"entente journal ";
/// What follows: another one whenever anything changes in how [`Held`] is written.
const FORM: &[u8] = b"1\n";

/// The file of one journal. It may be deleted at any time.
#[derive(Clone, Debug)]
pub struct JournalFile {
    path: PathBuf,
    subject: String,
}

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum JournalFileError {
    /// It cannot be read or written.
    #[error("{} cannot be used", file.display())]
    Io {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It does not hold what was once written there.
    #[error("{} is damaged", file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
    },
}

/// What is written, behind a checksum.
#[derive(Debug, Serialize, Deserialize)]
struct Held<T, E> {
    /// What the journal is of.
    subject: T,
    blocks: Vec<BlockRef>,
    entries: Vec<E>,
}

impl JournalFile {
    /// The file at `path` of a journal of `subject`, which says all that two journals may differ in.
    pub const fn new(path: PathBuf, subject: String) -> Self {
        Self { path, subject }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the journal held that was written last, up to block `newest`, which is the newest of the chain as its reader
    /// sees it. `None` where there is no file, or one of another subject or version, or with nothing up to that block.
    pub fn read(&self, newest: u64) -> Result<Option<MemoryJournal>, JournalFileError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.failed(source)),
        };
        let damaged = || JournalFileError::Damaged { file: self.path.clone() };
        let Some(body) = bytes.strip_prefix(NAME).ok_or_else(damaged)?.strip_prefix(FORM) else { return Ok(None) };
        let (sum, body) = body.split_first_chunk().ok_or_else(damaged)?;
        if u32::from_le_bytes(*sum) != crc32fast::hash(body) {
            return Err(damaged());
        }
        let held: Held<String, Entry> = postcard::from_bytes(body).map_err(|_| damaged())?;
        if held.subject != self.subject {
            return Ok(None);
        }
        held.up_to(newest).map_err(|_| damaged())
    }

    /// Writes down what a journal holds, in place of what was there, all of it or nothing.
    pub fn write(&self, journal: &MemoryJournal) -> Result<(), JournalFileError> {
        let body = journal.held(|blocks, entries| {
            let held = Held { subject: self.subject.as_str(), blocks, entries };
            postcard::to_allocvec(&held).expect("memory takes all, and every list has a length")
        });
        self.replace(&body).map_err(|source| self.failed(source))
    }

    fn replace(&self, body: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        for part in [NAME, FORM, &crc32fast::hash(body).to_le_bytes(), body] {
            draft.write_all(part)?;
        }
        // Not flushed to the disk: what a loss of power spoils, the checksum tells.
        draft.persist(&self.path).map(|_| ()).map_err(|error| error.error)
    }

    fn failed(&self, source: io::Error) -> JournalFileError {
        JournalFileError::Io { file: self.path.clone(), source }
    }
}

impl Held<String, Entry> {
    /// As a journal that was read up to the newest block that is remembered of those up to `newest`: a node may be behind the
    /// one that was asked before, or its chain another one, begun anew.
    fn up_to(self, newest: u64) -> Result<Option<MemoryJournal>, JournalError> {
        let Self { mut blocks, mut entries, .. } = self;
        blocks.retain(|block| block.number <= newest);
        entries.truncate(entries.partition_point(|entry| entry.block.number <= newest));
        if blocks.is_empty() {
            return Ok(None);
        }
        MemoryJournal::holding(Batch { blocks, entries }).map(Some)
    }
}
