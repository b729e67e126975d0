//! What a solver decides.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use allocation::Method;
use bindings::solidworx::Call;
use optimizer::{InProcess, LinearProgram, Optimize, OptimizerError, Solution};
use runtime::{Agent, Intent};
use solidworx::{Exchange, Side, packing};
use solidworx_solver::{Settings, Solver, fitting::Room};

use crate::market::{CONSUMER, ENDS, PROVIDER, assignment, close, listed, post, propose, receiving};

/// Solves the calls that it is told to, by their number from 0, and fails at the others.
struct Solves {
    calls: AtomicUsize,
    these: fn(usize) -> bool,
}

impl Optimize for Solves {
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        if !(self.these)(call) {
            return Err(OptimizerError::DeadlineExceeded { deadline });
        }
        InProcess::default().solve(program, deadline)
    }
}

impl Solves {
    /// How often it was called.
    fn count(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

/// A solver whose optimizer solves only these calls.
fn solver_of(settings: Settings, these: fn(usize) -> bool) -> (Solver, Arc<Solves>) {
    let optimizer = Arc::new(Solves { calls: AtomicUsize::new(0), these });
    // The general program is asked of the optimizer, whose calls are counted.
    (Solver::new("solver", Settings { method: Method::General, ..settings }, optimizer.clone()), optimizer)
}

/// One that works.
fn solver(settings: Settings) -> (Solver, Arc<Solves>) {
    solver_of(settings, |_| true)
}

/// A solving phase in which five units of type 0 or 1 are worth allocating.
fn solving() -> Exchange {
    let mut exchange = receiving(0);
    post(&mut exchange, PROVIDER, Side::Providing, 1, &[listed(0, 5), listed(1, 5)]);
    post(&mut exchange, CONSUMER, Side::Consuming, 1, &[listed(1, 9)]);
    close(&mut exchange);
    exchange
}

/// What the one proposal there is is worth; 0 for none.
fn wanted(intents: &[Intent<Call>]) -> u128 {
    match intents {
        [] => 0,
        [Intent { call: Call::PostSolution { value, .. }, .. }] => *value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_best_allocation_is_proposed_as_long_as_solutions_are_taken() {
    let exchange = solving();
    let (mut solver, optimizer) = solver(Settings::default());
    let market = exchange.market().expect("it is set up");
    let solution = packing::solution(&market, &[assignment(1, 5)]).expect("its offers are the market's");
    let intents = solver.decide(&exchange, ENDS - 1);
    assert_eq!(intents[0].call, Call::PostSolution { value: 5, solution });
    assert_eq!(wanted(&solver.decide(&exchange, ENDS)), 0);
    assert_eq!(optimizer.count(), 1);
}

#[test]
fn an_offering_phase_is_waited_out() {
    let mut exchange = receiving(0);
    post(&mut exchange, PROVIDER, Side::Providing, 1, &[listed(0, 5)]);
    post(&mut exchange, CONSUMER, Side::Consuming, 1, &[listed(0, 5)]);
    let (mut solver, optimizer) = solver(Settings::default());
    assert_eq!(solver.decide(&exchange, 0), []);
    assert_eq!(optimizer.count(), 0);
    close(&mut exchange);
    assert_eq!(wanted(&solver.decide(&exchange, ENDS - 1)), 5);
}

#[test]
fn a_candidate_is_beaten_by_the_margin_or_left() {
    let proposed = |candidate, margin| {
        let mut exchange = solving();
        propose(&mut exchange, vec![assignment(1, candidate)]);
        wanted(&solver(Settings { margin, ..Settings::default() }).0.decide(&exchange, 700))
    };
    assert_eq!(
        [(4, 1), (4, 2), (5, 1), (5, 0), (3, 2)].map(|(candidate, margin)| proposed(candidate, margin)),
        [5, 0, 0, 0, 5]
    );
}

#[test]
fn what_failed_is_another_intent_in_the_next_block_and_nothing_is_solved_twice() {
    let exchange = solving();
    let (mut solver, optimizer) = solver(Settings::default());
    let [first, second] = [700, 701].map(|now| solver.decide(&exchange, now)[0].key.clone());
    assert_ne!(first, second);
    assert_eq!(optimizer.count(), 1);
}

#[test]
fn a_failure_of_the_optimizer_costs_one_cycle_and_no_more() {
    let (mut solver, _) = solver_of(Settings::default(), |call| call > 0);
    assert_eq!(solver.decide(&solving(), 700), []);
    let mut other = receiving(0);
    post(&mut other, PROVIDER, Side::Providing, 1, &[listed(3, 4)]);
    post(&mut other, CONSUMER, Side::Consuming, 1, &[listed(3, 4)]);
    close(&mut other);
    assert_eq!(wanted(&solver.decide(&other, 700)), 4);
}

#[test]
fn what_does_not_fit_a_transaction_is_left_out_the_least_worth_first() {
    let mut exchange = receiving(0);
    for (resource_type, quantity) in [(0, 3), (1, 9), (2, 6)] {
        post(&mut exchange, PROVIDER, Side::Providing, 1, &[listed(resource_type, quantity)]);
        post(&mut exchange, CONSUMER, Side::Consuming, 1, &[listed(resource_type, quantity)]);
    }
    close(&mut exchange);
    let pair = 2 * (8 + 23 + packing::ALTERNATIVE) + packing::ASSIGNMENT;
    let value = |bytes| {
        let room = Room { bytes, ..Room::default() };
        wanted(&solver(Settings { room, ..Settings::default() }).0.decide(&exchange, 700))
    };
    assert_eq!([pair - 1, pair, 2 * pair, 3 * pair].map(value), [0, 9, 15, 18]);
}
