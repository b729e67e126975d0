//! What is wanted and not sent, and what is taken back.

use std::{sync::Arc, time::Duration};

use alloy::{eips::BlockId, providers::ext::AnvilApi};
use bindings::Call;
use chain::{Client, SubmitSettings};
use runtime::{Agent, Intent, Runtime, Settings};
use transax::Market;
use units::OfferId;

use crate::{
    agents::Groups,
    host::{Host, Running},
};

/// Wants the market to have a group, if it comes before a time.
struct Timely(u64);

impl Agent for Timely {
    fn name(&self) -> &'static str {
        "timely"
    }

    fn decide(&mut self, view: &Market, now: u64) -> Vec<Intent> {
        let add = Call::AddGroup { internal_limit: None, external_limit: None };
        let is_wanted = view.groups().next().is_none() && now < self.0;
        if is_wanted { vec![Intent::new("group 0", add).until(self.0)] } else { vec![] }
    }
}

/// Wants what is refused, and then a group, which it calls otherwise each time.
#[derive(Default)]
struct Fickle(u64);

impl Agent for Fickle {
    fn name(&self) -> &'static str {
        "fickle"
    }

    fn decide(&mut self, _: &Market, _: u64) -> Vec<Intent> {
        self.0 += 1;
        let add = Call::AddGroup { internal_limit: None, external_limit: None };
        let cancel = Call::CancelOffer { offer: OfferId(99) };
        vec![Intent::new("an offer that is not there", cancel), Intent::new(format!("group at look {}", self.0), add)]
    }
}

/// Whose quotes of fees are never old.
async fn runtime(host: &Host, submit: SubmitSettings) -> Runtime {
    let settings = Settings { poll: Duration::from_millis(5), submit, ..Settings::default() };
    let fresh = chain::Settings { fees_kept: Duration::ZERO, ..chain::Settings::default() };
    let client = Client::connect(&host.anvil.url(), fresh).await.unwrap();
    Runtime::new(client, host.protocol.clone(), Arc::clone(&host.journal) as _, settings)
}

/// It waits in vain, its submission is given up, the agent wants it no more; and still it does not stay pending.
#[tokio::test]
async fn what_nobody_wants_any_more_is_taken_back() {
    let host = Host::deploy().await;
    let (client, account) = (host.anvil.client(), host.keys[0].address());
    let provider = client.provider();
    provider.anvil_set_auto_mine(false).await.unwrap();
    let before = client.transaction_count(account, BlockId::latest()).await.unwrap();
    let deadline = client.head().await.unwrap().timestamp + 100;
    let submit = SubmitSettings { patience: Duration::from_millis(50), ..SubmitSettings::default() };
    let mut runtime = runtime(&host, submit).await;
    runtime.host(Timely(deadline), host.keys[0].clone());
    let mut running = Running::start(runtime);
    while client.transaction_count(account, BlockId::pending()).await.unwrap() == before {
        tokio::task::yield_now().await;
    }
    provider.anvil_set_next_block_base_fee_per_gas(1_000_000_000_000).await.unwrap();
    host.anvil.warp_to(deadline).await.unwrap();
    while client.transaction_count(account, BlockId::latest()).await.unwrap() == before {
        host.anvil.mine().await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let status = running.until(|status| status.expired == 1).await;
    assert_eq!((status.landed, running.groups()), (0, 0));
    running.stop().await;
}

#[tokio::test]
async fn a_dry_run_tells_once_what_it_would_send() {
    let host = Host::deploy().await;
    let mut runtime = runtime(&host, SubmitSettings { dry_run: true, ..SubmitSettings::default() }).await;
    runtime.host(Groups(1), host.keys[0].clone());
    let mut running = Running::start(runtime);
    running.idle_from(1).await;
    let block = host.anvil.mine().await.unwrap();
    let status = running.idle_from(block).await;
    assert_eq!((status.withheld, status.landed, running.groups()), (1, 0, 0));
    running.stop().await;
}

#[tokio::test]
async fn that_no_more_may_be_spent_is_told_once() {
    let host = Host::deploy().await;
    let mut runtime = runtime(&host, SubmitSettings { spend_at_most: Some(1), ..SubmitSettings::default() }).await;
    runtime.host(Fickle::default(), host.keys[0].clone());
    let mut running = Running::start(runtime);
    let status = running.until(|status| status.rounds >= 4).await;
    assert_eq!((status.failed, status.landed, running.groups()), (2, 0, 0), "a refusal, and that all is spent");
    let failure = running.failures.borrow().clone().expect("a failure");
    assert!(failure.reason.contains("that may be spent on a day are spent"), "{failure}");
    running.stop().await;
}
