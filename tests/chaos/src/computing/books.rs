//! What a match came to.

use std::collections::BTreeMap;

use ::modicum::{Ending, Event};
use alloy::primitives::{Address, address};
use bindings::contracts::PaymentToken;
use runtime::Modicum;

use super::{
    market,
    roles::{ALL, key},
};
use crate::world::World;

/// Where burned tokens go.
const ASHES: Address = address!("000000000000000000000000000000000000dEaD");

const OFFERED: &str = "resource offered";

/// What a match came to. Amounts in base units of the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// How matches ended, in order.
    pub endings: Vec<Ending>,
    /// How often each thing was done.
    pub done: BTreeMap<&'static str, u64>,
    /// What each has, in the market and outside.
    pub money: BTreeMap<&'static str, u128>,
    /// What came in and neither went out, nor is held for somebody, nor was burned; or the other way round.
    pub missing: u128,
    /// Whether the creator has the result that it accepted.
    pub has_result: bool,
}

pub async fn read(world: &World, market: &Modicum, has_result: bool) -> Books {
    let mut done = BTreeMap::new();
    for (event, _) in market::events(&world.anvil, market).await {
        if let Some(what) = name(&event) {
            *done.entry(what).or_default() += 1;
        }
    }
    let tokens_of = async |account: Address| {
        let call = PaymentToken::balanceOfCall { account };
        let balance = world.anvil.client().read(market.place().token, &call).await;
        balance.expect("the token tells").saturating_to::<u128>()
    };
    let view = market::view(&world.anvil, market).await;
    let mut money = BTreeMap::new();
    for role in ALL {
        let account = key(&world.keys, role).address();
        let services = view.market().services().iter().filter(|service| service.owner == account);
        let held = view.market().funds(account) + services.map(|service| service.stake).sum::<u128>();
        money.insert(role, held + tokens_of(account).await);
    }
    let ledger = view.ledger();
    let accounted = ledger.paid_out + ledger.held() + ledger.burned;
    // What was burned stays until somebody sends it away.
    let there = tokens_of(market.place().market).await + tokens_of(ASHES).await;
    let missing = ledger.paid_in.abs_diff(accounted) + there.abs_diff(ledger.held() + ledger.burned);
    let closings = view.courses().filter_map(|(_, course)| course.closing);
    Books { endings: closings.map(|closing| closing.ending).collect(), done, money, missing, has_result }
}

/// What a match is made of, each by what is done.
const fn name(event: &Event) -> Option<&'static str> {
    match event {
        Event::ResourceOffered { .. } => Some(OFFERED),
        Event::JobOffered { .. } => Some("job offered"),
        Event::OfferCancelled { .. } => Some("offer taken back"),
        Event::Matched { .. } => Some("matched"),
        Event::ResultPosted { .. } => Some("result posted"),
        Event::ResultRejected { .. } => Some("result rejected"),
        Event::VerdictPosted { .. } => Some("judged"),
        Event::MatchClosed { .. } => Some("ended"),
        _ => None,
    }
}

impl Books {
    /// How often something was done in `other` more often than here.
    pub fn repeated(&self, other: &Self) -> u64 {
        let times = |what| self.done.get(what).copied().unwrap_or(0);
        other.done.iter().map(|(what, done)| done.saturating_sub(times(what))).sum()
    }

    /// How often something was done that is done at most once, or, an offer of a resource, once more than matches end.
    pub fn too_often(&self) -> u64 {
        let ended = self.done.get("ended").copied().unwrap_or(0);
        let most = |what: &str| if what == OFFERED { 1 + ended } else { 1 };
        self.done.iter().map(|(what, times)| times.saturating_sub(most(what))).sum()
    }

    /// How often something was done here and not in `other`.
    pub fn left_out(&self, other: &Self) -> u64 {
        other.repeated(self)
    }

    /// Money that somebody has here and not in `other`, or the other way round.
    pub fn money_lost(&self, other: &Self) -> u128 {
        let lost = |(role, has): (&&str, &u128)| has.abs_diff(other.money.get(*role).copied().unwrap_or(0));
        self.money.iter().map(lost).sum()
    }
}
