//! The engine against an independent program in whole numbers: every pair of a seller, a buyer and an interval is a
//! variable, every rule a row, and nothing is merged, pruned or rounded.

use std::{collections::BTreeMap, time::Duration};

use matching::{Formulation, Matching, MatchingError, Objective, Options, Problem, solve};
use optimizer::{Backend, Comparison, InProcess, LinearProgram, Optimize, Variable};
use proptest::prelude::*;
use transax::{PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId};

mod random;

const AMPLE: Duration = Duration::from_mins(2);

type Terms = Vec<(Variable, f64)>;

/// What a watt-hour of a pair counts.
type Merit = fn(u64, u64) -> f64;

struct Reference {
    program: LinearProgram,
    pairs: Vec<(IntervalIndex, OfferId, OfferId, Variable)>,
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn real(number: u64) -> f64 {
    number as f64
}

impl Reference {
    fn new(problem: &Problem, merit: Merit) -> Self {
        let mut reference = Self { program: LinearProgram::new(), pairs: Vec::new() };
        let mut offers: BTreeMap<OfferId, Terms> = BTreeMap::new();
        let mut cells: BTreeMap<(IntervalIndex, GroupId), [Terms; 2]> = BTreeMap::new();
        for interval in (problem.first.0..=problem.last.0).map(IntervalIndex) {
            let of = |side| {
                problem
                    .offers
                    .iter()
                    .filter(move |(_, offer)| offer.side == side && offer.start <= interval && interval <= offer.end)
            };
            for (seller, ask) in of(Side::Sell) {
                for (buyer, bid) in of(Side::Buy).filter(|(_, bid)| ask.price <= bid.price) {
                    let most = real(ask.remaining.0.min(bid.remaining.0));
                    let variable = reference.program.add_integer(merit(ask.price.0, bid.price.0), 0.0, most);
                    reference.pairs.push((interval, *seller, *buyer, variable));
                    for (side, (id, offer)) in [(seller, ask), (buyer, bid)].into_iter().enumerate() {
                        offers.entry(*id).or_default().push((variable, 1.0));
                        cells.entry((interval, offer.group)).or_default()[side].push((variable, 1.0));
                    }
                }
            }
        }
        for (id, terms) in offers {
            reference.program.add_row(terms, Comparison::AtMost, real(problem.offers[&id].remaining.0));
        }
        for ((_, group), [sold, bought]) in cells {
            reference.add_limits(problem, group, &sold, &bought);
        }
        reference
    }

    fn add_limits(&mut self, problem: &Problem, group: GroupId, sold: &Terms, bought: &Terms) {
        let limits = problem.limits(group);
        if let Some(internal) = limits.internal {
            self.program.add_row(sold.iter().copied(), Comparison::AtMost, real(internal.0));
            self.program.add_row(bought.iter().copied(), Comparison::AtMost, real(internal.0));
        }
        if let Some(external) = limits.external {
            for sign in [1.0, -1.0] {
                let sold = sold.iter().map(|(variable, _)| (*variable, sign));
                let bought = bought.iter().map(|(variable, _)| (*variable, -sign));
                self.program.add_row(sold.chain(bought), Comparison::AtMost, real(external.0));
            }
        }
    }

    /// One price an interval: a pair needs that some price between its own is the interval's.
    fn with_one_price(mut self, problem: &Problem) -> Self {
        let mut prices: Vec<u64> = problem.offers.values().map(|offer| offer.price.0).collect();
        prices.sort_unstable();
        prices.dedup();
        for interval in (problem.first.0..=problem.last.0).map(IntervalIndex) {
            let chosen: Vec<_> = prices.iter().map(|price| (*price, self.program.add_integer(0.0, 0.0, 1.0))).collect();
            self.program.add_row(chosen.iter().map(|(_, variable)| (*variable, 1.0)), Comparison::AtMost, 1.0);
            for (_, seller, buyer, pair) in self.pairs.iter().filter(|pair| pair.0 == interval) {
                let (ask, bid) = (&problem.offers[seller], &problem.offers[buyer]);
                let most = real(ask.remaining.0.min(bid.remaining.0));
                let suiting = chosen.iter().filter(|(price, _)| (ask.price.0..=bid.price.0).contains(price));
                let terms = suiting.map(|(_, variable)| (*variable, -most)).chain([(*pair, 1.0)]);
                self.program.add_row(terms, Comparison::AtMost, 0.0);
            }
        }
        self
    }

    fn with_energy(mut self, energy: u64) -> Self {
        let terms: Vec<_> = self.pairs.iter().map(|(.., variable)| (*variable, 1.0)).collect();
        self.program.add_row(terms, Comparison::AtLeast, real(energy));
        self
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and not negative")]
    fn optimum(&self) -> u64 {
        InProcess(Backend::Cbc).solve(&self.program, AMPLE).expect("solved").objective.round() as u64
    }
}

fn solved(problem: &Problem, objective: Objective, formulation: Formulation) -> Result<Matching, MatchingError> {
    let options = Options { objective, deadline: AMPLE, ..Options::default() };
    let matching = solve(problem, &InProcess(Backend::Cbc), &options, formulation)?;
    assert_eq!(problem.check(&matching.trades), Ok(matching.value));
    Ok(matching)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_finds_the_integer_optimum_and_proves_it(problem in random::problems(PriceRule::Midpoint, 14, 60)) {
        let optimum = Reference::new(&problem, |_, _| 1.0).optimum();
        for formulation in [Formulation::Auto, Formulation::FirstOrder] {
            let matching = solved(&problem, Objective::Energy, formulation).expect("solved");
            prop_assert_eq!((matching.value.0, matching.upper_bound.0), (optimum, optimum), "{:?}", formulation);
        }
        if let Ok(matching) = solved(&problem, Objective::Energy, Formulation::Flow) {
            prop_assert_eq!((matching.value.0, matching.upper_bound.0), (optimum, optimum));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_most_benefit_is_found(problem in random::problems(PriceRule::Midpoint, 14, 60)) {
        let merit: Merit = |ask, bid| real(bid - ask);
        let matching = solved(&problem, Objective::Benefit, Formulation::Auto).expect("solved");
        let optimum = u128::from(Reference::new(&problem, merit).optimum());
        prop_assert_eq!((matching.benefit, matching.benefit_bound), (optimum, Some(optimum)));
        let energy = solved(&problem, Objective::Energy, Formulation::Auto).expect("solved").value;
        let both = solved(&problem, Objective::EnergyThenBenefit, Formulation::Auto).expect("solved");
        let optimum = u128::from(Reference::new(&problem, merit).with_energy(energy.0).optimum());
        prop_assert_eq!((both.value, both.benefit), (energy, optimum));
    }

    #[test]
    fn one_price_an_interval_trades_the_most_that_it_can(problem in random::problems(PriceRule::Uniform, 12, 40)) {
        let optimum = Reference::new(&problem, |_, _| 1.0).with_one_price(&problem).optimum();
        let matching = solved(&problem, Objective::Energy, Formulation::Auto).expect("solved");
        prop_assert_eq!((matching.value.0, matching.upper_bound.0), (optimum, optimum));
    }

    #[test]
    fn fewer_trades_are_feasible_and_lose_no_more_than_they_held(
        problem in random::problems(PriceRule::Midpoint, 20, 60),
        most in 0_usize..8,
    ) {
        let all = solved(&problem, Objective::Energy, Formulation::Auto).expect("solved");
        let options = Options { most_trades: Some(most), deadline: AMPLE, ..Options::default() };
        let some = solve(&problem, &InProcess(Backend::Cbc), &options, Formulation::Auto).expect("solved");
        prop_assert!(some.trades.len() <= most && some.value <= all.value);
        prop_assert_eq!(problem.check(&some.trades), Ok(some.value));
        if all.trades.len() <= most {
            prop_assert_eq!(some.trades, all.trades);
        }
    }
}
