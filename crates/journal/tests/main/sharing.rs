//! Operators who share one database.

use std::sync::atomic::{AtomicU32, Ordering};

use alloy_primitives::B256;
use journal::{Batch, BlockRef, Journal, Spending, Store, conformance};

use crate::postgres::Postgres;

/// All that a journal must do, while the other operator does the same.
async fn conforms(store: &Store, operator: &str) {
    let numbers = AtomicU32::new(0);
    conformance::check(async || {
        let name = format!("{operator} {}", numbers.fetch_add(1, Ordering::Relaxed));
        store.journal(&name).await.expect("a journal")
    })
    .await;
}

#[tokio::test]
async fn operators_of_one_server_lead_write_and_forget_apart() {
    let Some(postgres) = Postgres::start() else { return };
    let (one, other) = (postgres.store().await, postgres.store().await);
    let mut leads = Vec::new();
    for (store, account) in [(&one, "one"), (&other, "other")] {
        leads.push(store.leadership(account).take().await.expect("asked").expect("each leads its own"));
    }
    tokio::join!(conforms(&one, "one"), conforms(&other, "other"));

    let (mine, theirs) =
        (one.journal("one").await.expect("a journal"), other.journal("other").await.expect("a journal"));
    let block = BlockRef { number: 7, hash: B256::repeat_byte(7) };
    for journal in [&mine, &theirs] {
        assert!(journal.recent().await.expect("read").is_empty(), "it is new, whatever the other wrote");
        let batch = Batch { blocks: vec![block], entries: Vec::new() };
        journal.append(batch).await.expect("written");
    }
    mine.clear().await.expect("cleared");
    assert!(mine.recent().await.expect("read").is_empty());
    assert_eq!(theirs.recent().await.expect("read"), [block], "what one forgets the other keeps");

    one.spending("one").record(20_000, 5).await.expect("written");
    assert_eq!(other.spending("other").spent(20_000).await.expect("read"), 0, "what one spends the other does not");
    for lead in &mut leads {
        assert!(lead.is_held().await);
    }
}
