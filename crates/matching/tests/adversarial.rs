//! Problems at the edges.

use std::{collections::BTreeMap, time::Duration};

use matching::{Formulation, Matching, OpenOffer, Options, Problem, solve};
use optimizer::{Backend, InProcess};
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

/// The most that a contract holds in one number.
const HUGE: u64 = u32::MAX as u64 - 1;

fn offer(side: Side, group: u16, price: u64, (start, end): (u32, u32), energy: u64) -> OpenOffer {
    let (start, end) = (IntervalIndex(start), IntervalIndex(end));
    OpenOffer { side, group: GroupId(group), price: Price(price), start, end, remaining: WattHours(energy) }
}

fn problem(offers: Vec<OpenOffer>, limits: &[(u64, u64)]) -> Problem {
    let limits = limits.iter().map(|(internal, external)| GroupLimits {
        internal: Some(WattHours(*internal)),
        external: Some(WattHours(*external)),
    });
    Problem {
        first: IntervalIndex(0),
        last: IntervalIndex(3),
        offers: (1..).map(OfferId).zip(offers).collect(),
        groups: (0..).map(GroupId).zip(limits).collect::<BTreeMap<_, _>>(),
        price_rule: PriceRule::Midpoint,
    }
}

/// Solves in every way; each must trade all that is possible.
#[track_caller]
fn assert_trades(problem: &Problem, energy: u64) -> Matching {
    let solved = [Formulation::Dense, Formulation::Auto, Formulation::Compact].map(|formulation| {
        let options = Options { tie_break: None, deadline: Duration::from_mins(1), ..Options::default() };
        let matching = solve(problem, &InProcess(Backend::Cbc), &options, formulation).expect("solved");
        assert_eq!(problem.check(&matching.trades), Ok(matching.value), "{formulation:?}");
        assert_eq!((matching.value.0, matching.upper_bound.0), (energy, energy), "{formulation:?}");
        matching
    });
    let [.., compact] = solved;
    compact
}

#[test]
fn nothing_is_traded_without_offers() {
    assert_trades(&problem(Vec::new(), &[(5, 5)]), 0);
}

#[test]
fn nothing_is_traded_where_one_side_is_empty() {
    for side in [Side::Sell, Side::Buy] {
        assert_trades(&problem(vec![offer(side, 0, 1, (0, 3), 10); 3], &[(5, 5)]), 0);
    }
}

#[test]
fn nothing_is_traded_where_sides_never_meet() {
    let apart_in_price = vec![offer(Side::Sell, 0, 2, (0, 3), 10), offer(Side::Buy, 0, 1, (0, 3), 10)];
    assert_trades(&problem(apart_in_price, &[]), 0);
    let apart_in_time = vec![offer(Side::Sell, 0, 1, (0, 1), 10), offer(Side::Buy, 0, 2, (2, 3), 10)];
    assert_trades(&problem(apart_in_time, &[]), 0);
    let after_the_problem = vec![offer(Side::Sell, 0, 1, (4, 9), 10), offer(Side::Buy, 0, 2, (4, 9), 10)];
    assert_trades(&problem(after_the_problem, &[]), 0);
}

#[test]
fn limits_of_zero_stop_what_they_limit() {
    let across = vec![offer(Side::Sell, 0, 1, (0, 3), 10), offer(Side::Buy, 1, 2, (0, 3), 10)];
    assert_trades(&problem(across.clone(), &[(0, 9), (9, 9)]), 0);
    assert_trades(&problem(across.clone(), &[(9, 9), (9, 0)]), 0);
    assert_trades(&problem(across, &[(2, 9), (9, 1)]), 4);
    let within = vec![offer(Side::Sell, 0, 1, (0, 3), 10), offer(Side::Buy, 0, 2, (0, 3), 10)];
    assert_trades(&problem(within, &[(9, 0)]), 10);
}

#[test]
fn groups_that_may_export_nothing_trade_in_a_circle() {
    let circle = [(0, 10), (1, 20), (2, 30)].map(|(group, price)| {
        [offer(Side::Sell, group, price, (1, 1), 7), offer(Side::Buy, (group + 2) % 3, price, (1, 1), 7)]
    });
    assert_trades(&problem(circle.into_iter().flatten().collect(), &[(9, 0); 3]), 21);
}

#[test]
fn at_equal_prices_everybody_can_trade() {
    let offers = vec![
        offer(Side::Buy, 0, 5, (0, 3), 4),
        offer(Side::Sell, 1, 5, (1, 2), 3),
        offer(Side::Buy, 2, 5, (2, 2), 9),
        offer(Side::Sell, 0, 5, (0, 0), 6),
    ];
    let matching = assert_trades(&problem(offers, &[]), 7);
    assert_eq!(matching.variables, 2 + 2 + 3, "one price needs no ladder: {matching:?}");
}

#[test]
fn a_cheap_seller_is_not_wasted_on_a_dear_buyer() {
    let offers = vec![
        offer(Side::Sell, 0, 1, (0, 0), 5),
        offer(Side::Sell, 0, 3, (0, 0), 5),
        offer(Side::Buy, 0, 2, (0, 0), 5),
        offer(Side::Buy, 0, 4, (0, 0), 5),
    ];
    assert_eq!(assert_trades(&problem(offers, &[]), 10).trades.len(), 2);
}

#[test]
fn a_problem_may_have_one_interval() {
    let mut one = problem(vec![offer(Side::Sell, 0, 1, (0, 9), 8), offer(Side::Buy, 0, 1, (0, 9), 5)], &[(4, 0)]);
    (one.first, one.last) = (IntervalIndex(2), IntervalIndex(2));
    assert_trades(&one, 4);
}

#[test]
fn energies_may_fill_the_contracts_numbers() {
    let sells = (0..4).map(|t| offer(Side::Sell, 0, 1 + u64::from(t), (0, t), HUGE - u64::from(t)));
    let buys = (0..4).map(|t| offer(Side::Buy, 1, 4, (t, 3), HUGE));
    let offers: Vec<OpenOffer> = sells.chain(buys).collect();
    assert_trades(&problem(offers.clone(), &[]), 4 * HUGE - 6);
    assert_trades(&problem(offers, &[(HUGE - 1, HUGE - 7), (HUGE, HUGE)]), 4 * HUGE - 28);
}
