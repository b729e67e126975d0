//! What a runtime does not survive, and says so.

use runtime::{FollowFault, RuntimeError};
use tokio_util::sync::CancellationToken;

use crate::{
    agents::{Broken, Groups},
    host::Host,
};

#[tokio::test]
async fn two_agents_with_one_key_are_refused() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(1), host.keys[0].clone());
    runtime.host(Groups(2), host.keys[0].clone());
    let error = runtime.run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, RuntimeError::SharedKey { account, .. } if account == host.keys[0].address()), "{error}");
}

#[tokio::test]
async fn an_agent_that_panics_ends_the_runtime() {
    let host = Host::deploy().await;
    let mut runtime = host.runtime();
    runtime.host(Groups(1), host.keys[0].clone());
    runtime.host(Broken, host.keys[1].clone());
    let error = runtime.run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, RuntimeError::AgentFailed { ref name, .. } if name == "broken"), "{error}");
}

#[tokio::test]
async fn logs_of_another_contract_end_the_runtime() {
    let mut host = Host::deploy().await;
    host.protocol.deployment.market = host.protocol.deployment.token;
    host.protocol.deployment.block = 0;
    let error = host.runtime().run(CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, RuntimeError::Follow(FollowFault::Contradiction { .. })), "{error}");
}
