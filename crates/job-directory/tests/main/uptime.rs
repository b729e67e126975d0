//! The record of when a directory answered.

use std::time::Duration;

use alloy::primitives::Address;
use job_directory::{Setting, covers};

use crate::stage::{Stage, setting, until};

#[tokio::test]
async fn the_record_covers_the_time_in_which_it_ran_and_no_other() {
    let mut stage = Stage::with(Setting { probe_every: Duration::from_millis(500), ..setting() }).await;
    let (directory, began, client) = (stage.address(), stage.directory.now_ms(), stage.client());
    let longest = async || {
        let entries = client.uptime(0, u64::MAX).await.unwrap().entries;
        entries.into_iter().find(|entry| entry.until_ms > entry.from_ms)
    };
    until(async || longest().await.is_some()).await;
    let (from, last) = longest().await.map(|entry| (entry.from_ms, entry.until_ms)).unwrap();
    let entries = client.uptime(0, u64::MAX).await.unwrap().entries;
    assert!(from >= began && covers(&entries, directory, from, last));
    assert!(!covers(&entries, directory, began - 1, last) && !covers(&entries, directory, from, last + 60_000));
    assert!(!covers(&entries, Address::ZERO, from, last));

    stage.pass(Duration::from_mins(1));
    stage.restart().await;
    let (client, restarted) = (stage.client(), stage.directory.now_ms());
    until(async || !client.uptime(restarted, u64::MAX).await.unwrap().entries.is_empty()).await;
    let entries = client.uptime(0, u64::MAX).await.unwrap().entries;
    assert!(covers(&entries, directory, from, last), "the record outlives the process");
    assert!(!covers(&entries, directory, from, restarted), "but not the break");
    assert_eq!(client.uptime(0, began - 1).await.unwrap().entries, []);
}

#[tokio::test]
async fn a_directory_is_live_and_ready_while_its_rounds_are_finished() {
    let stage = Stage::new().await;
    let status = async |path| reqwest::get(format!("{}/{path}", stage.url)).await.unwrap().status().as_u16();
    until(async || status("live").await == 200 && status("ready").await == 200).await;
}

#[tokio::test]
async fn a_directory_whose_storage_fails_is_not_ready_and_its_record_breaks() {
    let stage = Stage::new().await;
    let status = async |path| reqwest::get(format!("{}/{path}", stage.url)).await.unwrap().status().as_u16();
    until(async || status("ready").await == 200).await;
    // A folder where a file is due: nobody, root neither, can write there.
    let (probe, folder) = (stage.folder.path().join("probe"), stage.folder.path().join("probe/in-the-way"));
    // It is written again and again, so that this may take a few attempts.
    until(async || std::fs::remove_file(&probe).is_ok() && std::fs::create_dir_all(&folder).is_ok()).await;
    until(async || status("ready").await == 503).await;
    until(async || status("live").await == 503).await;
    let broken = stage.directory.now_ms();
    let entries = stage.client().uptime(0, u64::MAX).await.unwrap().entries;
    assert!(!covers(&entries, stage.address(), broken - 1, broken));
}
