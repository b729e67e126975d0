//! Files that programs share which run for a moment.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use journal::{Batch, Entry, Journal, JournalFile, JournalFileError, KEPT_BLOCKS, MemoryJournal};
use tempfile::TempDir;

use crate::places::batch;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journals/market.read");
    (folder, path)
}

fn file(path: &Path) -> JournalFile {
    JournalFile::new(path.to_owned(), "market".to_owned())
}

/// A journal of as many blocks with a log each.
async fn journal(blocks: u64) -> MemoryJournal {
    let journal = MemoryJournal::default();
    let batches: Vec<Batch> = (1..=blocks).map(batch).collect();
    let entries = batches.iter().flat_map(|batch| batch.entries.clone()).collect();
    let blocks = batches.into_iter().flat_map(|batch| batch.blocks).collect();
    journal.append(Batch { blocks, entries }).await.expect("a batch in order");
    journal
}

async fn entries(journal: &MemoryJournal) -> Vec<Entry> {
    journal.entries(None, usize::MAX).await.expect("memory is read")
}

#[tokio::test]
async fn a_journal_comes_back_as_it_was_written() {
    let (_folder, path) = place();
    assert!(file(&path).read(u64::MAX).expect("no file is no failure").is_none());
    let written = journal(200).await;
    file(&path).write(&written).expect("written");
    let read = file(&path).read(200).expect("read").expect("a journal");
    assert_eq!(entries(&read).await, entries(&written).await);
    assert_eq!(read.recent().await.expect("read"), written.recent().await.expect("read"));
    read.append(batch(201)).await.expect("it goes on where it ended");
    file(&path).write(&read).expect("written in place of the first");
    assert_eq!(entries(&file(&path).read(201).expect("read").expect("a journal")).await.len(), 201);
    assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("a folder").count(), 1, "no draft is left");
}

#[tokio::test]
async fn nothing_is_read_past_the_newest_block_of_the_chain() {
    let (_folder, path) = place();
    file(&path).write(&journal(200).await).expect("written");
    let read = file(&path).read(150).expect("read").expect("a journal");
    assert_eq!(entries(&read).await, entries(&journal(150).await).await);
    assert_eq!(read.recent().await.expect("read").last(), batch(150).blocks.last());
    let forgotten = 200 - KEPT_BLOCKS as u64;
    assert!(file(&path).read(forgotten).expect("read").is_none(), "no block is left to tell the chain by");
}

#[tokio::test]
async fn a_file_of_another_subject_or_version_is_passed_over() {
    let (_folder, path) = place();
    file(&path).write(&journal(3).await).expect("written");
    let other = JournalFile::new(path.clone(), "another market".to_owned());
    assert!(other.read(3).expect("read").is_none());
    let mut bytes = fs::read(&path).expect("a file");
    let version = "entente journal ".len();
    bytes[version] += 1;
    fs::write(&path, bytes).expect("written");
    assert!(file(&path).read(3).expect("read").is_none());
}

#[tokio::test]
async fn damage_is_noticed_wherever_it_is_and_written_over() {
    let (_folder, path) = place();
    file(&path).write(&journal(50).await).expect("written");
    let whole = fs::read(&path).expect("a file");
    let mut damaged: Vec<Vec<u8>> = [0, 5, 18, 20, 25, 1000, whole.len() - 1]
        .map(|place| {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            bytes
        })
        .into();
    damaged.extend([0, 10, 18, 21, whole.len() / 2, whole.len() - 1].map(|length| whole[..length].to_vec()));
    damaged.push([&whole[..], b"more"].concat());
    for bytes in damaged {
        fs::write(&path, &bytes).expect("written");
        let read = file(&path).read(50);
        assert!(matches!(read, Err(JournalFileError::Damaged { .. })), "{} bytes: {read:?}", bytes.len());
    }
    file(&path).write(&journal(50).await).expect("written");
    assert_eq!(fs::read(&path).expect("a file"), whole);
}

#[tokio::test]
async fn where_no_file_can_be_nothing_is_written_and_that_is_told() {
    let (folder, _) = place();
    fs::write(folder.path().join("taken"), "").expect("written");
    let nowhere = file(&folder.path().join("taken/market.read"));
    assert!(matches!(nowhere.write(&journal(1).await), Err(JournalFileError::Io { .. })));
    assert!(matches!(nowhere.read(1), Err(JournalFileError::Io { .. })));
}

#[tokio::test]
async fn whoever_reads_while_others_write_finds_one_of_them_whole() {
    let (_folder, path) = place();
    let journals = [journal(40).await, journal(60).await];
    file(&path).write(&journals[0]).expect("written");
    let is_over = AtomicBool::new(false);
    let found = thread::scope(|scope| {
        for journal in &journals {
            let (file, is_over) = (file(&path), &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    file.write(journal).expect("written");
                }
            });
        }
        let found: Vec<_> = (0..200).map(|_| file(&path).read(60)).collect();
        is_over.store(true, Ordering::Relaxed);
        found
    });
    for read in found {
        let read = read.expect("never half a file").expect("a journal");
        assert!([40, 60].contains(&entries(&read).await.len()));
    }
}
