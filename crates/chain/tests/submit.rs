//! Sending, and finding out what became of it.

use std::{sync::Arc, time::Duration};

use alloy::{eips::BlockId, providers::ext::AnvilApi, rpc::types::anvil::ReorgOptions};
use bindings::{Call, Refused, contracts::Transax, sign_certificate};
use chain::{Client, Outcome, Settings, SubmitError, SubmitSettings, Submitter};
use transax::{Event, Refusal};
use units::{GroupId, Price, WattHours};

use crate::{
    market::{Market, add_group, catch_up, entries, landed, submitter},
    proxy::Proxy,
};

#[tokio::test]
async fn what_is_granted_lands_and_its_event_is_read() {
    let mut market = Market::deploy().await;
    let receipt = market.add_group("a group").await;
    assert!(receipt.gas_used > 21_000);
    let journal = Arc::default();
    catch_up(&mut market.follower(&journal, 1000).await).await;
    let [entry] = &entries(&journal).await[..] else { panic!("there is one event") };
    assert_eq!((entry.block, entry.transaction), (receipt.block, receipt.transaction));
    let added = Event::GroupAdded { group: GroupId(0), internal_limit: None, external_limit: None };
    assert_eq!(bindings::event(&entry.log).unwrap(), Some(added));
}

#[tokio::test]
async fn what_is_refused_is_not_sent() {
    let market = Market::deploy().await;
    let outcome = market.submitter(1).submit("a group", &market.request(&add_group())).await.unwrap();
    let refusal = Refusal::NotDso { caller: market.keys[1].address() };
    assert_eq!(outcome, Outcome::Refused(Refused::Market(refusal)));
    assert_eq!(market.transactions_of(1).await, 0);
}

#[tokio::test]
async fn what_lacks_ether_is_not_sent_either() {
    let market = Market::deploy().await;
    let poor = alloy::signers::local::PrivateKeySigner::from_slice(&[7; 32]).unwrap();
    let call = Call::Approve { spender: market.deployment.market, amount: units::Money(1) };
    let sent = submitter(market.client().clone(), &poor).submit("approve", &market.request(&call)).await;
    assert!(matches!(sent, Err(SubmitError::Rejected { .. } | SubmitError::Client(_))), "{sent:?}");
}

#[tokio::test]
async fn the_same_intent_is_carried_out_once() {
    let mut market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let first = market.add_group("a group").await;
    assert_eq!(market.add_group("a group").await, first);
    assert_eq!(market.transactions_of(0).await, before + 1);
    assert_ne!(market.add_group("another group").await, first);
}

#[tokio::test]
async fn of_two_who_want_the_same_one_learns_that_the_other_was_quicker() {
    let mut market = Market::deploy().await;
    market.add_group("a group").await;
    let meter = market.keys[9].address();
    let limit = WattHours(1000);
    let call = Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit: limit, consumption_limit: limit };
    let request = market.request(&call);
    landed(market.dso.submit("a meter", &request).await.unwrap());
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    let register = async |key: usize| {
        let prosumer = market.keys[key].address();
        let deployment = &market.deployment;
        let certificate =
            sign_certificate(&market.keys[0], deployment.chain_id, deployment.market, prosumer, meter).unwrap();
        let request = market.request(&Call::RegisterProsumer { meter, certificate });
        market.submitter(key).submit("register", &request).await.unwrap()
    };
    let mine_both = async {
        for key in [1, 2] {
            wait_for_pending(&market, key).await;
        }
        market.anvil.mine().await.unwrap();
    };
    let (one, other, ()) = tokio::join!(register(1), register(2), mine_both);
    let (winner, raced) = if matches!(one, Outcome::Landed(_)) { (1, other) } else { (2, one) };
    let Outcome::Raced { refusal, receipt } = raced else { panic!("{raced:?}") };
    let taken = Refusal::MeterTaken { meter, prosumer: market.keys[winner].address() };
    assert_eq!(refusal, Some(Refused::Market(taken)));
    assert!(!receipt.succeeded && receipt.gas_used > 0);
}

async fn wait_for_pending(market: &Market, key: usize) {
    let account = market.keys[key].address();
    while market.client().transaction_count(account, BlockId::pending()).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_found() {
    sent_once_although(|proxy| proxy.lose_answer("eth_sendRawTransaction")).await;
}

#[tokio::test]
async fn a_transaction_that_was_lost_is_offered_again() {
    sent_once_although(|proxy| proxy.lose_request("eth_sendRawTransaction")).await;
}

#[tokio::test]
async fn a_market_tells_what_it_was_deployed_with() {
    let market = Market::deploy().await;
    let config = market.client().read(market.deployment.market, &Transax::configCall {}).await.unwrap();
    let params = bindings::params(&config).unwrap();
    assert_eq!((params.dso, params.token), (market.keys[0].address(), market.deployment.token));
    assert_eq!((params.interval_seconds, params.offer_horizon, params.grid_price), (900, 96, Price(300_000)));
}

#[tokio::test]
async fn a_receipt_that_was_lost_is_asked_for_again() {
    sent_once_although(|proxy| proxy.lose_answer("eth_getTransactionReceipt")).await;
}

async fn sent_once_although(fault: impl FnOnce(&Proxy)) {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    fault(&proxy);
    let outcome = submitter(client, &market.keys[0]).submit("a group", &market.request(&add_group())).await.unwrap();
    landed(outcome);
    assert_eq!(market.transactions_of(0).await, before + 1);
    assert_eq!(market.read_anew().await.len(), 1);
}

#[tokio::test]
async fn what_is_not_mined_in_time_is_found_later_before_anything_else_is_sent() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let settings = SubmitSettings { patience: Duration::from_millis(30), ..SubmitSettings::default() };
    let mut dso = Submitter::new(market.client().clone(), market.keys[0].clone(), settings, Refused::decode);
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    let request = market.request(&add_group());
    let pending = dso.submit("a group", &request).await.unwrap_err();
    assert!(matches!(pending, SubmitError::Pending { .. }), "{pending:?}");
    let still = dso.submit("another", &request).await.unwrap_err();
    assert!(matches!(still, SubmitError::Pending { ref key, .. } if key == "a group"), "{still:?}");
    market.anvil.mine().await.unwrap();
    market.client().provider().anvil_set_auto_mine(true).await.unwrap();
    landed(dso.submit("a group", &request).await.unwrap());
    assert_eq!(market.transactions_of(0).await, before + 1);
}

#[tokio::test]
async fn a_new_process_waits_for_what_an_old_one_left_pending() {
    let market = Market::deploy().await;
    let settings = SubmitSettings { patience: Duration::from_millis(30), ..SubmitSettings::default() };
    let successor =
        || Submitter::new(market.client().clone(), market.keys[0].clone(), settings.clone(), Refused::decode);
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    successor().submit("a group", &market.request(&add_group())).await.unwrap_err();
    let busy = successor().prepare().await.unwrap_err();
    assert!(matches!(busy, SubmitError::Busy { account } if account == market.keys[0].address()), "{busy:?}");
    let mined = market.anvil.mine().await.unwrap();
    assert_eq!(successor().prepare().await.unwrap(), mined);
}

#[tokio::test]
async fn what_a_reorganisation_undid_is_sent_again() {
    let mut market = Market::deploy().await;
    let first = market.add_group("a group").await;
    let options = ReorgOptions { depth: 1, tx_block_pairs: vec![] };
    market.client().provider().anvil_reorg(options).await.unwrap();
    assert!(market.read_anew().await.is_empty());
    let second = market.add_group("a group").await;
    assert_ne!(second.block, first.block);
    assert_eq!(market.read_anew().await.len(), 1);
}

#[tokio::test]
async fn a_key_with_a_second_user_is_noticed() {
    let market = Market::deploy().await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = SubmitSettings { patience: Duration::from_millis(30), ..SubmitSettings::default() };
    let mut dso = Submitter::new(client, market.keys[0].clone(), settings, Refused::decode);
    dso.prepare().await.unwrap();
    landed(market.submitter(0).submit("by another process", &market.request(&add_group())).await.unwrap());
    let error = dso.submit("a group", &market.request(&add_group())).await.unwrap_err();
    assert!(matches!(error, SubmitError::NonceTaken { .. }), "{error:?}");
    landed(dso.submit("a group", &market.request(&add_group())).await.unwrap());
}
