//! Several nodes: one is asked, the others stand in for it.

use std::{sync::Arc, time::Duration};

use alloy::providers::ext::AnvilApi;
use bindings::Call;
use chain::{
    Client, ClientError, EndpointSettings, FollowSettings, Follower, Progress, Settings, SubmitError,
    anvil::{Anvil, Options},
};
use journal::{Journal, MemoryJournal};
use units::WattHours;

use crate::{
    market::{Market, add_group, catch_up, entries, landed, submitter},
    proxy::Proxy,
};

fn settings() -> Settings {
    let endpoints = EndpointSettings {
        survey_every: Duration::from_millis(10),
        most_behind: 2,
        settled_depth: 1,
        first_rest: Duration::from_millis(5),
        longest_rest: Duration::from_millis(20),
    };
    Settings { endpoints, ..Settings::default() }
}

/// A client that is told of a market's node twice, each time through a proxy.
async fn doubled(market: &Market) -> (Client, [Proxy; 2]) {
    let proxies = [Proxy::start(&market.anvil.url()).await, Proxy::start(&market.anvil.url()).await];
    let client = Client::connect_all(&proxies.each_ref().map(Proxy::url), settings()).await.unwrap();
    client.expect(31337, &[market.deployment.market, market.deployment.token]).await.unwrap();
    (client, proxies)
}

async fn follower(client: &Client, market: &Market, journal: &Arc<MemoryJournal>) -> Follower {
    let settings = FollowSettings::new(vec![market.deployment.market], market.deployment.block);
    Follower::open(client.clone(), Arc::clone(journal) as Arc<dyn Journal>, settings).await.unwrap()
}

/// Asks for the head, beside which nodes are compared, until `node` is as `condition` says.
async fn until(client: &Client, node: usize, condition: &str) {
    let compared = async {
        while client.nodes()[node].1 != condition {
            let _ = client.head().await;
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), compared).await;
    assert!(seen.is_ok(), "node {node} did not become {condition}: {:?}", client.nodes());
}

#[tokio::test]
async fn while_the_first_is_cut_off_the_second_is_asked_and_then_the_first_again() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let (client, [first, _second]) = doubled(&market).await;
    let journal = Arc::default();
    let (mut dso, mut follower) =
        (submitter(client.clone(), &market.keys[0]), follower(&client, &market, &journal).await);
    landed(dso.submit("before", &market.request(&add_group())).await.unwrap());
    catch_up(&mut follower).await;
    first.cut();
    landed(dso.submit("meanwhile", &market.request(&add_group())).await.unwrap());
    catch_up(&mut follower).await;
    assert_eq!((client.switches(), client.nodes()[0].1), (1, "failing"));
    first.restore();
    until(&client, 0, "good").await;
    while client.switches() < 2 {
        client.head().await.unwrap();
    }
    landed(dso.submit("after", &market.request(&add_group())).await.unwrap());
    catch_up(&mut follower).await;
    assert_eq!(entries(&journal).await, market.read_anew().await);
    assert_eq!((entries(&journal).await.len(), market.transactions_of(0).await), (3, before + 3));
}

#[tokio::test]
async fn what_is_too_much_for_one_is_asked_of_the_other() {
    for status in [429, 500, 503, 401] {
        let market = Market::deploy().await;
        let (client, [first, _second]) = doubled(&market).await;
        first.answer_status(status);
        client.head().await.unwrap();
        assert_eq!(client.switches(), 1, "status {status}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_of_the_other_and_a_refusal_is_not() {
    let market = Market::deploy().await;
    let (client, [first, _second]) = doubled(&market).await;
    first.lose_answer("eth_sendRawTransaction");
    let before = market.transactions_of(0).await;
    let mut dso = submitter(client.clone(), &market.keys[0]);
    landed(dso.submit("a group", &market.request(&add_group())).await.unwrap());
    assert_eq!((client.switches(), market.transactions_of(0).await), (1, before + 1));
    let (client, _proxies) = doubled(&market).await;
    let refused = submitter(client.clone(), &market.keys[1]).submit("a group", &market.request(&add_group())).await;
    assert!(matches!(refused.unwrap(), chain::Outcome::Refused(_)));
    assert_eq!(client.switches(), 0);
}

/// The node that is left has stopped two blocks ago: nothing that was done looks undone, and nothing is done again.
#[tokio::test]
async fn on_a_node_that_is_behind_nothing_is_undone_and_nothing_repeated() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let (client, [first, second]) = doubled(&market).await;
    let journal = Arc::default();
    let (mut dso, mut follower) =
        (submitter(client.clone(), &market.keys[0]), follower(&client, &market, &journal).await);
    let mut receipts = Vec::new();
    for key in ["one", "two", "three"] {
        receipts.push(landed(dso.submit(key, &market.request(&add_group())).await.unwrap()));
        catch_up(&mut follower).await;
    }
    let (read, cursor) = (entries(&journal).await, follower.cursor());
    second.stick_at(receipts[0].block.number);
    first.cut();
    let step = follower.step().await.unwrap();
    assert!(matches!(step, Progress::None { head } if head.block == receipts[0].block), "{step:?}");
    assert_eq!((entries(&journal).await, follower.cursor()), (read, cursor));
    for key in ["three", "four"] {
        let behind = dso.submit(key, &market.request(&add_group())).await.unwrap_err();
        assert!(matches!(behind, SubmitError::Behind { .. }) && behind.is_retryable(), "{behind:?}");
    }
    assert_eq!(market.transactions_of(0).await, before + 3);
    second.restore();
    assert_eq!(landed(dso.submit("three", &market.request(&add_group())).await.unwrap()), receipts[2]);
    landed(dso.submit("four", &market.request(&add_group())).await.unwrap());
    catch_up(&mut follower).await;
    assert_eq!(entries(&journal).await, market.read_anew().await);
    assert_eq!(market.transactions_of(0).await, before + 4);
}

#[tokio::test]
async fn a_node_that_lags_is_asked_last_until_it_has_caught_up() {
    let market = Market::deploy().await;
    let (client, [first, second]) = doubled(&market).await;
    let stuck = market.client().head().await.unwrap().block.number;
    first.stick_at(stuck);
    for _ in 0..4 {
        market.anvil.mine().await.unwrap();
    }
    until(&client, 0, "behind").await;
    assert_eq!(client.head().await.unwrap().block.number, stuck + 4);
    second.cut();
    assert_eq!(client.head().await.unwrap().block.number, stuck, "better than none");
    second.restore();
    first.restore();
    until(&client, 0, "good").await;
}

/// A market on another chain of the same id, with the same contracts: only what happened since differs.
async fn other_branch() -> Market {
    let mut other = Market::deploy().await;
    let limited = Call::AddGroup { internal_limit: Some(WattHours(1)), external_limit: None };
    let request = other.request(&limited);
    landed(other.dso.submit("another", &request).await.unwrap());
    for _ in 0..3 {
        other.anvil.mine().await.unwrap();
    }
    other
}

async fn branch() -> Market {
    let mut market = Market::deploy().await;
    market.add_group("a group").await;
    for _ in 0..3 {
        market.anvil.mine().await.unwrap();
    }
    market
}

#[tokio::test]
async fn one_on_another_fork_is_never_asked_where_the_first_is_relied_on() {
    let (market, other) = (branch().await, other_branch().await);
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect_all(&[proxy.url(), other.anvil.url()], settings()).await.unwrap();
    client.expect(31337, &[market.deployment.market]).await.unwrap();
    until(&client, 1, "another fork").await;
    proxy.cut();
    let failed = client.head().await.unwrap_err();
    assert!(failed.is_retryable(), "{failed:?}");
    proxy.restore();
    assert_eq!(client.head().await.unwrap().block, market.client().head().await.unwrap().block);
}

#[tokio::test]
async fn the_first_is_set_aside_where_most_contradict_it() {
    let (market, other) = (branch().await, other_branch().await);
    let (one, two) = (Proxy::start(&market.anvil.url()).await, Proxy::start(&market.anvil.url()).await);
    let client = Client::connect_all(&[other.anvil.url(), one.url(), two.url()], settings()).await.unwrap();
    until(&client, 0, "another fork").await;
    assert_eq!(client.head().await.unwrap().block, market.client().head().await.unwrap().block);
}

#[tokio::test]
async fn one_of_another_chain_is_refused_at_once() {
    let market = Market::deploy().await;
    let other = Anvil::start(Options::default()).await.unwrap();
    other.client().provider().anvil_set_chain_id(5).await.unwrap();
    let refused = Client::connect_all(&[market.anvil.url(), other.url()], settings()).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::OtherChain { endpoint, expected: 31337, found: 5 } if *endpoint == other.url())
    );
}

#[tokio::test]
async fn one_that_was_away_at_the_start_is_looked_at_before_it_is_asked() {
    let market = Market::deploy().await;
    let other = Anvil::start(Options::default()).await.unwrap();
    let proxy = Proxy::start(&other.url()).await;
    proxy.cut();
    let client = Client::connect_all(&[proxy.url(), market.anvil.url()], settings()).await.unwrap();
    client.expect(31337, &[market.deployment.market]).await.unwrap();
    assert_eq!(client.nodes()[0].1, "unverified");
    proxy.restore();
    until(&client, 0, "no contract").await;
    other.client().provider().anvil_set_chain_id(5).await.unwrap();
    until(&client, 0, "another chain").await;
    assert_eq!(client.head().await.unwrap().block, market.client().head().await.unwrap().block);
}

#[tokio::test]
async fn without_any_that_answers_the_first_error_is_told() {
    let urls = ["http://127.0.0.1:9", "http://127.0.0.1:10"];
    let failed = Client::connect_all(&urls, settings()).await.unwrap_err();
    assert!(matches!(failed, ClientError::Request { method: "eth_chainId", .. }), "{failed:?}");
}
