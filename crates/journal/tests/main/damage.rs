//! Files that were damaged.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use journal::{Batch, Journal, Place, Store, StoreError};

use crate::places::batch;

async fn written(file: &Path) {
    let store = Store::open(Place::File(file.to_owned())).await.expect("a store");
    let journal = store.journal("market").await.expect("a journal");
    let batches: Vec<Batch> = (1..=500).map(batch).collect();
    let entries = batches.iter().flat_map(|batch| batch.entries.clone()).collect();
    let blocks = batches.into_iter().flat_map(|batch| batch.blocks).collect();
    journal.append(Batch { blocks, entries }).await.expect("written");
    store.close().await;
}

/// Overwrites part of a file.
fn scribble(file: &Path, at: SeekFrom) {
    let mut file = fs::File::options().write(true).open(file).expect("a file");
    file.seek(at).expect("a place in it");
    file.write_all(&[0xa5; 4096]).expect("written");
}

async fn is_begun_anew(file: &Path, held: &[u8]) {
    let found = Store::open_sound(Place::File(file.to_owned())).await;
    assert!(matches!(found, Err(StoreError::Damaged { .. })), "{found:?}");
    assert_eq!(fs::read(file).expect("it is left there"), held);
    let store = Store::open(Place::File(file.to_owned())).await.expect("a new store");
    let aside = store.set_aside().expect("the old one was set aside").to_owned();
    assert_eq!(fs::read(&aside).expect("it is kept"), held);
    let journal = store.journal("market").await.expect("a journal");
    assert!(journal.recent().await.expect("read").is_empty(), "it begins anew");
    journal.append(batch(1)).await.expect("written");
}

#[tokio::test]
async fn a_file_whose_last_page_is_corrupt_is_set_aside_and_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.sqlite");
    written(&file).await;
    scribble(&file, SeekFrom::End(-4096));
    let held = fs::read(&file).expect("a file");
    is_begun_anew(&file, &held).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_set_aside_and_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.sqlite");
    written(&file).await;
    scribble(&file, SeekFrom::Start(0));
    let held = fs::read(&file).expect("a file");
    is_begun_anew(&file, &held).await;
}

#[tokio::test]
async fn a_sound_file_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.sqlite");
    written(&file).await;
    let store = Store::open(Place::File(file)).await.expect("a store");
    assert_eq!(store.set_aside(), None);
}
