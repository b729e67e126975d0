//! What holds for every problem.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use matching::{Formulation, Matching, OpenOffer, Options, Problem, day_optimum, solve};
use optimizer::{Backend, InProcess};
use proptest::prelude::*;
use transax::{GroupLimits, PriceRule, Side, Trade};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

const AMPLE: Duration = Duration::from_mins(1);
const GROUPS: u16 = 3;
const INTERVALS: u32 = 5;

fn offers() -> impl Strategy<Value = OpenOffer> {
    let side = prop_oneof![Just(Side::Sell), Just(Side::Buy)];
    // Some offers begin before the problem does, or end after it.
    (side, 0..GROUPS, 1_u64..9, 0..INTERVALS + 2, 0_u32..6, 0_u64..2_000).prop_map(
        |(side, group, price, start, length, energy)| OpenOffer {
            side,
            group: GroupId(group),
            price: Price(if side == Side::Sell { price } else { price + 3 }),
            start: IntervalIndex(start),
            end: IntervalIndex(start + length),
            remaining: WattHours(energy),
        },
    )
}

fn limits() -> impl Strategy<Value = GroupLimits> {
    let limit = || prop::option::weighted(0.8, (0_u64..1_500).prop_map(WattHours));
    (limit(), limit()).prop_map(|(internal, external)| GroupLimits { internal, external })
}

fn problems(price_rule: PriceRule) -> impl Strategy<Value = Problem> {
    let offers = prop::collection::vec(offers(), 0..24);
    (offers, prop::collection::vec(limits(), usize::from(GROUPS))).prop_map(move |(offers, limits)| Problem {
        first: IntervalIndex(1),
        last: IntervalIndex(INTERVALS),
        offers: (1..).map(OfferId).zip(offers).collect(),
        groups: (0..).map(GroupId).zip(limits).collect(),
        price_rule,
    })
}

fn options(tie_break: Option<f64>) -> Options {
    Options { tie_break, deadline: AMPLE, ..Options::default() }
}

fn solved(problem: &Problem, tie_break: Option<f64>, formulation: Formulation) -> Matching {
    solve(problem, &InProcess(Backend::Cbc), &options(tie_break), formulation).expect("solved")
}

/// In each interval fewer trades than offers that trade.
fn trades_are_few(trades: &[Trade]) -> bool {
    let mut intervals: BTreeMap<IntervalIndex, (usize, BTreeSet<OfferId>)> = BTreeMap::new();
    for trade in trades {
        let (count, offers) = intervals.entry(trade.interval).or_default();
        *count += 1;
        offers.extend([trade.seller, trade.buyer]);
    }
    intervals.values().all(|(count, offers)| *count < offers.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The bound is a whole number: the test of the programs themselves compares real ones.
    #[test]
    fn compact_and_dense_have_one_bound_and_nearly_one_value(problem in problems(PriceRule::Midpoint)) {
        for tie_break in [None, Some(Options::EXPIRING_FIRST)] {
            let [compact, dense] =
                [Formulation::Compact, Formulation::Dense].map(|formulation| solved(&problem, tie_break, formulation));
            prop_assert_eq!((compact.formulation, dense.formulation), (Formulation::Compact, Formulation::Dense));
            prop_assert_eq!(compact.upper_bound, dense.upper_bound);
            for matching in [compact, dense] {
                prop_assert_eq!(problem.check(&matching.trades), Ok(matching.value));
                prop_assert!(trades_are_few(&matching.trades));
                let lost = matching.upper_bound.0 - matching.value.0;
                prop_assert!(lost <= 8, "{} Wh of {} by {:?}", lost, matching.upper_bound, matching.formulation);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tie_break_costs_no_energy(problem in problems(PriceRule::Midpoint)) {
        let matching = solve(&problem, &InProcess(Backend::Cbc), &options(Some(Options::EXPIRING_FIRST)), Formulation::Auto).expect("solved");
        prop_assert_eq!(matching.upper_bound, day_optimum(&problem, AMPLE));
    }

    #[test]
    fn a_plan_of_uniform_prices_is_feasible(problem in problems(PriceRule::Uniform)) {
        let matching = solve(&problem, &InProcess(Backend::Cbc), &options(None), Formulation::Auto).expect("solved");
        prop_assert_eq!(problem.check(&matching.trades), Ok(matching.value));
        prop_assert!(matching.value <= matching.upper_bound);
        prop_assert_eq!(matching.value.0 == 0, matching.upper_bound.0 == 0);
    }

    #[test]
    fn trades_are_sorted_and_follow_from_the_problem_alone(problem in problems(PriceRule::Midpoint)) {
        let first = solve(&problem, &InProcess(Backend::Cbc), &options(None), Formulation::Auto).expect("solved");
        let again = solve(&problem, &InProcess(Backend::Cbc), &options(None), Formulation::Auto).expect("solved");
        prop_assert_eq!(&first, &again);
        let order: Vec<_> = first.trades.iter().map(|trade| (trade.interval, trade.seller, trade.buyer)).collect();
        let ascends = order.windows(2).all(|two| two[0] < two[1]);
        prop_assert!(ascends);
    }
}
