//! Keys in devices, whose holders may say no.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use alloy::{
    consensus::SignableTransaction,
    eips::BlockId,
    network::TxSigner,
    primitives::{Address, Signature},
    providers::ext::AnvilApi,
    signers::{Error, Result, local::PrivateKeySigner},
};
use async_trait::async_trait;
use bindings::Refused;
use chain::{SubmitError, SubmitSettings, Submitter};

use crate::market::{Market, add_group, landed};

/// What its holder consents to, and how often it was asked.
#[derive(Default)]
struct Holder {
    consents: AtomicUsize,
    asked: AtomicUsize,
}

struct Device {
    key: PrivateKeySigner,
    holder: Arc<Holder>,
}

#[async_trait]
impl TxSigner<Signature> for Device {
    fn address(&self) -> Address {
        self.key.address()
    }

    async fn sign_transaction(&self, transaction: &mut dyn SignableTransaction<Signature>) -> Result<Signature> {
        self.holder.asked.fetch_add(1, Ordering::Relaxed);
        let left = self.holder.consents.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map_err(|_| Error::message("it was declined"))?;
        self.key.sign_transaction(transaction).await
    }
}

fn dso(market: &Market, settings: SubmitSettings) -> (Submitter<Refused>, Arc<Holder>) {
    let holder = Arc::<Holder>::default();
    let device = Device { key: market.keys[0].clone(), holder: holder.clone() };
    (Submitter::new(market.client().clone(), device, settings, Refused::decode), holder)
}

#[tokio::test]
async fn what_is_declined_is_not_sent_and_spends_nothing() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    // Enough for one, and not for two.
    let settings = SubmitSettings { spend_at_most: Some(1_000_000_000_000_000), ..SubmitSettings::default() };
    let (mut dso, holder) = dso(&market, settings);
    let request = market.request(&add_group());
    for _ in 0..50 {
        let error = dso.submit("a group", &request).await.unwrap_err();
        assert!(matches!(error, SubmitError::Unsigned { .. }) && !error.is_retryable(), "{error:?}");
        assert!(!dso.is_waiting());
    }
    assert_eq!(market.transactions_of(0).await, before);
    holder.consents.store(1, Ordering::Relaxed);
    landed(dso.submit("a group", &request).await.unwrap());
    assert_eq!(market.transactions_of(0).await, before + 1);
}

#[tokio::test]
async fn where_more_is_not_signed_for_what_waits_waits_on() {
    let market = Market::deploy().await;
    let before = market.transactions_of(0).await;
    let settings = SubmitSettings { raise_after: Duration::from_millis(1), ..SubmitSettings::default() };
    let (mut dso, holder) = dso(&market, settings);
    holder.consents.store(1, Ordering::Relaxed);
    let provider = market.client().provider().clone();
    provider.anvil_set_auto_mine(false).await.unwrap();
    let request = market.request(&add_group());
    let (outcome, ()) = tokio::join!(dso.submit("a group", &request), async {
        let account = market.keys[0].address();
        while market.client().transaction_count(account, BlockId::pending()).await.unwrap() == before
            || holder.asked.load(Ordering::Relaxed) < 3
        {
            tokio::task::yield_now().await;
        }
        market.anvil.mine().await.unwrap();
    });
    landed(outcome.unwrap());
    assert_eq!(market.transactions_of(0).await, before + 1);
}
