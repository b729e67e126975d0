//! What fails for more than a lost race is told.

use alloy::{eips::BlockId, providers::ext::AnvilApi};
use bindings::{Call, Refused, sign_certificate};
use chain::{Outcome, Request, SubmitSettings, Submitter};
use units::{GroupId, WattHours};

use crate::{
    agents::{Groups, Wants},
    host::{Host, Running},
};

#[tokio::test]
async fn a_refusal_that_is_no_race_is_told_once() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(1), host.keys[1].clone());
    let mut running = Running::start(runtime);
    running.idle_from(1).await;
    let block = host.anvil.mine().await.unwrap();
    let status = running.idle_from(block).await;
    assert_eq!((status.refused, status.failed), (2, 1), "only the DSO adds groups");
    let failure = running.failures.borrow().clone().unwrap();
    assert_eq!((failure.agent.as_str(), failure.intent.as_str()), ("groups", "group 0"));
    assert!(failure.reason.contains(&host.keys[1].address().to_string()), "{failure}");
    running.stop().await;
}

#[tokio::test]
async fn a_refusal_because_of_the_clock_is_no_failure() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Wants("early", Call::Finalize { links: vec![], legs: vec![] }), host.keys[1].clone());
    let mut running = Running::start(runtime);
    let status = running.idle_from(1).await;
    assert_eq!((status.refused, status.failed), (1, 0));
    assert_eq!(*running.failures.borrow(), None);
    running.stop().await;
}

#[tokio::test]
async fn a_transaction_that_fails_for_no_race_is_told() {
    let host = Host::deploy().await;
    let (client, meter, limit) = (host.anvil.client(), host.keys[9].address(), WattHours(1000));
    let mut dso = Submitter::new(client.clone(), host.keys[0].clone(), SubmitSettings::default(), Refused::decode);
    let group = Call::AddGroup { internal_limit: None, external_limit: None };
    let owned =
        Call::RegisterSmartMeter { meter, group: GroupId(0), production_limit: limit, consumption_limit: limit };
    for call in [group, owned] {
        let request = Request::call(host.protocol.deployment.market, call.data().unwrap());
        let outcome = dso.submit(&call.to_string(), &request).await.unwrap();
        assert!(matches!(outcome, Outcome::Landed(_)), "{outcome:?}");
    }
    client.provider().anvil_set_auto_mine(false).await.unwrap();
    let mut runtime = host.runtime();
    for (name, key) in [("one", &host.keys[1]), ("other", &host.keys[2])] {
        let deployment = &host.protocol.deployment;
        let certificate =
            sign_certificate(&host.keys[0], deployment.chain_id, deployment.market, key.address(), meter).unwrap();
        runtime.host(Wants(name, Call::RegisterProsumer { meter, certificate }), key.clone());
    }
    let mut running = Running::start(runtime);
    for key in &host.keys[1..3] {
        while client.transaction_count(key.address(), BlockId::pending()).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    }
    let block = host.anvil.mine().await.unwrap();
    let status = running.until(|status| status.landed == 1 && status.failed == 1).await;
    assert_eq!(status.raced, 0);
    let reason = running.failures.borrow().clone().unwrap().reason;
    assert!(reason.starts_with("transaction 0x") && reason.contains("already belongs to"), "{reason}");
    assert_eq!(running.idle_from(block).await.failed, 1, "its reason is known by now");
    running.stop().await;
}
