//! Plans of most benefit (6.12), among all or among those of most energy.

use optimizer::{Optimize, Status};

use crate::{
    MatchingError,
    book::Amounts,
    compact::{Compact, Domain},
    objective::Worth,
    task::{MOST_WHOLE, Task},
    whole::{feasible, value_of},
};

/// The plan of most benefit, and a bound on the benefit where one was proved. With `energy`, the plan moves no less
/// energy than that one does. Programs of over [`MOST_WHOLE`] variables are solved in real numbers and rounded.
pub(crate) fn most_benefit(
    task: &Task<'_>,
    optimizer: &dyn Optimize,
    energy: Option<&Amounts>,
) -> Result<(Amounts, Option<u128>), MatchingError> {
    let Task { problem, lots, books, .. } = *task;
    let build = |domain| {
        let mut model = Compact::new(problem, lots, books, Worth::Benefit, domain);
        if let Some(amounts) = energy {
            model.sell_at_least(books, value_of(amounts));
        }
        model
    };
    let mut model = build(Domain::Whole);
    let is_whole = model.program.variables() <= MOST_WHOLE;
    if !is_whole {
        model = build(Domain::Real);
    }
    let solution = optimizer.solve(&model.program, task.left())?;
    let bound = (solution.status == Status::Optimal).then(|| whole_benefit(solution.objective));
    let amounts = model.amounts(lots, books, &solution.values);
    // What a solver takes for whole numbers is looked at once more.
    let mut amounts = if is_whole { amounts } else { feasible(problem, lots, books, &amounts) };
    if let Some(first) = energy.filter(|first| value_of(first) > value_of(&amounts)) {
        amounts.clone_from(first);
    }
    Ok((amounts, bound))
}

/// A bound in whole numbers; sums of floats err by less than the relative 1e-9.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors; benefits are not negative")]
fn whole_benefit(bound: f64) -> u128 {
    (bound * (1.0 + 1e-9) + 1e-3).floor() as u128
}
