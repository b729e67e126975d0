//! Solving a problem, and its bound.

use std::time::Duration;

use optimizer::{Optimize, OptimizerError, Solution};
use transax::{PriceRule, Trade};
use units::WattHours;

use crate::{
    Problem, Violation,
    lots::{Lot, deal, lots_of},
    model::{Pair, energy_of, pairs_of, program_of, worth},
    round::round,
    uniform,
};

/// How far a bound may lie below a whole number and still be taken for it, Wh: solvers err by about 1e-9 of the sum.
const BOUND_TOLERANCE: f64 = 1e-3;

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Prefer offers that expire first: how much less a watt-hour counts for each interval that an offer could wait.
    /// `None` for the papers' objective.
    pub tie_break: Option<f64>,
    /// For all linear programs of a call together.
    pub deadline: Duration,
}

impl Options {
    /// The tie-break that never cost energy where it was measured.
    pub const EXPIRING_FIRST: f64 = 1e-4;
}

/// A feasible plan and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Ascending by interval, seller, buyer; one trade a pair and interval; [`Problem::check`] accepts them.
    pub trades: Vec<Trade>,
    /// The energy they move.
    pub value: WattHours,
    /// No plan moves more than this. With a tie-break it is the energy of the optimum found with it, which is the same
    /// while the tie-break costs no energy.
    pub upper_bound: WattHours,
    /// Variables of the linear program.
    pub variables: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum MatchingError {
    /// The linear program was not solved.
    #[error("the matching was not optimised")]
    NotOptimised(#[from] OptimizerError),
    /// The plan found breaks a rule: a fault of this crate, kept from leaving it.
    #[error("the matching found is not feasible")]
    NotFeasible(#[from] Violation),
}

/// A plan that trades as much as possible by the papers' dense linear program, rounded to whole watt-hours.
///
/// The same problem gives the same plan. Under the uniform rule two programs are solved: one without the rule, whose
/// optimum suggests a price for each interval and is the upper bound, and one for the offers that accept these prices.
pub fn solve_dense(problem: &Problem, optimizer: &dyn Optimize, options: &Options) -> Result<Matching, MatchingError> {
    let lots = lots_of(problem);
    let mut pairs = pairs_of(problem, &lots, |_, _| true);
    let variables = pairs.len();
    // Halves, rather than a clock: the engine gives the same answer to the same question.
    let deadline = if problem.price_rule == PriceRule::Uniform { options.deadline / 2 } else { options.deadline };
    let solve = |pairs: &[Pair]| optimizer.solve(&program_of(problem, &lots, pairs, options.tie_break), deadline);
    let mut solution = solve(&pairs)?;
    let upper_bound = bound_of(&solution);
    if problem.price_rule == PriceRule::Uniform {
        let prices = uniform::prices_of(&lots, &pairs, &solution);
        pairs = pairs_of(problem, &lots, |interval, lot| uniform::accepts(&prices, interval, lot));
        solution = solve(&pairs)?;
    }
    let trades = whole_trades(problem, &lots, &pairs, &solution, options.tie_break);
    let value = problem.check(&trades)?;
    Ok(Matching { trades, value, upper_bound, variables })
}

fn whole_trades(
    problem: &Problem,
    lots: &[Lot],
    pairs: &[Pair],
    solution: &Solution,
    tie_break: Option<f64>,
) -> Vec<Trade> {
    let allotment = round(problem, lots, pairs, solution, |pair| worth(problem, lots, pair, tie_break));
    deal(lots, allotment.trades())
}

/// The most that any plan can move, all offers known at once: the optimum in real numbers, rounded down.
///
/// Under the uniform rule it is a bound that no plan may reach, since the program knows nothing of that rule.
pub fn day_optimum(
    problem: &Problem,
    optimizer: &dyn Optimize,
    deadline: Duration,
) -> Result<WattHours, MatchingError> {
    let lots = lots_of(problem);
    let pairs = pairs_of(problem, &lots, |_, _| true);
    Ok(bound_of(&optimizer.solve(&program_of(problem, &lots, &pairs, None), deadline)?))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors; energies are not negative")]
fn bound_of(solution: &Solution) -> WattHours {
    WattHours((energy_of(solution) + BOUND_TOLERANCE).floor() as u64)
}
