//! From a market's events to a plan that its rules accept.

use std::time::Duration;

use alloy_primitives::Address;
use matching::{Formulation, Options, Problem, solve};
use optimizer::{Backend, InProcess};
use transax::{Event, Market, Params, PriceRule, Side};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

const NOW: u64 = 1_000;

fn params(price_rule: PriceRule) -> Params {
    Params {
        dso: Address::repeat_byte(1),
        token: Address::repeat_byte(2),
        genesis: 2_000,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 6,
        offer_horizon: 20,
        price_rule,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    }
}

/// Six prosumers in three groups; those with even numbers sell.
fn market(price_rule: PriceRule) -> Market {
    let mut events = Vec::new();
    for group in 0..3 {
        let (internal_limit, external_limit) = (Some(WattHours(900)), Some(WattHours(400 + 100 * u64::from(group))));
        events.push(Event::GroupAdded { group: GroupId(group), internal_limit, external_limit });
    }
    for number in 0..6_u8 {
        let (meter, prosumer) = (Address::repeat_byte(10 + number), Address::repeat_byte(20 + number));
        let limit = WattHours(5_000);
        let group = GroupId(u16::from(number) % 3);
        events.push(Event::SmartMeterRegistered { meter, group, production_limit: limit, consumption_limit: limit });
        events.push(Event::ProsumerRegistered { prosumer, meter, owner: OwnerId(u32::from(number) + 1) });
        let side = if number % 2 == 0 { Side::Sell } else { Side::Buy };
        let (start, last) = (IntervalIndex(u32::from(number) / 2), IntervalIndex(9));
        events.push(Event::AssetsWithdrawn { account: prosumer, side, first: IntervalIndex(0), last, energy: limit });
        events.push(Event::CreditsDeposited { account: prosumer, amount: Money(10_000_000) });
        events.push(Event::OfferPosted {
            offer: OfferId(u32::from(number) + 1),
            account: prosumer,
            group,
            side,
            energy: WattHours(1_000 + 333 * u64::from(number)),
            price: Price(150_000 + 10_000 * u64::from(number)),
            start,
            end: IntervalIndex(start.0 + 4),
        });
    }
    let mut market = Market::new(params(price_rule));
    for event in &events {
        market.apply(event).expect("a possible history");
    }
    market
}

#[test]
fn the_rules_accept_what_is_matched() {
    for price_rule in [PriceRule::Midpoint, PriceRule::Uniform] {
        let market = market(price_rule);
        let problem = Problem::from_market(&market, NOW, u32::MAX);
        assert_eq!((problem.first, problem.last, problem.offers.len()), (IntervalIndex(0), IntervalIndex(6), 6));
        let options = Options {
            tie_break: Some(Options::EXPIRING_FIRST),
            deadline: Duration::from_mins(1),
            ..Options::default()
        };
        let matching = solve(&problem, &InProcess(Backend::Cbc), &options, Formulation::Auto).expect("solved");
        let verified = market.verify_plan(NOW, &matching.trades).expect("feasible");
        assert_eq!(verified.value, matching.value);
        assert!(matching.value.0 > 2_000, "{matching:?}");
    }
}

#[test]
fn a_solver_may_look_less_far_than_a_plan_may_reach() {
    let problem = Problem::from_market(&market(PriceRule::Midpoint), NOW, 1);
    assert_eq!((problem.first, problem.last), (IntervalIndex(0), IntervalIndex(1)));
    assert_eq!(problem.offers.len(), 4, "the others begin later");
}
