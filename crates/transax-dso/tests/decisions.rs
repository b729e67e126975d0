//! What the finaliser decides, on markets of the rules crate.

use alloy_primitives::Address;
use bindings::Call;
use runtime::{Agent, Intent};
use transax::{Event, GroupLimits, Market, Params, Plan, PriceRule, Refusal, Side, Trade};
use transax_dso::Dso;
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

const OPERATOR: Address = Address::repeat_byte(0xd5);
const SELLER: Address = Address::repeat_byte(1);
const BUYER: Address = Address::repeat_byte(2);
const GENESIS: u64 = 1_000_000;
const DELTA: u64 = 100;

/// A market whose candidate trades 100 Wh in interval 0 and 200 Wh in interval 1.
fn market() -> Market {
    let mut market = Market::new(Params {
        dso: OPERATOR,
        token: Address::repeat_byte(0xee),
        genesis: GENESIS,
        interval_seconds: 100,
        clear_intervals: 1,
        plan_horizon: 4,
        offer_horizon: 12,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    });
    let now = GENESIS - 2 * DELTA;
    let (first, last) = (IntervalIndex(0), IntervalIndex(3));
    let (energy, limit) = (WattHours(500), WattHours(1000));
    apply(&mut market, |market| market.add_group(OPERATOR, GroupLimits::default()));
    for (account, side, price) in [(SELLER, Side::Sell, 100_000), (BUYER, Side::Buy, 200_000)] {
        let meter = Address::repeat_byte(0xa0 | account[0]);
        apply(&mut market, |market| market.register_smart_meter(OPERATOR, meter, GroupId(0), limit, limit));
        apply(&mut market, |market| market.register_prosumer(account, meter, true));
        apply(&mut market, |market| market.deposit_credits(account, Money(1_000_000)));
        apply(&mut market, |market| market.withdraw_assets(account, now, side, first, last, energy));
        apply(&mut market, |market| market.post_offer(account, now, side, energy, Price(price), first, last));
    }
    let trades = [(0, 100), (1, 200)].map(|(interval, energy)| Trade {
        interval: IntervalIndex(interval),
        seller: OfferId(1),
        buyer: OfferId(2),
        energy: WattHours(energy),
    });
    let plan = Plan::new(trades);
    apply(&mut market, |market| market.post_solution(OPERATOR, now, plan.value(), &plan.encode()));
    market
}

fn apply(market: &mut Market, call: impl FnOnce(&Market) -> Result<Vec<Event>, Refusal>) {
    for event in call(market).expect("the contract takes the call") {
        market.apply(&event).expect("an accepted call's events follow from the state");
    }
}

fn decide(market: &Market, now: u64) -> Vec<Intent> {
    Dso::new("dso").decide(market, now)
}

/// Carries out the one intent there is at `now`; returns what the contract emits.
fn finalize(market: &mut Market, now: u64) -> Vec<Event> {
    let intents = decide(market, now);
    let [Intent { call: Call::Finalize { links, legs }, .. }] = &intents[..] else { panic!("{intents:?}") };
    let events = market.finalize(now, links, legs).expect("the contract takes what the agent wants");
    events.iter().try_for_each(|event| market.apply(event)).expect("events follow from the state");
    events
}

/// Intervals that lapsed and that became final, with what they were worth.
fn outline(events: &[Event]) -> Vec<(&str, u32, u64)> {
    let outline = events.iter().map(|event| match event {
        Event::Lapsed { interval, value } => ("lapsed", interval.0, value.0),
        Event::Finalized { interval, value, .. } => ("final", interval.0, value.0),
        other => panic!("{other:?}"),
    });
    outline.collect()
}

#[test]
fn nothing_is_wanted_before_the_next_interval_may_become_final() {
    let market = market();
    assert_eq!(decide(&market, market.params().finalizable_at(IntervalIndex(0)) - 1), []);
}

#[test]
fn an_interval_is_finalised_as_soon_as_it_may_be() {
    let mut market = market();
    let now = market.params().finalizable_at(IntervalIndex(0));
    assert_eq!(outline(&finalize(&mut market, now)), [("final", 0, 100)]);
}

#[test]
fn an_interval_is_finalised_once() {
    let mut market = market();
    let now = market.params().finalizable_at(IntervalIndex(0));
    finalize(&mut market, now);
    assert_eq!(decide(&market, now), []);
    assert_eq!(decide(&market, market.params().finalizable_at(IntervalIndex(1)) - 1), []);
}

#[test]
fn one_interval_after_the_other_becomes_final_whether_it_trades_or_not() {
    let mut market = market();
    let events = (0..4).flat_map(|interval| {
        let now = market.params().finalizable_at(IntervalIndex(interval));
        finalize(&mut market, now)
    });
    let events: Vec<_> = events.collect();
    assert_eq!(outline(&events), [("final", 0, 100), ("final", 1, 200), ("final", 2, 0), ("final", 3, 0)]);
}

#[test]
fn what_lapsed_is_shed_when_the_next_interval_becomes_final() {
    let mut market = market();
    let now = market.params().start_of(IntervalIndex(0));
    assert_eq!(outline(&finalize(&mut market, now)), [("lapsed", 0, 100), ("final", 1, 200)]);
}

#[test]
fn a_candidate_that_lapsed_as_a_whole_is_taken_away() {
    let mut market = market();
    let now = market.params().start_of(IntervalIndex(5));
    let expected = [("lapsed", 0, 100), ("lapsed", 1, 200), ("final", 6, 0)];
    assert_eq!(outline(&finalize(&mut market, now)), expected);
    assert_eq!(market.candidate(), None);
}

#[test]
fn a_finaliser_that_was_stopped_wants_the_same_again() {
    let market = market();
    let now = market.params().finalizable_at(IntervalIndex(0));
    let mut dso = Dso::new("dso");
    assert_eq!(dso.decide(&market, now), decide(&market, now));
    assert_eq!(dso.decide(&market, now), decide(&market, now + 1));
}

#[test]
fn each_interval_is_another_intent() {
    let mut market = market();
    let now = market.params().finalizable_at(IntervalIndex(0));
    let first = decide(&market, now);
    finalize(&mut market, now);
    let second = decide(&market, now + DELTA);
    assert_ne!(first[0].key, second[0].key);
}
