//! The stage: a node, the contracts, and everybody registered, certified and in funds.

use std::time::Duration;

use ::transax::Params;
use alloy::{
    primitives::{Address, Bytes},
    providers::Provider,
    signers::local::PrivateKeySigner,
};
use anyhow::{Context, anyhow};
use bindings::{Call, Deployment, Refused, sign_certificate};
use chain::{
    Outcome, Submitter,
    anvil::{Anvil, Mining, Options, dev_keys},
    deploy_market, deploy_token,
};
use runtime::{Protocol, Transax};
use tokio::task::JoinSet;
use units::Money;

use super::{
    day::{Day, FEED_IN_PRICE, GRID_PRICE},
    troupe::submit_settings,
};
use crate::output::Output;

/// Midnight of the built-in day, as its data tells the time.
const GENESIS: u64 = 1_467_676_800;
/// A quarter of an hour.
pub const INTERVAL_SECONDS: u32 = 900;
const CLEAR_INTERVALS: u32 = 1;
/// Longer planning horizons trade no more on any of the published days.
const PLAN_HORIZON: u32 = 4;
const OFFER_HORIZON: u32 = 200;
/// What each prosumer puts into the market: 10,000 tokens, more than any trades away on a day.
const CREDITS: Money = Money(10_000_000_000);

/// Blocks of what arrived together: a node that makes one for each transaction gets slower and slower.
const MINING: Mining = Mining::Batched(Duration::from_millis(10));

/// Everything that the agents act on.
pub struct Stage {
    /// The node.
    pub node: Anvil,
    /// The market.
    pub market: Transax,
    /// The finaliser's key.
    pub finaliser: PrivateKeySigner,
    /// The solvers' keys.
    pub solvers: Vec<PrivateKeySigner>,
    /// The relays' keys.
    pub relays: Vec<PrivateKeySigner>,
    /// By participant: the prosumer's key, the meter's, and the certificate for the two.
    pub prosumers: Vec<(PrivateKeySigner, PrivateKeySigner, Bytes)>,
    /// Gas that setting the stage used.
    pub gas: u64,
}

impl Stage {
    /// Starts a node, deploys, and registers and funds everybody, up to what prosumers do for themselves. `lead`: so many
    /// intervals before the first one can be traded. `relays`: so many more keys.
    pub async fn set(day: &Day, lead: u32, relays: usize, output: Output) -> anyhow::Result<Self> {
        let count = day.participants.len();
        let accounts = u32::try_from(2 * count + 5 + relays).context("too many prosumers")?;
        let mut keys = dev_keys(accounts).into_iter();
        let mut key = || keys.next().expect("as many as were counted");
        let (deployer, dso, finaliser, solvers) = (key(), key(), key(), vec![key(), key()]);
        let prosumers: Vec<_> = (0..count).map(|_| (key(), key())).collect();
        let relays = (0..relays).map(|_| key()).collect();

        let params = params(day, dso.address());
        let timestamp =
            params.start_of(day.first) - u64::from(CLEAR_INTERVALS + 1 + lead) * u64::from(INTERVAL_SECONDS);
        let node = Anvil::start(Options { accounts, timestamp, mining: MINING, ..Options::default() }).await?;
        output.progress(format_args!("a node is running at {}; deploying", node.url()));
        let mut deployer = Actor::new(&node, deployer);
        let token = deploy_token(&mut deployer.submitter).await?;
        let params = Params { token, ..params };
        let deployment = deploy_market(&mut deployer.submitter, &params).await?;
        let market = Transax::new(deployment, params);

        output.progress(format_args!(
            "registering {count} meters in {} groups, and funding as many prosumers",
            day.groups.len()
        ));
        let mut gas = deployment_gas(&node).await?;
        let certified = register(&market, &node, dso, day, &prosumers, &mut gas).await?;
        gas += fund(&market, &node, deployer, &prosumers).await?;
        Ok(Self { node, market, finaliser, solvers, relays, prosumers: certified, gas })
    }
}

fn params(day: &Day, dso: Address) -> Params {
    Params {
        dso,
        token: Address::ZERO,
        genesis: GENESIS,
        interval_seconds: INTERVAL_SECONDS,
        clear_intervals: CLEAR_INTERVALS,
        plan_horizon: PLAN_HORIZON,
        offer_horizon: OFFER_HORIZON,
        price_rule: day.price_rule,
        grid_price: GRID_PRICE,
        feed_in_price: FEED_IN_PRICE,
    }
}

/// Somebody who does things one after another.
struct Actor {
    submitter: Submitter<Refused>,
}

impl Actor {
    fn new(node: &Anvil, key: PrivateKeySigner) -> Self {
        Self { submitter: Submitter::new(node.client().clone(), key, submit_settings(), Refused::decode) }
    }

    /// Does one thing, and returns the gas it used.
    async fn act(&mut self, market: &Transax, key: &str, call: Call) -> anyhow::Result<u64> {
        let request = market.request(&call).map_err(|error| anyhow!("{call}: {error}"))?;
        match self.submitter.submit(key, &request).await? {
            Outcome::Landed(receipt) => Ok(receipt.gas_used),
            Outcome::Refused(refused) => Err(anyhow!("{call}: {refused}")),
            Outcome::Raced { .. } | Outcome::Expired { .. } | Outcome::Withheld { .. } => {
                Err(anyhow!("{call}: failed on the chain"))
            }
        }
    }
}

/// What the deployments used: all that has happened so far.
async fn deployment_gas(node: &Anvil) -> anyhow::Result<u64> {
    let mut gas = 0;
    for number in 0..=node.client().head().await?.block.number {
        let block = node.client().provider().get_block_by_number(number.into()).await?;
        gas += block.context("the node lost a block")?.header.gas_used;
    }
    Ok(gas)
}

/// The DSO adds the groups, registers the meters and certifies the prosumers.
async fn register(
    market: &Transax,
    node: &Anvil,
    key: PrivateKeySigner,
    day: &Day,
    prosumers: &[(PrivateKeySigner, PrivateKeySigner)],
    gas: &mut u64,
) -> anyhow::Result<Vec<(PrivateKeySigner, PrivateKeySigner, Bytes)>> {
    let mut dso = Actor::new(node, key.clone());
    for (group, limits) in day.groups.iter().enumerate() {
        let call = Call::AddGroup { internal_limit: limits.internal, external_limit: limits.external };
        *gas += dso.act(market, &format!("group {group}"), call).await?;
    }
    let mut certified = Vec::new();
    for (participant, (prosumer, meter)) in day.participants.iter().zip(prosumers) {
        let call = Call::RegisterSmartMeter {
            meter: meter.address(),
            group: participant.group,
            production_limit: participant.production_limit,
            consumption_limit: participant.consumption_limit,
        };
        *gas += dso.act(market, &format!("meter of {}", participant.name), call).await?;
        let Deployment { chain_id, market, .. } = market.deployment;
        let certificate = sign_certificate(&key, chain_id, market, prosumer.address(), meter.address())?;
        certified.push((prosumer.clone(), meter.clone(), certificate));
    }
    Ok(certified)
}

/// Each prosumer gets tokens and puts them into the market; all at once, since each has a key of its own.
async fn fund(
    market: &Transax,
    node: &Anvil,
    mut minter: Actor,
    prosumers: &[(PrivateKeySigner, PrivateKeySigner)],
) -> anyhow::Result<u64> {
    let mut gas = 0;
    let mut funding = JoinSet::new();
    for (prosumer, _) in prosumers {
        let account = prosumer.address();
        gas += minter.act(market, &format!("mint for {account}"), Call::Mint { account, amount: CREDITS }).await?;
        let (market, mut prosumer) = (market.clone(), Actor::new(node, prosumer.clone()));
        funding.spawn(async move {
            let approve = Call::Approve { spender: market.deployment.market, amount: CREDITS };
            let approved = prosumer.act(&market, "approve", approve).await?;
            let deposited = prosumer.act(&market, "deposit", Call::DepositCredits { amount: CREDITS }).await?;
            anyhow::Ok(approved + deposited)
        });
    }
    while let Some(funded) = funding.join_next().await {
        gas += funded??;
    }
    Ok(gas)
}
