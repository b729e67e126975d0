//! What accounts are about to send.

use alloy_primitives::B256;
use journal::{MemoryOutbox, Outbox, Outgoing, Place, Store};

use crate::postgres::Postgres;

fn outgoing() -> Outgoing {
    Outgoing {
        intent: "offer 57 for interval 12".into(),
        nonce: 7,
        deadline: None,
        original: vec![2; 300],
        newest: vec![2; 300],
        replaced: Vec::new(),
        empty: Vec::new(),
    }
}

fn taken_back() -> Outgoing {
    let hashes = [1, 2].map(B256::repeat_byte);
    let empty = vec![hashes[1]];
    Outgoing { deadline: Some(1_700_000_000), newest: vec![3; 110], replaced: hashes.into(), empty, ..outgoing() }
}

async fn conforms(one: &dyn Outbox, other: &dyn Outbox) {
    assert_eq!(one.read().await.expect("read"), None, "nothing is on its way yet");
    for written in [outgoing(), taken_back()] {
        one.write(&written).await.expect("written");
        assert_eq!(one.read().await.expect("read"), Some(written), "the last one is there");
    }
    assert_eq!(other.read().await.expect("read"), None, "accounts are apart");
    other.write(&outgoing()).await.expect("written");
    one.clear().await.expect("cleared");
    one.clear().await.expect("cleared again");
    assert_eq!(one.read().await.expect("read"), None);
    assert_eq!(other.read().await.expect("read"), Some(outgoing()));
}

#[tokio::test]
async fn what_is_on_its_way_is_kept_in_memory() {
    conforms(&MemoryOutbox::default(), &MemoryOutbox::default()).await;
}

#[tokio::test]
async fn what_is_on_its_way_is_there_again_when_a_file_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("journal.sqlite"));
    let store = Store::open(place.clone()).await.expect("a store");
    conforms(&store.outbox("one"), &store.outbox("other")).await;
    store.account("one").outbox.write(&taken_back()).await.expect("written");
    store.close().await;
    let store = Store::open(place).await.expect("the same store");
    assert_eq!(store.outbox("one").read().await.expect("read"), Some(taken_back()));
}

#[tokio::test]
async fn what_is_on_its_way_is_kept_by_a_server_that_crashes() {
    let Some(mut postgres) = Postgres::start() else { return };
    let store = postgres.store().await;
    conforms(&store.outbox("one"), &store.outbox("other")).await;
    store.outbox("one").write(&taken_back()).await.expect("written");
    postgres.crash_and_restart();
    let store = postgres.store().await;
    assert_eq!(store.outbox("one").read().await.expect("read"), Some(taken_back()));
}
