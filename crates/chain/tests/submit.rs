//! Sending, and finding out what became of it.

use std::{sync::Arc, time::Duration};

use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    network::TransactionBuilder,
    providers::{Provider, ext::AnvilApi},
    rpc::types::{TransactionRequest, anvil::ReorgOptions},
};
use bindings::{Call, Refused, contracts::Transax, sign_certificate};
use chain::{Client, Outcome, Request, Settings, SubmitError, SubmitSettings, Submitter};
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
    assert!(sent.as_ref().is_err_and(SubmitError::lacks_ether), "{sent:?}");
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
    let market = market_with_a_meter().await;
    let meter = market.keys[9].address();
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    let register = async |key| market.submitter(key).submit("register", &registration(&market, key)).await.unwrap();
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

/// The meter is that of key 9, and nobody has it yet.
pub async fn market_with_a_meter() -> Market {
    let mut market = Market::deploy().await;
    market.add_group("a group").await;
    let (meter, limit) = (market.keys[9].address(), WattHours(1000));
    let call = Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit: limit, consumption_limit: limit };
    let request = market.request(&call);
    landed(market.dso.submit("a meter", &request).await.unwrap());
    market
}

pub fn registration(market: &Market, key: usize) -> Request {
    let (prosumer, meter) = (market.keys[key].address(), market.keys[9].address());
    let (chain_id, contract) = (market.deployment.chain_id, market.deployment.market);
    let certificate = sign_certificate(&market.keys[0], chain_id, contract, prosumer, meter).unwrap();
    market.request(&Call::RegisterProsumer { meter, certificate })
}

#[tokio::test]
async fn a_failure_that_the_node_cannot_explain_keeps_nothing_waiting() {
    let market = market_with_a_meter().await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let mut slower = submitter(client, &market.keys[2]);
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    let request = registration(&market, 2);
    let mine_both = async {
        wait_for_pending(&market, 2).await;
        // The node gives whoever pays more the place in front.
        let fees = market.client().fees().await.unwrap();
        let call = TransactionRequest::default()
            .with_from(market.keys[1].address())
            .with_to(market.deployment.market)
            .with_input(registration(&market, 1).data)
            .with_gas_limit(1_000_000)
            .with_max_priority_fee_per_gas(fees.tip * 2 + 1)
            .with_max_fee_per_gas(fees.max_fee * 2 + 1);
        let _quicker = market.client().provider().send_transaction(call).await.unwrap();
        proxy.refuse("eth_call");
        market.anvil.mine().await.unwrap();
    };
    let (raced, ()) = tokio::join!(slower.submit("register", &request), mine_both);
    let Outcome::Raced { refusal: None, receipt } = raced.unwrap() else { panic!("it must fail for no known reason") };
    assert!(!receipt.succeeded);
    let now = slower.submit("register", &request).await.unwrap();
    assert!(matches!(now, Outcome::Refused(Refused::Market(Refusal::MeterTaken { .. }))), "{now:?}");
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

/// With the base fee far above what the transaction pays, it is not mined before it pays more.
#[tokio::test]
async fn a_transaction_that_pays_too_little_is_replaced() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let settings = SubmitSettings { raise_after: Duration::from_millis(50), ..SubmitSettings::default() };
    let mut dso = Submitter::new(market.client().clone(), market.keys[0].clone(), settings, Refused::decode);
    let provider = market.client().provider().clone();
    provider.anvil_set_auto_mine(false).await.unwrap();
    let request = market.request(&add_group());
    let (sending, mining) = (dso.submit("a group", &request), async {
        wait_for_pending_beyond(&market, before).await;
        let first = pending_fee(&market).await;
        let dear = u64::try_from(first).unwrap() * 3;
        while market.transactions_of(0).await == before {
            provider.anvil_set_next_block_base_fee_per_gas(dear.into()).await.unwrap();
            market.anvil.mine().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        u128::from(dear)
    });
    let (outcome, dear) = tokio::join!(sending, mining);
    let receipt = landed(outcome.unwrap());
    let mined = provider.get_transaction_by_hash(receipt.transaction).await.unwrap().unwrap();
    assert!(alloy::consensus::Transaction::max_fee_per_gas(&mined) >= dear);
    assert_eq!(market.transactions_of(0).await, before + 1);
    assert_eq!(market.read_anew().await.len(), 1, "and what it replaced is not mined as well");
}

async fn wait_for_pending_beyond(market: &Market, mined: u64) {
    let account = market.keys[0].address();
    while market.client().transaction_count(account, BlockId::pending()).await.unwrap() == mined {
        tokio::task::yield_now().await;
    }
}

/// What the transaction that waits pays at most, wei per gas.
async fn pending_fee(market: &Market) -> u128 {
    let block =
        market.client().provider().get_block_by_number(BlockNumberOrTag::Pending).full().await.unwrap().unwrap();
    let waiting = block.transactions.txns().next().expect("one waits");
    alloy::consensus::Transaction::max_fee_per_gas(waiting)
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
async fn after_a_reorganisation_something_else_can_be_sent_first() {
    let mut market = Market::deploy().await;
    market.add_group("a group").await;
    let before = market.transactions_of(0).await;
    market.add_group("undone").await;
    let options = ReorgOptions { depth: 1, tx_block_pairs: vec![] };
    market.client().provider().anvil_reorg(options).await.unwrap();
    assert_eq!(market.transactions_of(0).await, before);
    let limited = Call::AddGroup { internal_limit: Some(WattHours(1)), external_limit: None };
    let request = market.request(&limited);
    landed(market.dso.submit("another", &request).await.unwrap());
    market.add_group("undone").await;
    assert_eq!((market.transactions_of(0).await, market.read_anew().await.len()), (before + 2, 3));
}

/// The node drops what a reorganisation undoes, and holds what was sent after that and can no longer be mined.
#[tokio::test]
async fn what_waits_behind_nonces_that_a_reorganisation_freed_is_mined_all_the_same() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let settings = SubmitSettings { raise_after: Duration::from_millis(50), ..SubmitSettings::default() };
    let mut dso = Submitter::new(market.client().clone(), market.keys[0].clone(), settings, Refused::decode);
    let request = market.request(&add_group());
    landed(dso.submit("one", &request).await.unwrap());
    landed(dso.submit("two", &request).await.unwrap());
    let provider = market.client().provider().clone();
    provider.anvil_set_auto_mine(false).await.unwrap();
    // What this takes does not depend on what was before.
    let approve = market.request(&Call::Approve { spender: market.deployment.market, amount: units::Money(1) });
    let (outcome, ()) = tokio::join!(dso.submit("approve", &approve), async {
        wait_for_pending_beyond(&market, before + 2).await;
        provider.anvil_reorg(ReorgOptions { depth: 2, tx_block_pairs: vec![] }).await.unwrap();
        assert_eq!(market.transactions_of(0).await, before);
        while market.transactions_of(0).await < before + 3 {
            market.anvil.mine().await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    landed(outcome.unwrap());
    assert_eq!(market.transactions_of(0).await, before + 3);
    assert!(market.read_anew().await.is_empty(), "what was undone is not done by itself");
    provider.anvil_set_auto_mine(true).await.unwrap();
    landed(dso.submit("one", &request).await.unwrap());
}

#[tokio::test]
async fn what_one_node_will_not_take_again_is_found_when_another_mines_it() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    let client = Client::connect(&proxy.url(), Settings::default()).await.unwrap();
    let settings = SubmitSettings { patience: Duration::from_millis(30), ..SubmitSettings::default() };
    let mut dso = Submitter::new(client, market.keys[0].clone(), settings, Refused::decode);
    market.client().provider().anvil_set_auto_mine(false).await.unwrap();
    let request = market.request(&add_group());
    dso.submit("a group", &request).await.unwrap_err();
    proxy.refuse("eth_sendRawTransaction");
    let rejected = dso.submit("a group", &request).await.unwrap_err();
    assert!(matches!(rejected, SubmitError::Rejected { .. }), "{rejected:?}");
    market.anvil.mine().await.unwrap();
    market.client().provider().anvil_set_auto_mine(true).await.unwrap();
    landed(dso.submit("a group", &request).await.unwrap());
    assert_eq!(market.transactions_of(0).await, before + 1);
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
