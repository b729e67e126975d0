//! The local node's time and blocks.

use std::time::Duration;

use alloy::primitives::U256;
use bindings::{Call, contracts::PaymentToken};
use chain::{
    Request,
    anvil::{Anvil, Mining, Options, dev_keys},
    deploy_token,
};
use units::Money;

use crate::market::{landed, submitter};

#[tokio::test]
async fn the_clock_stands_still_until_it_is_moved() {
    let options = Options::default();
    let start = options.timestamp;
    let anvil = Anvil::start(options).await.unwrap();
    let time = async || anvil.client().head().await.unwrap().timestamp;
    assert_eq!(time().await, start);
    for _ in 0..20 {
        anvil.mine().await.unwrap();
    }
    assert_eq!(time().await, start);
    anvil.warp_to(start + 900).await.unwrap();
    anvil.mine().await.unwrap();
    assert_eq!(time().await, start + 900);
    anvil.warp_to(start).await.unwrap_err();
}

#[tokio::test]
async fn many_transactions_share_a_block_and_none_is_made_for_nothing() {
    let mining = Mining::Batched(Duration::from_millis(20));
    let anvil = Anvil::start(Options { mining, ..Options::default() }).await.unwrap();
    let keys = dev_keys(10);
    let mut owner = submitter(anvil.client().clone(), &keys[0]);
    let token = deploy_token(&mut owner).await.unwrap();
    let before = anvil.client().head().await.unwrap().block.number;
    assert_eq!(before, 1, "an empty block was made");
    let approve = Call::Approve { spender: token, amount: Money(5) };
    let request = Request::call(token, approve.data().unwrap());
    let mut submitters: Vec<_> = keys[1..].iter().map(|key| submitter(anvil.client().clone(), key)).collect();
    let mut sent = tokio::task::JoinSet::new();
    for mut submitter in submitters.drain(..) {
        let request = request.clone();
        sent.spawn(async move { landed(submitter.submit("approve", &request).await.unwrap()) });
    }
    sent.join_all().await;
    let blocks = anvil.client().head().await.unwrap().block.number - before;
    assert!(blocks < 9, "nine transactions took {blocks} blocks");
    let allowed = PaymentToken::allowanceCall { owner: keys[9].address(), spender: token };
    assert_eq!(anvil.client().read(token, &allowed).await.unwrap(), U256::from(5));
}
