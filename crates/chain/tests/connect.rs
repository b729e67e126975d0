//! Reaching a node, or not.

use std::time::Duration;

use chain::{Client, ClientError, Settings};

use crate::{market::Market, proxy::Proxy};

#[tokio::test]
async fn a_node_of_another_chain_is_refused() {
    let market = Market::deploy().await;
    let refused = market.client().expect(1, &[]).await.unwrap_err();
    assert!(matches!(refused, ClientError::WrongChain { expected: 1, found: 31337 }), "{refused:?}");
}

#[tokio::test]
async fn an_address_without_code_is_refused() {
    let market = Market::deploy().await;
    let account = market.keys[1].address();
    let refused = market.client().expect(31337, &[market.deployment.market, account]).await.unwrap_err();
    assert!(matches!(refused, ClientError::NoCode { address, .. } if address == account), "{refused:?}");
}

#[tokio::test]
async fn what_is_no_address_of_a_node_is_refused() {
    for url in ["", "127.0.0.1:8545", "ws://127.0.0.1:8545"] {
        let refused = Client::connect(url, Settings::default()).await.unwrap_err();
        assert!(matches!(refused, ClientError::BadUrl { .. }), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn https_is_spoken() {
    // Nobody listens there, so the most that can go right is that the connection is refused.
    let refused = Client::connect("https://127.0.0.1:9", Settings::default()).await.unwrap_err();
    assert!(matches!(refused, ClientError::Request { .. } | ClientError::Setup { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_silent_node_is_named_after_its_time() {
    let market = Market::deploy().await;
    let proxy = Proxy::start(&market.anvil.url()).await;
    proxy.hold("eth_chainId");
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let error = Client::connect(&proxy.url(), settings).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert!(error.to_string().starts_with("eth_chainId"), "{error}");
}
