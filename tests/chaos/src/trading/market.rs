//! A market that is set up, and its books after a day.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes},
    rpc::types::Filter,
    signers::local::PrivateKeySigner,
};
use bindings::{Call, Refused, sign_certificate};
use chain::{Outcome, SubmitSettings, Submitter, anvil::Anvil, deploy_market, deploy_token};
use runtime::{Protocol, Transax};
use transax::{Event, Market, Params, PriceRule};
use units::{GroupId, IntervalIndex, Money, Price, WattHours};

use super::roles::{FIRST_HOME, FIRST_METER, HOMES};

pub const INTERVAL_SECONDS: u64 = 900;
const CREDITS: Money = Money(1_000_000_000);
const LIMIT: WattHours = WattHours(5000);

/// What a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Energy traded in each interval that was, Wh.
    pub energy: BTreeMap<u32, u64>,
    /// What each home owns in the market, base units of the token.
    pub credits: BTreeMap<Address, u128>,
    /// How often each home did what it does for itself, by what that is.
    pub actions: BTreeMap<(Address, &'static str), u64>,
}

/// Deploys a market, registers the meters, certifies the homes, and gives them credits.
pub async fn set_up(anvil: &Anvil, keys: &[PrivateKeySigner], genesis: u64) -> (Transax, Vec<(Address, Bytes)>) {
    let submitter = |place: usize| {
        let settings = SubmitSettings::default();
        Submitter::new(anvil.client().clone(), keys[place].clone(), settings, Refused::decode)
    };
    let mut dso = submitter(0);
    let token = deploy_token(&mut dso).await.expect("the token is deployed");
    let params = Params {
        dso: keys[0].address(),
        token,
        genesis,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 4,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    };
    let deployment = deploy_market(&mut dso, &params).await.expect("the market is deployed");
    let market = Transax::new(deployment, params);
    act(&mut dso, &market, Call::AddGroup { internal_limit: None, external_limit: None }).await;
    let mut certificates = Vec::new();
    for home in 0..HOMES {
        let (prosumer, meter) = (keys[FIRST_HOME + home].address(), keys[FIRST_METER + home].address());
        let (group, production_limit, consumption_limit) = (GroupId(0), LIMIT, LIMIT);
        let register = Call::RegisterSmartMeter { meter, group, production_limit, consumption_limit };
        act(&mut dso, &market, register).await;
        act(&mut dso, &market, Call::Mint { account: prosumer, amount: CREDITS }).await;
        let certificate = sign_certificate(&keys[0], deployment.chain_id, deployment.market, prosumer, meter);
        certificates.push((meter, certificate.expect("a key in memory signs")));
        let mut owner = submitter(FIRST_HOME + home);
        act(&mut owner, &market, Call::Approve { spender: deployment.market, amount: CREDITS }).await;
        act(&mut owner, &market, Call::DepositCredits { amount: CREDITS }).await;
    }
    (market, certificates)
}

async fn act(who: &mut Submitter<Refused>, market: &Transax, call: Call) {
    let request = market.request(&call).expect("it fits the contract");
    let outcome = who.submit(&call.to_string(), &request).await.expect("it is decided");
    assert!(matches!(outcome, Outcome::Landed(_)), "{call}: {outcome:?}");
}

/// Reads everything that the contract ever emitted.
pub async fn books(anvil: &Anvil, market: &Transax, keys: &[PrivateKeySigner]) -> Books {
    let filter = Filter::new().address(market.deployment.market).from_block(market.deployment.block);
    let logs = anvil.client().logs(&filter).await.expect("the node tells all logs");
    let mut view = Market::new(market.params.clone());
    let mut books = Books::default();
    for log in logs {
        let Some(event) = bindings::event(&log.inner.data).expect("the market's logs can be read") else { continue };
        let action = match &event {
            Event::ProsumerRegistered { prosumer, .. } => Some((*prosumer, "registered")),
            Event::AssetsWithdrawn { account, .. } => Some((*account, "withdrew assets")),
            Event::Deposited { account, .. } => Some((*account, "deposited")),
            _ => None,
        };
        view.apply(&event).expect("the market's logs follow from each other");
        if let Some(action) = action {
            *books.actions.entry(action).or_default() += 1;
        }
    }
    books.energy = view.final_intervals().map(|(IntervalIndex(interval), last)| (interval, last.value.0)).collect();
    for home in 0..HOMES {
        let account = keys[FIRST_HOME + home].address();
        books.actions.insert((account, "offered"), view.offers_of(account).count() as u64);
        books.credits.insert(account, view.account(account).map_or(0, |account| account.credits.0));
    }
    books
}

impl Books {
    /// All energy that was traded, Wh.
    pub fn traded(&self) -> u64 {
        self.energy.values().sum()
    }

    /// All money, whoever has it.
    pub fn money(&self) -> u128 {
        self.credits.values().sum()
    }

    /// Energy that `self` has traded in an interval, and `other` has not.
    pub fn energy_lost(&self, other: &Self) -> u64 {
        let lost = |(interval, traded): (&u32, &u64)| traded.abs_diff(other.energy.get(interval).copied().unwrap_or(0));
        self.energy.iter().map(lost).sum()
    }

    /// Money that somebody has here and not in `other`, or the other way round, base units.
    pub fn money_lost(&self, other: &Self) -> u128 {
        let lost =
            |(account, credits): (&Address, &u128)| credits.abs_diff(other.credits.get(account).copied().unwrap_or(0));
        self.credits.iter().map(lost).sum()
    }

    /// How often something was done in `other` more often than here.
    pub fn repeated(&self, other: &Self) -> u64 {
        let more = |(action, times): (&(Address, &'static str), &u64)| {
            times.saturating_sub(self.actions.get(action).copied().unwrap_or(0))
        };
        other.actions.iter().map(more).sum()
    }
}
