//! Solving a problem, and its bound.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use optimizer::Optimize;
use transax::PriceRule;
use units::WattHours;

use crate::{
    Formulation, Matching, MatchingError, Objective, Options, Problem, benefit,
    book::books_of,
    bounded,
    consolidation::consolidate,
    lots::{lots_of, trades_of},
    relaxed, search,
    shape::Shape,
    task::{Found, Task},
    uniform,
    whole::final_deals,
};

/// A plan that trades as much as possible, and a bound that it cannot exceed.
///
/// The same problem gives the same plan, as long as the deadline does not end the search.
pub fn solve(
    problem: &Problem,
    optimizer: &dyn Optimize,
    options: &Options,
    formulation: Formulation,
) -> Result<Matching, MatchingError> {
    solve_timed(problem, optimizer, options, formulation).map(|(matching, _)| matching)
}

/// [`solve`], and how much of the time it took went into building models.
pub fn solve_timed(
    problem: &Problem,
    optimizer: &dyn Optimize,
    options: &Options,
    formulation: Formulation,
) -> Result<(Matching, Duration), MatchingError> {
    let begun = Instant::now();
    let (lots, members) = lots_of(problem);
    let books = books_of(&lots, |_, _| true);
    let built = Cell::new(begun.elapsed());
    let task = Task { problem, lots: &lots, books: &books, optimizer: Some(optimizer), options, begun, built: &built };
    let mut found = most_energy(&task, optimizer, formulation)?;
    let mut benefit_bound = None;
    if options.objective != Objective::Energy && problem.price_rule == PriceRule::Midpoint {
        let energy = (options.objective == Objective::EnergyThenBenefit).then_some(&found.amounts);
        (found.amounts, benefit_bound) = benefit::most_benefit(&task, optimizer, energy)?;
    }
    let deals = match problem.price_rule {
        PriceRule::Midpoint => {
            consolidate(&task, &books, &mut found.amounts);
            final_deals(&books, &found.amounts)
        }
        PriceRule::Uniform => uniform::deals(&task, &mut found),
    };
    let mut trades = trades_of(&lots, &members, &deals);
    if let Some(most) = options.most_trades {
        trades = bounded::largest(problem, optimizer, task.left(), trades, most)?;
    }
    let (value, benefit) = problem.audit(&trades)?;
    let Found { bound, formulation, variables, .. } = found;
    let upper_bound = WattHours(bound);
    Ok((Matching { trades, value, upper_bound, benefit, benefit_bound, formulation, variables }, built.get()))
}

/// The plan of most energy, whatever the price rule.
fn most_energy(task: &Task<'_>, optimizer: &dyn Optimize, formulation: Formulation) -> Result<Found, MatchingError> {
    match formulation {
        Formulation::Auto => match Shape::of(task) {
            Some(shape) => Ok(shape.solve(task)),
            None => Ok(relaxed::expiring_first(task, optimizer).unwrap_or_else(|| search::search(task))),
        },
        Formulation::Flow => Shape::of(task).map(|shape| shape.solve(task)).ok_or(MatchingError::NoFlow),
        Formulation::FirstOrder => Ok(search::search(task)),
        Formulation::Compact => relaxed::compact(task, optimizer),
        Formulation::Dense => relaxed::dense(task, optimizer),
    }
}

/// The most that any plan can move, all offers known at once: the optimum in real numbers, rounded down, or a little
/// more where the deadline comes first.
///
/// Under the uniform rule it is a bound that no plan may reach, since it knows nothing of that rule.
pub fn day_optimum(problem: &Problem, deadline: Duration) -> WattHours {
    let begun = Instant::now();
    let (lots, _) = lots_of(problem);
    let books = books_of(&lots, |_, _| true);
    let (options, built) = (Options { deadline, ..Options::default() }, Cell::new(Duration::ZERO));
    let task = Task { problem, lots: &lots, books: &books, optimizer: None, options: &options, begun, built: &built };
    WattHours(Shape::of(&task).map_or_else(|| search::bound(&task), |shape| shape.solve(&task).bound))
}
