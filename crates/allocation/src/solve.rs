//! Solving a market, and its bound.

use std::time::Duration;

use matching::MatchingError;
use optimizer::{Optimize, OptimizerError};
use solidworx::{Assignment, Market, Refusal};

use crate::{intervals, pairing, program::Program, repair};

/// How far a bound may lie below a whole number and still be taken for it, relative to its size and at least this.
const TOLERANCE: f64 = 1e-6;

/// How a market is solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By `matching` where the market has the shape of one for energy in intervals, else by the general program.
    #[default]
    Auto,
    /// By the general program.
    General,
}

/// A feasible allocation and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Ascending by type, provider, consumer; the rules' verifier accepts them.
    pub assignments: Vec<Assignment>,
    /// What they are worth, as the verifier counts.
    pub value: u128,
    /// No allocation is worth more, up to the optimizer's tolerance.
    pub upper_bound: u128,
    /// What solved it: `"intervals"`, `"flow"` or `"integer program"`.
    pub method: &'static str,
    /// Variables of the program; zero where there was nothing to solve.
    pub variables: usize,
}

/// Why there is no allocation.
#[derive(Debug, thiserror::Error)]
pub enum AllocationError {
    /// The market itself breaks a rule.
    #[error("the market does not make sense")]
    BadMarket(#[source] Refusal),
    /// The program was not solved.
    #[error("the allocation was not optimised")]
    NotOptimised(#[from] OptimizerError),
    /// The energy special case was not solved.
    #[error("the energy market was not matched")]
    NotMatched(#[from] MatchingError),
    /// What was found breaks a rule: a fault of this crate, kept from leaving it.
    #[error("the allocation found is not feasible")]
    NotFeasible(#[source] Refusal),
}

/// An allocation with as much value as can be found within `deadline`. The same market gives the same allocation.
pub fn solve(
    market: &Market,
    optimizer: &dyn Optimize,
    deadline: Duration,
    method: Method,
) -> Result<Allocation, AllocationError> {
    market.check().map_err(AllocationError::BadMarket)?;
    if method == Method::Auto
        && let Some(problem) = intervals::problem(market)
    {
        let found = intervals::solve(market, &problem, optimizer, deadline)?;
        return finish(market, found.assignments, found.upper_bound, "intervals", found.variables);
    }
    let program = Program::new(market);
    let method = if program.is_flow { "flow" } else { "integer program" };
    let variables = program.linear.variables();
    if variables == 0 {
        return finish(market, Vec::new(), 0, method, 0);
    }
    let solution = optimizer.solve(&program.linear, deadline)?;
    let wanted = pairing::assignments(market, &program, &solution);
    let assignments = repair::fit(market, wanted);
    finish(market, assignments, bound(solution.objective), method, variables)
}

fn finish(
    market: &Market,
    mut assignments: Vec<Assignment>,
    upper_bound: u128,
    method: &'static str,
    variables: usize,
) -> Result<Allocation, AllocationError> {
    assignments.sort_by_key(|one| (one.resource_type, one.providing_offer, one.consuming_offer));
    let value = market.verify(&assignments).map_err(AllocationError::NotFeasible)?;
    Ok(Allocation { assignments, value, upper_bound: upper_bound.max(value), method, variables })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors; a negative value becomes zero")]
fn bound(objective: f64) -> u128 {
    (objective + TOLERANCE * objective.abs().max(1.0)).floor() as u128
}
