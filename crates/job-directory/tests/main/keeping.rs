//! What is kept, for whom and for how long.

use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use job_directory::{Holdings, Quotas, Setting};

use crate::stage::{Stage, bundle, setting, status};

const MOST: u64 = 1 << 30;
const WEEK: Duration = Duration::from_hours(7 * 24);
const WEEK_BUT_A_MINUTE: Duration = Duration::from_mins(7 * 24 * 60 - 1);
const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn what_nobody_pinned_goes_in_time_and_what_is_pinned_stays() {
    let stage = Stage::new().await;
    let (alice, bob) = (stage.client(), stage.client());
    let (kept, left) = (bundle(&[("a", b"both"), ("b", b"kept")]), bundle(&[("a", b"both"), ("b", b"left")]));
    alice.put(&kept).await.unwrap();
    alice.put(&left).await.unwrap();
    assert_eq!(bob.pin(kept.tree().hash()).await.unwrap().until_ms, None);
    stage.pass(WEEK_BUT_A_MINUTE);
    assert_eq!(stage.directory.sweep().await, 0);
    stage.pass(MINUTE);
    stage.directory.sweep().await;
    assert!(alice.holdings().await.unwrap().trees.is_empty());
    assert!(alice.manifest(left.tree().hash()).await.unwrap_err().is_not_found());
    alice.manifest(kept.tree().hash()).await.unwrap();
    assert_eq!(stage.stored(), 2);
    bob.unpin(kept.tree().hash()).await.unwrap();
    stage.pass(WEEK);
    stage.directory.sweep().await;
    assert!(alice.manifest(kept.tree().hash()).await.unwrap_err().is_not_found());
    assert_eq!(stage.stored(), 0);
}

#[tokio::test]
async fn what_was_never_finished_goes_sooner() {
    let stage = Stage::new().await;
    let (client, job) = (stage.client(), bundle(&[("a", b"a"), ("b", b"b")]));
    let tree = job.tree().hash();
    client.announce(tree, job.tree().to_string()).await.unwrap();
    let (_, entry, source) = job.sources().next().unwrap();
    client.put_file(tree, entry.hash, entry.size, source).await.unwrap();
    stage.pass(setting().keep_unfinished + MINUTE);
    stage.directory.sweep().await;
    assert!(client.holdings().await.unwrap().trees.is_empty());
    assert_eq!(stage.stored(), 0);
    let gone = client.put_file(tree, entry.hash, entry.size, source).await;
    assert_eq!(status(gone), 404);
}

#[tokio::test]
async fn a_tree_is_removed_when_the_last_who_held_it_gives_it_up() {
    let stage = Stage::new().await;
    let (alice, bob, job) = (stage.client(), stage.client(), bundle(&[("a", b"a")]));
    let tree = job.tree().hash();
    alice.put(&job).await.unwrap();
    bob.put(&job).await.unwrap();
    alice.release(tree).await.unwrap();
    alice.manifest(tree).await.unwrap();
    bob.release(tree).await.unwrap();
    assert!(alice.manifest(tree).await.unwrap_err().is_not_found());
    assert_eq!(stage.stored(), 0);
}

#[tokio::test]
async fn a_hold_that_the_store_does_not_let_go_stays_and_is_tried_again() {
    let stage = Stage::new().await;
    let (signer, job) = (PrivateKeySigner::random(), bundle(&[("a", b"a")]));
    let (client, account, tree) = (stage.client_of(signer.clone()), signer.address(), job.tree().hash());
    client.put(&job).await.unwrap();
    let hold = stage.folder.path().join(format!("holds/{tree}/{account:#x}"));
    let kept = std::fs::read(&hold).unwrap();
    // A folder in its place is no file that can be deleted.
    std::fs::remove_file(&hold).unwrap();
    std::fs::create_dir_all(hold.join("x")).unwrap();
    assert_eq!(status(client.release(tree).await), 503);
    stage.pass(WEEK);
    assert_eq!(stage.directory.sweep().await, 0);
    assert_eq!(client.holdings().await.unwrap().trees.len(), 1);
    assert_eq!(stage.stored(), 1);
    std::fs::remove_dir_all(&hold).unwrap();
    std::fs::write(&hold, kept).unwrap();
    client.release(tree).await.unwrap();
    assert!(client.holdings().await.unwrap().trees.is_empty() && !hold.exists());
    assert_eq!(stage.stored(), 0);
}

#[tokio::test]
async fn an_account_has_its_quota_and_giving_up_frees_it() {
    let quotas = Quotas { account_bytes: 3000, account_trees: 10, total_bytes: 5000 };
    let stage = Stage::with(Setting { quotas, ..setting() }).await;
    let (alice, bob, carol) = (stage.client(), stage.client(), stage.client());
    let jobs = [[1_u8; 2000], [2; 2000], [3; 2000]].map(|bytes| bundle(&[("a", &bytes)]));
    alice.put(&jobs[0]).await.unwrap();
    assert_eq!(status(alice.put(&jobs[1]).await), 413);
    bob.put(&jobs[1]).await.unwrap();
    assert_eq!(status(bob.pin(jobs[0].tree().hash()).await), 413, "what is pinned counts as well");
    assert_eq!(status(carol.put(&jobs[2]).await), 507, "the directory is full");
    alice.release(jobs[0].tree().hash()).await.unwrap();
    carol.put(&jobs[2]).await.unwrap();
    let holdings = bob.holdings().await.unwrap();
    assert_eq!((holdings.bytes, holdings.trees.len()), (jobs[1].tree().transfer_bytes(), 1));
}

#[tokio::test]
async fn a_restart_keeps_what_is_stored_and_clears_what_was_interrupted() {
    let mut stage = Stage::new().await;
    let signer = PrivateKeySigner::random();
    let (whole, half) = (bundle(&[("a", b"a")]), bundle(&[("b", b"b"), ("c", b"c")]));
    let client = stage.client_of(signer.clone());
    client.put(&whole).await.unwrap();
    client.pin(whole.tree().hash()).await.unwrap();
    client.announce(half.tree().hash(), half.tree().to_string()).await.unwrap();
    let (_, entry, source) = half.sources().next().unwrap();
    client.put_file(half.tree().hash(), entry.hash, entry.size, source).await.unwrap();
    let before = client.holdings().await.unwrap();
    std::fs::write(stage.stored_file(jobs::ContentHash::of(b"orphan")), "orphan").unwrap();
    std::fs::write(stage.folder.path().join("files/half#1"), "half").unwrap();
    stage.restart().await;
    let client = stage.client_of(signer);
    // Until when what is unfinished is waited for is not kept as exactly.
    let essence =
        |holdings: Holdings| holdings.trees.into_iter().map(|held| (held.tree, held.missing, held.until_ms.is_some()));
    let after = client.holdings().await.unwrap();
    assert_eq!(essence(after).collect::<Vec<_>>(), essence(before).collect::<Vec<_>>());
    assert_eq!(stage.stored(), 2, "the orphan and the half are gone");
    let to = tempfile::tempdir().unwrap();
    client.get(whole.tree().hash(), to.path(), MOST).await.unwrap();
    client.put(&half).await.unwrap();
    client.manifest(half.tree().hash()).await.unwrap();
}
