//! Linear programs by the optimizer, and the way from their optimum to whole watt-hours.

use optimizer::Optimize;

use crate::{
    Formulation, MatchingError,
    book::Amounts,
    compact::{Compact, Domain},
    dense,
    objective::Worth,
    search,
    task::{Found, Task, whole_bound},
    whole::feasible,
};

/// The most entries of a program that the optimizer solves at once.
const SMALL: usize = 3_000;

/// The compact program.
pub(crate) fn compact(task: &Task<'_>, optimizer: &dyn Optimize) -> Result<Found, MatchingError> {
    let Task { problem, lots, books, options, .. } = *task;
    let worth = Worth::Energy(options.tie_break);
    let model = task.build(|| Compact::new(problem, lots, books, worth, Domain::Real));
    let solution = optimizer.solve(&model.program, task.left())?;
    let (energy, rounded) = (model.energy(books, &solution), model.amounts(lots, books, &solution.values));
    Ok(finish(task, energy, &rounded, Formulation::Compact, model.program.variables()))
}

/// With a tie-break, and where the program is small: its optimal vertex, with few trades and what expires first; the
/// bound is that of the energy alone. `None` elsewhere, and where the optimizer fails.
pub(crate) fn expiring_first(task: &Task<'_>, optimizer: &dyn Optimize) -> Option<Found> {
    task.options.tie_break?;
    let uses: usize = task.books.iter().map(|book| book.entries.len()).sum();
    if uses > SMALL {
        return None;
    }
    let found = compact(task, optimizer).ok()?;
    let bound = found.bound.max(search::bound(task));
    Some(Found { amounts: task.improve(found.amounts, bound), bound, ..found })
}

/// The papers' program.
pub(crate) fn dense(task: &Task<'_>, optimizer: &dyn Optimize) -> Result<Found, MatchingError> {
    let Task { problem, lots, books, options, .. } = *task;
    let (pairs, program) = task.build(|| {
        let pairs = dense::pairs_of(problem, lots, |_, _| true);
        let program = dense::program_of(problem, lots, &pairs, options.tie_break);
        (pairs, program)
    });
    let solution = optimizer.solve(&program, task.left())?;
    let (energy, rounded) = (solution.values.iter().sum(), dense::amounts_of(lots, books, &pairs, &solution));
    Ok(finish(task, energy, &rounded, Formulation::Dense, pairs.len()))
}

fn finish(task: &Task<'_>, energy: f64, rounded: &Amounts, formulation: Formulation, variables: usize) -> Found {
    let bound = whole_bound(energy);
    let amounts = task.improve(feasible(task.problem, task.lots, task.books, rounded), bound);
    Found { amounts, bound, formulation, variables }
}
