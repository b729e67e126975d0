//! Where journals are kept, and that they are there again.

use std::sync::atomic::{AtomicU32, Ordering};

use alloy_primitives::{Address, B256, LogData};
use journal::{Batch, BlockRef, Entry, Journal, Place, PlaceError, Spending, Store, conformance};

use crate::postgres::Postgres;

pub fn batch(number: u64) -> Batch {
    let block = BlockRef { number, hash: B256::left_padding_from(&number.to_be_bytes()) };
    let log = LogData::new_unchecked(vec![B256::repeat_byte(1), B256::repeat_byte(2)], vec![3; 40].into());
    let entry = Entry { block, log_index: 0, transaction: B256::repeat_byte(4), address: Address::repeat_byte(5), log };
    Batch { blocks: vec![block], entries: vec![entry] }
}

#[tokio::test]
async fn a_journal_in_a_file_conforms() {
    let folder = tempfile::tempdir().expect("a folder");
    let (place, numbers) = (Place::File(folder.path().join("a # b/journal.sqlite")), AtomicU32::new(0));
    let store = Store::open(place).await.expect("a store");
    conformance::check(async || {
        let name = format!("journal {}", numbers.fetch_add(1, Ordering::Relaxed));
        store.journal(&name).await.expect("a journal")
    })
    .await;
    assert!(folder.path().join("a # b/journal.sqlite").is_file());
}

#[tokio::test]
async fn what_was_written_is_there_when_it_is_opened_again_and_journals_are_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("journal.sqlite"));
    let store = Store::open(place.clone()).await.expect("a store");
    store.journal("one").await.expect("a journal").append(batch(7)).await.expect("written");
    store.journal("other").await.expect("a journal").append(batch(9)).await.expect("written");
    store.close().await;
    let store = Store::open(place).await.expect("a store");
    let journal = store.journal("one").await.expect("a journal");
    assert_eq!(journal.entries(None, 10).await.expect("read"), batch(7).entries);
    assert_eq!(journal.recent().await.expect("read"), batch(7).blocks);
}

#[tokio::test]
async fn more_rows_than_a_statement_inserts_come_back_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(Place::File(folder.path().join("journal.sqlite"))).await.expect("a store");
    let journal = store.journal("long").await.expect("a journal");
    let batches: Vec<Batch> = (1..=1_203).map(batch).collect();
    let entries: Vec<Entry> = batches.iter().flat_map(|batch| batch.entries.clone()).collect();
    let blocks = batches.iter().flat_map(|batch| batch.blocks.clone()).collect();
    journal.append(Batch { blocks, entries: entries.clone() }).await.expect("written");
    assert_eq!(journal.entries(None, usize::MAX).await.expect("read"), entries);
}

#[test]
fn places_are_files_or_postgresql_and_never_show_a_password() {
    assert_eq!("a/b.sqlite".parse::<Place>().expect("a file"), Place::File("a/b.sqlite".into()));
    assert_eq!("sqlite://b.sqlite".parse::<Place>().expect("a file"), Place::File("b.sqlite".into()));
    let place: Place = "postgres://me:secret@db.example:5433/entente".parse().expect("an address");
    assert_eq!((place.to_string(), format!("{place:?}")), {
        let shown = "postgres://db.example:5433/entente".to_owned();
        (shown.clone(), shown)
    });
    assert!(matches!("mysql://db/x".parse::<Place>(), Err(PlaceError::Unknown(scheme)) if scheme == "mysql"));
    assert!(matches!("postgres://[".parse::<Place>(), Err(PlaceError::Address(_))));
}

#[tokio::test]
async fn what_was_spent_is_there_again_and_accounts_are_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("journal.sqlite"));
    let store = Store::open(place.clone()).await.expect("a store");
    spending_conforms(&store).await;
    store.close().await;
    let store = Store::open(place).await.expect("the same store");
    assert_eq!(store.spending("one").spent(20_001).await.expect("read"), u128::MAX);
}

#[tokio::test]
async fn what_was_spent_is_kept_by_a_server() {
    let Some(postgres) = Postgres::start() else { return };
    spending_conforms(&postgres.store().await).await;
}

async fn spending_conforms(store: &Store) {
    let (one, other) = (store.spending("one"), store.spending("other"));
    assert_eq!(one.spent(20_000).await.expect("read"), 0);
    for wei in [7, 5] {
        one.record(20_000, wei).await.expect("written");
    }
    assert_eq!((one.spent(20_000).await.expect("read"), other.spent(20_000).await.expect("read")), (5, 0));
    one.record(20_001, u128::MAX).await.expect("more than an integer holds");
    assert_eq!(one.spent(20_000).await.expect("read"), 5, "around midnight a chain may be reorganised");
    one.record(20_002, 1).await.expect("written");
    assert_eq!(one.spent(20_000).await.expect("read"), 0, "it is forgotten");
}
