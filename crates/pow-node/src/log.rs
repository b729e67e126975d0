//! What a node has written down, in a file that is whole or is not read.
//!
//! The file begins with a magic number, the node's id and the genesis' digest. Each entry is its length, four bytes that
//! check the length, the records, and a SHA-256 of all before it: an entry that was changed, left out or exchanged is
//! noticed, and so is one that another node wrote.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use pow::{Digest, NodeId, Record};
use thiserror::Error;

const MAGIC: &[u8; 8] = b"entpow\x00\x01";
const HEADER_BYTES: usize = 8 + 32 + 32;
const DIGEST_BYTES: usize = 32;
/// An entry's length and its check, bytes.
const LENGTH_BYTES: usize = 8;

/// Why a node's records cannot be read or written.
#[derive(Debug, Error)]
pub enum LogError {
    /// The system does not let us.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process uses the folder.
    #[error("{path} is in use: the same node is running already")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// Another node's, or another chain's.
    #[error("{path} was written by another key or for another genesis")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It is not what was written.
    #[error(
        "{path} is damaged at byte {at}: the node may have forgotten how it voted, and must not go on. Put the file back \
         from a copy of this very moment, or join as a new member with a new key"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        at: usize,
    },
}

/// A node's records on disk; nobody else can open them while this exists.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Of all that is written.
    digest: Digest,
    _lock: File,
}

impl Log {
    /// Opens the records in a folder, which is made where there is none; without records where the node is new. What
    /// was being written when the node was killed was never acted upon, and is dropped.
    pub(crate) fn open(folder: &Path, node: NodeId, genesis: Digest) -> Result<(Self, Option<Vec<Record>>), LogError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| LogError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(at(folder))?;
        let lock = lock(folder)?;
        let path = folder.join("records");
        let header = [MAGIC.as_slice(), &node.0, &genesis.0].concat();
        let is_new = !path.try_exists().map_err(at(&path))?;
        if is_new {
            create(folder, &path, &header).map_err(at(&path))?;
        }
        let mut file = OpenOptions::new().read(true).append(true).open(&path).map_err(at(&path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(at(&path))?;
        let Found { records, end, digest } = read(&bytes, &header, &path)?;
        if end < bytes.len() {
            tracing::warn!(path = %path.display(), "the last entry was not written to its end, and is dropped");
            let shorten = || file.set_len(end as u64).and_then(|()| file.sync_data());
            shorten().map_err(at(&path))?;
        }
        Ok((Self { path, file, digest, _lock: lock }, (!is_new).then_some(records)))
    }

    /// Writes records to the disk; once this returns they are there for good.
    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let bytes = postcard::to_allocvec(records).expect("records serialise, and memory suffices");
        let length = u32::try_from(bytes.len()).expect("a few blocks are below 4 GiB").to_be_bytes();
        let digest = after(&self.digest, &bytes);
        let entry = [&length, &check(&self.digest, length), bytes.as_slice(), &digest.0].concat();
        let written = self.file.write_all(&entry).and_then(|()| self.file.sync_data());
        written.map_err(|source| LogError::Io { path: self.path.clone(), source })?;
        self.digest = digest;
        Ok(())
    }
}

fn lock(folder: &Path) -> Result<File, LogError> {
    let path = folder.join("lock");
    let failed = |source| LogError::Io { path: path.clone(), source };
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::InUse { path: folder.to_owned() }),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Creates a file that has its whole header from the moment it is there.
fn create(folder: &Path, path: &Path, header: &[u8]) -> io::Result<()> {
    let draft = folder.join("records.new");
    let mut file = File::create(&draft)?;
    file.write_all(header)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name, too, must be there after a loss of power.
    File::open(folder)?.sync_all()
}

/// What a file holds.
struct Found {
    records: Vec<Record>,
    /// Where the last whole entry ends.
    end: usize,
    digest: Digest,
}

fn read(bytes: &[u8], header: &[u8], path: &Path) -> Result<Found, LogError> {
    let damaged = |at| LogError::Damaged { path: path.to_owned(), at };
    match bytes.get(..HEADER_BYTES) {
        Some(found) if found == header => {}
        Some(found) if found.starts_with(MAGIC) => return Err(LogError::Foreign { path: path.to_owned() }),
        _ => return Err(damaged(0)),
    }
    let mut found = Found { records: Vec::new(), end: HEADER_BYTES, digest: Digest::of(&[header]) };
    while let Some((length, rest)) = bytes[found.end..].split_first_chunk::<LENGTH_BYTES>() {
        let (length, checked) = length.split_at(4);
        let length: [u8; 4] = length.try_into().expect("half of eight");
        if checked != check(&found.digest, length) {
            return Err(damaged(found.end));
        }
        let count = usize::try_from(u32::from_be_bytes(length)).expect("at least 32 bits");
        let Some((payload, digest)) = rest.get(..count + DIGEST_BYTES).map(|entry| entry.split_at(count)) else {
            break;
        };
        let expected = after(&found.digest, payload);
        let records: Option<Vec<Record>> = (digest == expected.0).then(|| postcard::from_bytes(payload).ok()).flatten();
        found.records.extend(records.ok_or_else(|| damaged(found.end))?);
        found.end += LENGTH_BYTES + count + DIGEST_BYTES;
        found.digest = expected;
    }
    Ok(found)
}

fn after(digest: &Digest, payload: &[u8]) -> Digest {
    Digest::of(&[b"entente/pow/log", &digest.0, payload])
}

fn check(digest: &Digest, length: [u8; 4]) -> [u8; 4] {
    let [a, b, c, d, ..] = Digest::of(&[b"entente/pow/length", &digest.0, &length]).0;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use pow::Ballot;

    use super::*;

    const NODE: NodeId = NodeId([1; 32]);
    const GENESIS: Digest = Digest([2; 32]);

    fn ballot(promised: u32) -> Record {
        Record::Ballot(Ballot { height: 1, promised, voted: Some((promised, NODE)), accepted: None })
    }

    /// A folder in which two entries were written.
    fn written() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, records) = Log::open(folder.path(), NODE, GENESIS).unwrap();
        assert_eq!(records, None, "it is new");
        log.append(&[ballot(1), ballot(2)]).unwrap();
        log.append(&[ballot(3)]).unwrap();
        folder
    }

    fn reopened(folder: &tempfile::TempDir) -> Result<Option<Vec<Record>>, LogError> {
        Log::open(folder.path(), NODE, GENESIS).map(|(_, records)| records)
    }

    #[test]
    fn what_was_written_is_read_in_order_and_more_can_follow() {
        let folder = written();
        let (mut log, _) = Log::open(folder.path(), NODE, GENESIS).unwrap();
        log.append(&[ballot(4)]).unwrap();
        drop(log);
        assert_eq!(reopened(&folder).unwrap().unwrap(), [1, 2, 3, 4].map(ballot));
    }

    #[test]
    fn an_entry_that_was_not_written_to_its_end_is_dropped_and_others_follow() {
        let folder = written();
        let path = folder.path().join("records");
        let whole = fs::read(&path).unwrap();
        for end in HEADER_BYTES..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            let (mut log, records) = Log::open(folder.path(), NODE, GENESIS).unwrap();
            let left = records.unwrap();
            assert!(left.len() < 3 && left == [1, 2, 3].map(ballot)[..left.len()], "{end}");
            log.append(&[ballot(9)]).unwrap();
            drop(log);
            assert_eq!(reopened(&folder).unwrap().unwrap().last(), Some(&ballot(9)), "{end}");
        }
    }

    #[test]
    fn a_byte_that_was_changed_anywhere_is_noticed() {
        let folder = written();
        let path = folder.path().join("records");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            match reopened(&folder) {
                Err(LogError::Damaged { .. }) => {}
                Err(LogError::Foreign { .. }) if (MAGIC.len()..HEADER_BYTES).contains(&at) => {}
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_entry_that_was_left_out_is_noticed() {
        let folder = written();
        let path = folder.path().join("records");
        let whole = fs::read(&path).unwrap();
        let length: [u8; 4] = whole[HEADER_BYTES..HEADER_BYTES + 4].try_into().unwrap();
        let first = LENGTH_BYTES + u32::from_be_bytes(length) as usize + DIGEST_BYTES;
        fs::write(&path, [&whole[..HEADER_BYTES], &whole[HEADER_BYTES + first..]].concat()).unwrap();
        assert!(matches!(reopened(&folder), Err(LogError::Damaged { at: HEADER_BYTES, .. })));
    }

    #[test]
    fn the_records_are_one_node_s_on_one_chain_in_one_process() {
        let folder = written();
        let open = |node, genesis| Log::open(folder.path(), node, genesis);
        assert!(matches!(open(NodeId([9; 32]), GENESIS), Err(LogError::Foreign { .. })));
        assert!(matches!(open(NODE, Digest([9; 32])), Err(LogError::Foreign { .. })));
        let _first = open(NODE, GENESIS).unwrap();
        assert!(matches!(open(NODE, GENESIS), Err(LogError::InUse { .. })));
    }
}
