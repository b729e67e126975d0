//! A market that is set up, and how it is read.

use ::modicum::{Config, ServiceKind, View};
use alloy::{primitives::U256, rpc::types::Filter, signers::local::PrivateKeySigner};
use bindings::modicum::{Call, Refused, event};
use chain::{Outcome, SubmitSettings, Submitter, anvil::Anvil, create_contract, deploy_modicum};
use runtime::{Modicum, Protocol};

use super::{
    Plot,
    roles::{ALL, DIRECTORY, MEDIATOR, PROVIDER, key, meter},
};

/// A token, base units.
pub const TOKEN: u128 = 1_000_000;
/// What everybody pays in.
const MUCH: u128 = 10_000 * TOKEN;
/// Enough for one match, and not for a second after a fine.
const LITTLE: u128 = 40 * TOKEN;

/// Deploys a market, registers its services, and lets everybody pay in and trust them.
pub async fn set_up(anvil: &Anvil, keys: &[PrivateKeySigner], plot: Plot) -> Modicum {
    let submitter = |key: &PrivateKeySigner| {
        Submitter::new(anvil.client().clone(), key.clone(), SubmitSettings::default(), Refused::decode)
    };
    let mut minter = submitter(&keys[0]);
    let token = create_contract(&mut minter, "token", bindings::token_creation()).await.expect("a token").0;
    let config = Config {
        token,
        penalty_rate: 10,
        verifications: 2,
        reaction_seconds: 600,
        verdict_seconds: 600,
        longest_seconds: 86_400,
        solver_fee: TOKEN / 100_000,
        stake: 5 * TOKEN,
    };
    let (place, _) = deploy_modicum(&mut minter, &config).await.expect("the market is deployed");
    let market = Modicum::new(place, config).expect("the configuration makes sense");
    for role in ALL {
        let (key, amount) = (key(keys, role), if is_poor(role, plot) { LITTLE } else { MUCH });
        act(&mut minter, &market, &format!("mint for {role}"), Call::Mint { account: key.address(), amount }).await;
        let mut owner = submitter(key);
        act(&mut owner, &market, "approve", Call::Approve { spender: place.market, amount }).await;
        act(&mut owner, &market, "deposit", Call::DepositFunds { amount }).await;
        act(&mut owner, &market, "trust", Call::Trust { word: 0, services: U256::from(3) }).await;
    }
    for (role, kind, fee) in
        [(MEDIATOR, ServiceKind::Mediator, TOKEN / 50_000), (DIRECTORY, ServiceKind::Directory, TOKEN / 100_000)]
    {
        let register = Call::RegisterService { kind, architecture: 0, meter_id: meter(), fee };
        act(&mut submitter(key(keys, role)), &market, "register", register).await;
    }
    market
}

fn is_poor(role: &str, plot: Plot) -> bool {
    role == PROVIDER && plot == Plot::Cheated
}

async fn act(who: &mut Submitter<Refused>, market: &Modicum, key: &str, call: Call) {
    let request = market.request(&call).expect("it fits the contract");
    let outcome = who.submit(key, &request).await.expect("it is decided");
    assert!(matches!(outcome, Outcome::Landed(_)), "{call}: {outcome:?}");
}

/// What all that the contract ever emitted comes to.
pub async fn view(anvil: &Anvil, market: &Modicum) -> View {
    let mut view = market.view();
    for (event, block) in events(anvil, market).await {
        view.apply(event, block).expect("the market's logs follow from each other");
    }
    view
}

/// Everything that the contract ever emitted, and in which block.
pub async fn events(anvil: &Anvil, market: &Modicum) -> Vec<(::modicum::Event, u64)> {
    let filter = Filter::new().address(market.place().market).from_block(market.place().block);
    let logs = anvil.client().logs(&filter).await.expect("the node tells all logs");
    let read = |log: alloy::rpc::types::Log| {
        let event = event(&log.inner.data).expect("the market's logs can be read")?;
        Some((event, log.block_number.expect("it is mined")))
    };
    logs.into_iter().filter_map(read).collect()
}
