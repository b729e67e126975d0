//! One of several leads.

use std::time::{Duration, Instant};

use journal::{Lead, Place, Store};

use crate::postgres::Postgres;

async fn one_leads_until_it_is_gone(one: Store, other: Store) {
    let lead = one.leadership("key").take().await.expect("asked").expect("nobody leads yet");
    assert!(other.leadership("key").take().await.expect("asked").is_none(), "two lead");
    assert!(other.leadership("another key").take().await.expect("asked").is_some(), "names are one");
    drop(lead);
    let mut lead = taken_over(&other).await;
    assert!(lead.is_held().await);
    assert!(one.leadership("key").take().await.expect("asked").is_none(), "whoever led before leads, too");
}

/// The lead, once nobody else has it.
async fn taken_over(store: &Store) -> Lead {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(lead) = store.leadership("key").take().await.expect("asked") {
            return lead;
        }
        assert!(Instant::now() < deadline, "nobody takes over");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn one_of_two_programs_on_a_file_leads() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::File(folder.path().join("journal.sqlite"));
    let stores = (Store::open(place.clone()).await.expect("a store"), Store::open(place).await.expect("a store"));
    one_leads_until_it_is_gone(stores.0, stores.1).await;
}

#[tokio::test]
async fn one_of_two_programs_on_a_server_leads() {
    let Some(postgres) = Postgres::start() else { return };
    one_leads_until_it_is_gone(postgres.store().await, postgres.store().await).await;
}

#[tokio::test]
async fn whoever_led_notices_that_the_server_was_gone() {
    let Some(mut postgres) = Postgres::start() else { return };
    let store = postgres.store().await;
    let mut lead = store.leadership("key").take().await.expect("asked").expect("nobody leads yet");
    assert!(lead.is_held().await);
    postgres.crash_and_restart();
    let other = postgres.store().await;
    assert!(!lead.is_held().await, "the lock went with the connection");
    assert!(other.leadership("key").take().await.expect("asked").is_some());
}

#[tokio::test]
async fn a_stand_by_takes_over_where_the_leaders_connection_is_cut() {
    let Some(postgres) = Postgres::start() else { return };
    let (one, other) = (postgres.store().await, postgres.store().await);
    let mut lead = one.leadership("key").take().await.expect("asked").expect("nobody leads yet");
    assert!(other.leadership("key").take().await.expect("asked").is_none(), "two lead");
    postgres.cut_leaders().await;
    let mut next = taken_over(&other).await;
    assert!(!lead.is_held().await, "the lock went with the connection");
    assert!(next.is_held().await);
    assert!(one.leadership("key").take().await.expect("asked").is_none(), "it stands by, over another connection");
    drop(next);
    taken_over(&one).await;
}
