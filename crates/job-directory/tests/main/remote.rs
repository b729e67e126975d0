//! A directory as the storage that agents use.

use std::{fs, sync::Arc, time::Duration};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Remote, Setting};
use job_storage::{Storage, StorageError};
use jobs::ContentHash;

use crate::stage::{Stage, bundle, until};

const MOST: u64 = 1 << 20;

/// Agents wait for their storage; the directory must not wait with them.
async fn wait<T: Send + 'static>(remote: &Remote, work: impl FnOnce(Remote) -> T + Send + 'static) -> T {
    let remote = remote.clone();
    tokio::task::spawn_blocking(move || work(remote)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_store_and_fetch_whole_trees() {
    let stage = Stage::new().await;
    let remote = Remote::new(stage.client()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let (job, out) = (bundle(&[("input/a", b"one"), ("job.json", b"{}")]), place.path().join("job"));
    let (hash, bytes) = (job.tree().hash(), job.tree().transfer_bytes());
    assert!(!wait(&remote, move |remote| remote.has(hash)).await.unwrap());
    wait(&remote, move |remote| remote.put(&job)).await.unwrap();
    assert!(wait(&remote, move |remote| remote.has(hash)).await.unwrap());

    let at = out.clone();
    let refused = wait(&remote, move |remote| remote.get(hash, &at, bytes - 1)).await.unwrap_err();
    assert!(matches!(refused, StorageError::TooLarge { bytes: found, .. } if found == bytes), "{refused}");
    let at = out.clone();
    let fetched = wait(&remote, move |remote| remote.get(hash, &at, bytes)).await.unwrap();
    assert_eq!((fetched.tree().hash(), fs::read(out.join("input/a")).unwrap()), (hash, b"one".to_vec()));
    let again = wait(&remote, move |remote| remote.get(hash, &out, MOST)).await.unwrap_err();
    assert!(matches!(again, StorageError::NotEmpty(_)), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_told_from_a_directory_that_is_not() {
    let mut stage = Stage::new().await;
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("tree");
    let remote = Remote::new(stage.client()).unwrap();
    let at = out.clone();
    let missing = wait(&remote, move |remote| remote.get(ContentHash::of(b"x"), &at, MOST)).await.unwrap_err();
    assert!(missing.is_absence() && !missing.is_outage(), "{missing}");
    stage.stop().await;
    let outage = wait(&remote, move |remote| remote.get(ContentHash::of(b"x"), &out, MOST)).await.unwrap_err();
    assert!(outage.is_outage() && !outage.is_absence(), "{outage}");
    assert!(!wait(&remote, |remote| remote.was_up(0, 1)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_of_what_has_just_passed_is_waited_for() {
    // A busy machine must leave no break.
    let stage = Stage::with(Setting { probe_every: Duration::from_secs(1), ..Setting::default() }).await;
    let client = stage.client();
    until(async || !client.uptime(0, u64::MAX).await.unwrap().entries.is_empty()).await;
    let began = stage.directory.now_ms().div_ceil(1_000);
    let remote = Remote::new(client).unwrap();
    // A second that is not over yet: no record can cover it now.
    assert!(wait(&remote, move |remote| remote.was_up(began, began + 1)).await);
    assert!(!wait(&remote, move |remote| remote.was_up(began - 3_600, began - 3_599)).await, "before it began");
    // Another one's word is not its own. By its clock nothing is recent, so that nothing is waited for.
    let stranger = Client::new(&stage.url, Address::ZERO, PrivateKeySigner::random()).unwrap();
    let stranger = Remote::new(stranger.with_clock(Arc::new(|| u64::MAX))).unwrap();
    assert!(!wait(&stranger, move |stranger| stranger.was_up(began, began + 1)).await);
}
