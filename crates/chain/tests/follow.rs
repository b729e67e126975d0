//! Reading a chain, and undoing what it undoes.

use std::sync::Arc;

use alloy::{providers::ext::AnvilApi, rpc::types::anvil::ReorgOptions};
use bindings::Call;
use chain::{Client, FollowError, FollowSettings, Follower, Progress, Settings, anvil::Options};
use journal::{Journal, KEPT_BLOCKS, MemoryJournal};

use crate::{
    market::{Market, catch_up, entries, landed},
    proxy::Proxy,
};

async fn reorg(market: &Market, depth: u64) {
    let options = ReorgOptions { depth, tx_block_pairs: vec![] };
    market.client().provider().anvil_reorg(options).await.unwrap();
}

#[tokio::test]
async fn the_past_is_read_in_ranges_and_then_block_by_block() {
    let mut market = Market::deploy().await;
    for group in 0..5 {
        market.add_group(&format!("group {group}")).await;
    }
    let journal = Arc::default();
    let mut follower = market.follower(&journal, 2).await;
    let steps = catch_up(&mut follower).await;
    assert_eq!(steps.len(), 3, "six blocks, two at a time");
    assert!(matches!(steps[1], Progress::Appended { reached: None, .. }), "the past is not read to its end yet");
    assert!(matches!(steps[2], Progress::Appended { reached: Some(_), .. }));
    market.add_group("one more").await;
    let steps = catch_up(&mut follower).await;
    assert!(matches!(&steps[..], [Progress::Appended { entries, .. }] if entries.len() == 1), "{steps:?}");
    assert_eq!(entries(&journal).await.len(), 6);
}

#[tokio::test]
async fn a_quiet_chain_moves_the_cursor_and_a_restart_goes_on_there() {
    let mut market = Market::deploy().await;
    let journal = Arc::default();
    catch_up(&mut market.follower(&journal, 1000).await).await;
    let quiet = market.anvil.mine().await.unwrap();
    catch_up(&mut market.follower(&journal, 1000).await).await;
    assert_eq!(journal.recent().await.unwrap().last().map(|block| block.number), Some(quiet));
    market.add_group("after the restart").await;
    let steps = catch_up(&mut market.follower(&journal, 1000).await).await;
    assert!(matches!(&steps[..], [Progress::Appended { entries, .. }] if entries.len() == 1), "{steps:?}");
}

#[tokio::test]
async fn a_reorganisation_leaves_what_a_newcomer_reads() {
    let mut market = Market::deploy().await;
    let journal: Arc<MemoryJournal> = Arc::default();
    let mut follower = market.follower(&journal, 1000).await;
    for group in 0..6 {
        market.add_group(&format!("group {group}")).await;
        catch_up(&mut follower).await;
    }
    let before = entries(&journal).await;
    reorg(&market, 3).await;
    let steps = catch_up(&mut follower).await;
    let kept = before[2].block.number;
    assert!(matches!(&steps[..], [Progress::Replaced { kept: Some(k), .. }] if *k == kept), "{kept}: {steps:?}");
    assert_eq!(entries(&journal).await, before[..3]);
    assert_eq!(entries(&journal).await, market.read_anew().await);
    let mut dso = market.submitter(0);
    dso.submit("again", &market.request(&crate::market::add_group())).await.unwrap();
    catch_up(&mut follower).await;
    assert_eq!(entries(&journal).await.len(), 4);
    assert_eq!(entries(&journal).await, market.read_anew().await);
}

#[tokio::test]
async fn a_reorganisation_past_all_that_is_remembered_starts_over() {
    let market = Market::deploy().await;
    for _ in 0..3 {
        market.anvil.mine().await.unwrap();
    }
    let journal = Arc::default();
    let mut follower = market.follower(&journal, 1000).await;
    catch_up(&mut follower).await;
    assert_eq!(journal.recent().await.unwrap().len(), 1, "of one quiet range only the end is remembered");
    reorg(&market, 2).await;
    market.anvil.mine().await.unwrap();
    let steps = catch_up(&mut follower).await;
    assert!(matches!(&steps[..], [Progress::Replaced { kept: None, .. }]), "{steps:?}");
    assert_eq!(entries(&journal).await, market.read_anew().await);
}

#[tokio::test]
async fn a_chain_that_was_begun_anew_is_told_from_a_node_far_behind() {
    let mut market = Market::deploy().await;
    for group in 0..KEPT_BLOCKS + 8 {
        market.add_group(&format!("group {group}")).await;
    }
    let journal: Arc<MemoryJournal> = Arc::default();
    catch_up(&mut market.follower(&journal, 1000).await).await;
    let before = entries(&journal).await;
    let first = before[0].block.number;
    assert!(journal.recent().await.unwrap()[0].number > first + 1, "all that is remembered lies ahead");
    let proxy = Proxy::start(&market.anvil.url()).await;
    proxy.stick_at(first + 1);
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = FollowSettings::new(vec![market.deployment.market], market.deployment.block);
    let mut behind = Follower::open(client, Arc::clone(&journal) as Arc<dyn Journal>, settings).await.unwrap();
    assert!(matches!(behind.step().await.unwrap(), Progress::None { head } if head.block.number == first + 1));
    assert_eq!(entries(&journal).await, before, "a node behind undoes nothing");

    let options = Options::default();
    let mut anew = Market::deploy_on(Options { timestamp: options.timestamp + 1, ..options }).await;
    anew.add_group("a group").await;
    assert_eq!(anew.deployment, market.deployment);
    let steps = catch_up(&mut anew.follower(&journal, 1000).await).await;
    assert!(matches!(&steps[..], [Progress::Replaced { kept: None, .. }]), "{steps:?}");
    assert_eq!(entries(&journal).await, anew.read_anew().await);
}

#[tokio::test]
async fn ranges_shrink_to_what_the_node_allows() {
    let mut market = Market::deploy().await;
    for group in 0..9 {
        market.add_group(&format!("group {group}")).await;
    }
    let proxy = Proxy::start(&market.anvil.url()).await;
    proxy.allow_blocks(3);
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = FollowSettings::new(vec![market.deployment.market], market.deployment.block);
    let journal: Arc<MemoryJournal> = Arc::default();
    let mut follower = Follower::open(client, Arc::clone(&journal) as Arc<dyn Journal>, settings).await.unwrap();
    catch_up(&mut follower).await;
    assert_eq!(entries(&journal).await, market.read_anew().await);
}

#[tokio::test]
async fn a_lost_connection_costs_a_step_and_nothing_else() {
    let mut market = Market::deploy().await;
    market.add_group("a group").await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = FollowSettings::new(vec![market.deployment.market], market.deployment.block);
    let journal: Arc<MemoryJournal> = Arc::default();
    let mut follower = Follower::open(client, Arc::clone(&journal) as Arc<dyn Journal>, settings).await.unwrap();
    proxy.lose_answer("eth_getLogs");
    follower.step().await.unwrap_err();
    assert_eq!(follower.cursor(), None);
    catch_up(&mut follower).await;
    assert_eq!(entries(&journal).await, market.read_anew().await);
}

/// As some nodes do for a moment after they have learned of a block.
#[tokio::test]
async fn what_a_node_does_not_tell_yet_of_the_newest_block_is_waited_for() {
    let mut market = Market::deploy().await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = FollowSettings::new(vec![market.deployment.market], market.deployment.block);
    let journal: Arc<MemoryJournal> = Arc::default();
    let mut follower = Follower::open(client, Arc::clone(&journal) as Arc<dyn Journal>, settings).await.unwrap();
    // First in a range of blocks, then in the newest one alone.
    for group in ["in a range", "alone"] {
        market.add_group(group).await;
        for times in 1..=2 {
            (0..times).for_each(|_| proxy.leave_out("eth_getLogs"));
            let failed = follower.step().await.unwrap_err();
            assert!(matches!(failed, FollowError::Incomplete { .. }), "{group}: {failed:?}");
        }
        catch_up(&mut follower).await;
        assert_eq!(entries(&journal).await, market.read_anew().await, "{group}");
    }
    // What others emitted is not waited for.
    let token = Call::Approve { spender: market.deployment.market, amount: units::Money(1) };
    landed(market.submitter(1).submit("approve", &market.request(&token)).await.unwrap());
    catch_up(&mut follower).await;
}
