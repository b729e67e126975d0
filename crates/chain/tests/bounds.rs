//! What is not sent, or taken back: deadlines, a day's bound, dry runs.

use std::{sync::Arc, time::Duration};

use alloy::{eips::BlockId, providers::ext::AnvilApi};
use bindings::Refused;
use chain::{Client, Outcome, Settings, SubmitError, SubmitSettings, Submitter};
use journal::{Account, MemorySpending, Spending};

use crate::market::{Market, add_group, landed};

const DAY: u64 = 86_400;

/// Whose quotes of fees are never old.
async fn watchful_dso(market: &Market, settings: SubmitSettings) -> Submitter<Refused> {
    let fresh = Settings { fees_kept: Duration::ZERO, ..Settings::default() };
    let client = Client::connect(&market.anvil.url(), fresh).await.unwrap();
    Submitter::new(client, market.keys[0].clone(), settings, Refused::decode)
}

fn dso(market: &Market, settings: SubmitSettings) -> Submitter<Refused> {
    Submitter::new(market.client().clone(), market.keys[0].clone(), settings, Refused::decode)
}

#[tokio::test]
async fn nothing_is_sent_once_its_time_has_passed() {
    let mut market = Market::deploy().await;
    let (before, now) = (market.transactions_of(0).await, market.client().head().await.unwrap().timestamp);
    let request = market.request(&add_group());
    let outcome = market.dso.submit("late", &request.clone().until(Some(now))).await.unwrap();
    assert_eq!(outcome, Outcome::Expired { receipt: None });
    assert_eq!(market.transactions_of(0).await, before);
    landed(market.dso.submit("in time", &request.until(Some(now + 1))).await.unwrap());
}

/// The base fee keeps it from being mined until its time has passed.
#[tokio::test]
async fn what_waits_past_its_deadline_is_taken_back() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let mut dso = watchful_dso(&market, SubmitSettings::default()).await;
    let provider = market.client().provider().clone();
    provider.anvil_set_auto_mine(false).await.unwrap();
    let now = market.client().head().await.unwrap().timestamp;
    let request = market.request(&add_group()).until(Some(now + 100));
    let (outcome, ()) = tokio::join!(dso.submit("a group", &request), async {
        let account = market.keys[0].address();
        while market.client().transaction_count(account, BlockId::pending()).await.unwrap() == before {
            tokio::task::yield_now().await;
        }
        provider.anvil_set_next_block_base_fee_per_gas(1_000_000_000_000).await.unwrap();
        market.anvil.warp_to(now + 100).await.unwrap();
        while market.transactions_of(0).await == before {
            market.anvil.mine().await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let Ok(Outcome::Expired { receipt: Some(receipt) }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((receipt.succeeded, receipt.gas_used), (true, 21_000));
    assert_eq!(market.transactions_of(0).await, before + 1);
    assert!(market.read_anew().await.is_empty(), "no group was added");
    provider.anvil_set_auto_mine(true).await.unwrap();
    landed(dso.submit("a group", &market.request(&add_group())).await.unwrap());
}

#[tokio::test]
async fn what_was_given_up_is_taken_back_before_anything_else_is_sent() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let settings = SubmitSettings { patience: Duration::from_millis(30), ..SubmitSettings::default() };
    let mut dso = watchful_dso(&market, settings).await;
    let provider = market.client().provider().clone();
    provider.anvil_set_auto_mine(false).await.unwrap();
    let now = market.client().head().await.unwrap().timestamp;
    let request = market.request(&add_group()).until(Some(now + 100));
    dso.submit("a group", &request).await.unwrap_err();
    assert!(dso.is_waiting());
    provider.anvil_set_next_block_base_fee_per_gas(1_000_000_000_000).await.unwrap();
    market.anvil.warp_to(now + 100).await.unwrap();
    let pending = dso.conclude_sent().await.unwrap_err();
    assert!(matches!(pending, SubmitError::Pending { .. }), "{pending:?}");
    while market.transactions_of(0).await == before {
        market.anvil.mine().await.unwrap();
    }
    let (key, outcome) = dso.conclude_sent().await.unwrap().expect("something was on its way");
    assert!(key == "a group" && matches!(outcome, Outcome::Expired { receipt: Some(_) }), "{outcome:?}");
    assert_eq!((market.transactions_of(0).await, market.read_anew().await.len()), (before + 1, 0));
}

#[tokio::test]
async fn no_more_is_spent_on_a_day_than_is_allowed_and_the_next_day_it_goes_on() {
    let market = Market::deploy().await;
    let request = market.request(&add_group());
    let dry = SubmitSettings { dry_run: true, ..SubmitSettings::default() };
    let Ok(Outcome::Withheld { at_most, .. }) = dso(&market, dry).submit("a group", &request).await else {
        panic!("a dry run tells what it would cost")
    };
    let capped = SubmitSettings { spend_at_most: Some(at_most * 2), ..SubmitSettings::default() };
    let mut dso = dso(&market, capped);
    let (before, mut spent, mut count) = (market.transactions_of(0).await, 0, 0);
    let refused = loop {
        match dso.submit(&format!("group {count}"), &request).await {
            Ok(outcome) => {
                let receipt = landed(outcome);
                spent += receipt.gas_price * u128::from(receipt.gas_used);
                count += 1;
            }
            Err(refused) => break refused,
        }
    };
    assert!(count > 1 && spent <= at_most * 2 && !refused.is_retryable());
    let SubmitError::TooDear { spent: told, cap, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((told, cap), (spent, at_most * 2));
    assert_eq!(market.transactions_of(0).await, before + count);
    let now = market.client().head().await.unwrap().timestamp;
    market.anvil.warp_to((now / DAY + 1) * DAY).await.unwrap();
    landed(dso.submit("tomorrow", &request).await.unwrap());
}

#[tokio::test]
async fn what_was_spent_is_known_to_whoever_comes_after() {
    let market = Market::deploy().await;
    let request = market.request(&add_group());
    let spending: Arc<MemorySpending> = Arc::default();
    let at_most = 10_u128.pow(18);
    let capped = || SubmitSettings { spend_at_most: Some(at_most), ..SubmitSettings::default() };
    let account = || Account { spending: spending.clone(), ..Account::default() };
    let receipt = landed(dso(&market, capped()).keeping(account()).submit("one", &request).await.unwrap());
    let day = market.client().head().await.unwrap().timestamp / DAY;
    let spent = spending.spent(day).await.unwrap();
    assert_eq!(spent, receipt.gas_price * u128::from(receipt.gas_used));
    // As if more had been on its way when the process ended.
    spending.record(day, at_most).await.unwrap();
    let refused = dso(&market, capped()).keeping(account()).submit("two", &request).await.unwrap_err();
    assert!(matches!(refused, SubmitError::TooDear { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let mut dry = dso(&market, SubmitSettings { dry_run: true, ..SubmitSettings::default() });
    let outcome = dry.submit("a group", &market.request(&add_group())).await.unwrap();
    assert!(matches!(outcome, Outcome::Withheld { gas_limit, .. } if gas_limit > 21_000), "{outcome:?}");
    assert_eq!(market.transactions_of(0).await, before);
    let refused = Submitter::new(
        market.client().clone(),
        market.keys[1].clone(),
        SubmitSettings { dry_run: true, ..SubmitSettings::default() },
        Refused::decode,
    )
    .submit("a group", &market.request(&add_group()))
    .await
    .unwrap();
    assert!(matches!(refused, Outcome::Refused(_)), "what would be refused is told: {refused:?}");
}
