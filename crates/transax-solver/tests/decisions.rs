//! What the solver decides, on markets of the rules crate.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

use alloy_primitives::Address;
use bindings::Call;
use matching::Formulation;
use optimizer::{Backend, InProcess, LinearProgram, Optimize, OptimizerError, Solution};
use runtime::{Agent, Intent};
use transax::{Event, GroupLimits, Market, Params, PriceRule, Refusal, Side};
use transax_solver::{Settings, Solver};
use units::{GroupId, IntervalIndex, Money, Price, WattHours};

const DSO: Address = Address::repeat_byte(0xd5);
const SELLER: Address = Address::repeat_byte(1);
const BUYER: Address = Address::repeat_byte(2);
const GENESIS: u64 = 1_000_000;
/// Interval 0 is the next, and nothing is frozen or guarded.
const NOW: u64 = GENESIS - 200;

/// Counts what it solves, and fails where it is told to.
#[derive(Default)]
struct Counting {
    solves: AtomicUsize,
    is_broken: AtomicBool,
}

impl Optimize for Counting {
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        self.solves.fetch_add(1, Ordering::Relaxed);
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(OptimizerError::DeadlineExceeded { deadline });
        }
        InProcess(Backend::Cbc).solve(program, deadline)
    }
}

impl Counting {
    fn solves(&self) -> usize {
        self.solves.load(Ordering::Relaxed)
    }
}

struct Stage {
    market: Market,
    optimizer: Arc<Counting>,
    solver: Solver,
}

impl Stage {
    /// A market of a seller and a buyer without offers, and a solver.
    fn new(settings: Settings) -> Self {
        let market = Market::new(Params {
            dso: DSO,
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
        let optimizer = Arc::new(Counting::default());
        let solver = Solver::new("solver", settings, optimizer.clone());
        let mut stage = Self { market, optimizer, solver };
        stage.apply(|market| market.add_group(DSO, GroupLimits::default()));
        let (limit, last) = (WattHours(10_000), IntervalIndex(12));
        for (account, side) in [(SELLER, Side::Sell), (BUYER, Side::Buy)] {
            let meter = Address::repeat_byte(0xa0 | account[0]);
            stage.apply(|market| market.register_smart_meter(DSO, meter, GroupId(0), limit, limit));
            stage.apply(|market| market.register_prosumer(account, meter, true));
            stage.apply(|market| market.deposit_credits(account, Money(1_000_000_000)));
            stage.apply(|market| market.withdraw_assets(account, NOW, side, IntervalIndex(0), last, limit));
        }
        stage
    }

    fn apply(&mut self, call: impl FnOnce(&Market) -> Result<Vec<Event>, Refusal>) {
        for event in call(&self.market).expect("the contract takes the call") {
            self.market.apply(&event).expect("an accepted call's events follow from the state");
        }
    }

    /// A sell and a buy offer of this much energy, which match in any interval of the span.
    fn post_pair(&mut self, energy: u64, start: u32, end: u32) {
        let (start, end, energy) = (IntervalIndex(start), IntervalIndex(end), WattHours(energy));
        for (account, side, price) in [(SELLER, Side::Sell, 100_000), (BUYER, Side::Buy, 200_000)] {
            self.apply(|market| market.post_offer(account, NOW, side, energy, Price(price), start, end));
        }
    }

    fn decide(&mut self, now: u64) -> Vec<Intent> {
        self.solver.decide(&self.market, now)
    }

    /// What the plan that the solver wants to post is worth; 0 where it wants none.
    fn wanted(&mut self, now: u64) -> u64 {
        match &self.decide(now)[..] {
            [] => 0,
            [Intent { call: Call::PostSolution { value, .. }, .. }] => value.0,
            other => panic!("{other:?}"),
        }
    }

    /// Carries out the one intent there is at `now`.
    fn post(&mut self, now: u64) {
        let intents = self.decide(now);
        let [Intent { call: Call::PostSolution { value, plan }, .. }] = &intents[..] else { panic!("{intents:?}") };
        self.apply(|market| market.post_solution(Address::repeat_byte(9), now, *value, plan));
    }
}

fn stage() -> Stage {
    // The compact program is asked of the optimizer, whose calls are counted.
    Stage::new(Settings { formulation: Formulation::Compact, ..Settings::default() })
}

#[test]
fn the_plan_it_posts_is_taken_and_trades_all_that_matches() {
    let mut stage = stage();
    stage.post_pair(300, 0, 1);
    stage.post_pair(200, 2, 4);
    stage.post(NOW);
    assert_eq!(stage.market.candidate().map(|candidate| candidate.value), Some(WattHours(500)));
}

#[test]
fn a_market_where_nothing_matches_gets_no_plan() {
    let mut stage = stage();
    assert_eq!(stage.decide(NOW), []);
    stage.apply(|market| {
        let (energy, price, at) = (WattHours(100), Price(100_000), IntervalIndex(0));
        market.post_offer(SELLER, NOW, Side::Sell, energy, price, at, at)
    });
    assert_eq!(stage.decide(NOW), []);
}

#[test]
fn while_the_next_interval_waits_to_become_final_nothing_is_sought() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    let frozen = stage.market.params().finalizable_at(IntervalIndex(0));
    assert_eq!(stage.decide(frozen), []);
    assert_eq!(stage.optimizer.solves(), 0);
    assert_eq!(stage.wanted(frozen - 1), 300);
}

#[test]
fn nothing_is_solved_again_while_nothing_changes() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    let plans: Vec<_> = (0..3).map(|seconds| stage.wanted(NOW + seconds)).collect();
    assert_eq!((plans, stage.optimizer.solves()), (vec![300; 3], 1));
}

#[test]
fn a_plan_that_was_taken_is_not_posted_again() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    stage.post(NOW);
    assert_eq!(stage.decide(NOW + 1), []);
    assert_eq!(stage.optimizer.solves(), 1);
    let mut restarted = Solver::new("solver", Settings::default(), stage.optimizer.clone());
    assert_eq!(restarted.decide(&stage.market, NOW + 1), []);
}

#[test]
fn new_offers_bring_a_better_plan() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    stage.post(NOW);
    stage.post_pair(50, 1, 1);
    stage.post(NOW + 1);
    assert_eq!(stage.market.candidate().map(|candidate| candidate.value), Some(WattHours(350)));
    assert_eq!(stage.optimizer.solves(), 2);
}

#[test]
fn the_next_interval_is_sought_anew_once_one_is_final() {
    let mut stage = stage();
    stage.post_pair(300, 0, 1);
    stage.post_pair(200, 5, 5);
    stage.post(NOW);
    assert_eq!(stage.market.candidate().map(|candidate| candidate.value), Some(WattHours(300)));
    let now = stage.market.params().finalizable_at(IntervalIndex(0));
    let due = stage.market.finalize_arguments(now).expect("it is time");
    stage.apply(|market| market.finalize(now, &due.links, &due.legs));
    let left = stage.market.candidate().map_or(0, |candidate| candidate.value.0);
    assert_eq!(stage.wanted(now), left + 200);
}

#[test]
fn a_plan_that_beats_the_candidate_by_less_than_the_margin_is_not_posted() {
    let gain_of_five = |margin| {
        let mut stage = Stage::new(Settings { margin: WattHours(margin), ..Settings::default() });
        stage.post_pair(300, 0, 4);
        stage.post(NOW);
        stage.post_pair(5, 1, 1);
        stage.wanted(NOW + 1)
    };
    assert_eq!([0, 1, 5, 6].map(gain_of_five), [305, 305, 305, 0]);
}

#[test]
fn the_horizon_limits_what_is_planned() {
    let mut stage = Stage::new(Settings { horizon: 1, ..Settings::default() });
    stage.post_pair(300, 1, 1);
    stage.post_pair(200, 2, 2);
    assert_eq!(stage.wanted(NOW), 300);
}

#[test]
fn a_failure_of_the_optimizer_costs_one_plan_and_no_more() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    stage.optimizer.is_broken.store(true, Ordering::Relaxed);
    assert_eq!(stage.decide(NOW), []);
    stage.optimizer.is_broken.store(false, Ordering::Relaxed);
    stage.post_pair(50, 1, 1);
    assert_eq!(stage.wanted(NOW + 1), 350);
}

#[test]
fn a_plan_that_failed_is_another_intent_in_the_next_block() {
    let mut stage = stage();
    stage.post_pair(300, 0, 4);
    assert_ne!(stage.decide(NOW)[0].key, stage.decide(NOW + 1)[0].key);
}
