//! What agents want comes about, once.

use std::sync::mpsc;

use alloy::{eips::BlockId, providers::ext::AnvilApi, rpc::types::anvil::ReorgOptions};

use crate::{
    agents::{Groups, Thinker},
    host::{Host, Running},
};

#[tokio::test]
async fn an_agent_rests_once_it_has_what_it_wants() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(5), host.keys[0].clone());
    let mut running = Running::start(runtime);
    let status = running.idle_from(1).await;
    assert_eq!((running.groups(), status.landed, status.refused, status.raced), (5, 5, 0, 0));
    assert!(status.gas_used > 5 * 21_000);
    running.stop().await;
}

#[tokio::test]
async fn a_restart_knows_from_the_journal_what_was_done() {
    let host = Host::deploy().await;
    for _ in 0..2 {
        let mut runtime = host.runtime();
        runtime.host(Groups(3), host.keys[0].clone());
        let mut running = Running::start(runtime);
        running.idle_from(1).await;
        assert_eq!(running.groups(), 3);
        running.stop().await;
    }
    let sent = host.anvil.client().transaction_count(host.keys[0].address(), BlockId::latest()).await.unwrap();
    assert_eq!(sent, 2 + 3, "token, market and three groups");
}

#[tokio::test]
async fn what_a_reorganisation_undid_is_done_again() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(4), host.keys[0].clone());
    let mut running = Running::start(runtime);
    let done = running.idle_from(1).await;
    let options = ReorgOptions { depth: 2, tx_block_pairs: vec![] };
    host.anvil.client().provider().anvil_reorg(options).await.unwrap();
    let again = running.until(|status| status.idle && status.landed > done.landed).await;
    assert_eq!((again.landed, running.groups()), (6, 4));
    running.stop().await;
}

#[tokio::test]
async fn what_the_market_refuses_is_not_sent_and_asked_for_again_with_the_next_block() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(1), host.keys[1].clone());
    let mut running = Running::start(runtime);
    let status = running.idle_from(1).await;
    assert_eq!((status.landed, status.refused), (0, 1), "only the DSO adds groups");
    let block = host.anvil.mine().await.unwrap();
    assert_eq!(running.idle_from(block).await.refused, 2);
    running.stop().await;
}

#[tokio::test]
async fn one_who_thinks_for_long_keeps_nobody_waiting() {
    let host = Host::deploy().await;
    let (enough, thinks) = mpsc::channel();
    let mut runtime = host.runtime();
    runtime.host(Thinker(thinks), host.keys[1].clone());
    runtime.host(Groups(5), host.keys[0].clone());
    let mut running = Running::start(runtime);
    running.until(|status| status.landed == 5).await;
    let last = host.anvil.mine().await.unwrap();
    let shown = running.until(|status| status.block >= last).await;
    assert!(!shown.idle, "the thinker has not come to rest");
    drop(enough);
    running.idle_from(shown.block).await;
    running.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_the_transaction_in_flight() {
    let host = Host::deploy().await;
    let (client, account) = (host.anvil.client(), host.keys[0].address());
    let before = client.transaction_count(account, BlockId::latest()).await.unwrap();
    client.provider().anvil_set_auto_mine(false).await.unwrap();
    let mut runtime = host.runtime();
    runtime.host(Groups(5), host.keys[0].clone());
    let running = Running::start(runtime);
    while client.transaction_count(account, BlockId::pending()).await.unwrap() == before {
        tokio::task::yield_now().await;
    }
    running.stop.cancel();
    tokio::task::yield_now().await;
    assert!(!running.task.is_finished());
    host.anvil.mine().await.unwrap();
    running.task.await.unwrap().unwrap();
    assert_eq!(client.transaction_count(account, BlockId::pending()).await.unwrap(), before + 1);
}
