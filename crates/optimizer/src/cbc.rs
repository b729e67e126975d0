//! CBC, through `good_lp`.

use std::time::Duration;

use good_lp::{
    Constraint, Expression, ProblemVariables, ResolutionError, Solution as _, SolverModel, coin_cbc, constraint,
    variable,
};

use crate::{
    Comparison, LinearProgram, Optimize, OptimizerError, Solution,
    program::{Column, Row},
};

/// CBC in this process.
///
/// It cannot be interrupted, so the deadline is ignored, and one call runs at a time. For tests and for programs that
/// are known to be small.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Optimize for InProcess {
    fn solve(&self, program: &LinearProgram, _deadline: Duration) -> Result<Solution, OptimizerError> {
        program.validate()?;
        if program.columns.is_empty() {
            return solve_without_variables(&program.rows);
        }
        match solve_with_cbc(program) {
            Err(OptimizerError::Infeasible) => Err(infeasible_or_unbounded(program)),
            answer => answer,
        }
    }
}

/// CBC calls a program without integers infeasible where it is unbounded: with nothing to maximise it cannot be.
fn infeasible_or_unbounded(program: &LinearProgram) -> OptimizerError {
    let mut program = program.clone();
    program.columns.iter_mut().for_each(|column| column.objective = 0.0);
    solve_with_cbc(&program).map_or_else(|error| error, |_| OptimizerError::Unbounded)
}

fn solve_with_cbc(program: &LinearProgram) -> Result<Solution, OptimizerError> {
    let mut columns = ProblemVariables::new();
    let handles: Vec<_> =
        program.columns.iter().map(|column| columns.add(variable().min(0.0).max(column.upper))).collect();
    let mut objective = Expression::with_capacity(program.columns.len());
    for (column, handle) in program.columns.iter().zip(&handles) {
        objective.add_mul(column.objective, handle);
    }
    let mut model = columns.maximise(objective).using(coin_cbc);
    model.set_log_level(0);
    for row in &program.rows {
        model.add_constraint(constraint_of(row, &handles));
    }
    let solution = model.solve().map_err(error_of)?;
    let values: Vec<f64> = handles.iter().map(|handle| solution.value(*handle)).collect();
    let objective = program.columns.iter().zip(&values).map(|(Column { objective, .. }, value)| objective * value);
    Ok(Solution { objective: objective.sum(), values })
}

fn constraint_of(row: &Row, handles: &[good_lp::Variable]) -> Constraint {
    let mut left = Expression::with_capacity(row.terms.len());
    for (index, coefficient) in &row.terms {
        left.add_mul(*coefficient, handles[*index]);
    }
    match row.comparison {
        Comparison::AtMost => constraint::leq(left, row.bound),
        Comparison::AtLeast => constraint::geq(left, row.bound),
        Comparison::Equal => constraint::eq(left, row.bound),
    }
}

fn error_of(error: ResolutionError) -> OptimizerError {
    match error {
        ResolutionError::Infeasible => OptimizerError::Infeasible,
        ResolutionError::Unbounded => OptimizerError::Unbounded,
        other => OptimizerError::GaveUp { reason: other.to_string() },
    }
}

/// CBC is not asked about nothing.
fn solve_without_variables(rows: &[Row]) -> Result<Solution, OptimizerError> {
    let holds = |row: &Row| match row.comparison {
        Comparison::AtMost => row.bound >= 0.0,
        Comparison::AtLeast => row.bound <= 0.0,
        Comparison::Equal => row.bound == 0.0,
    };
    if rows.iter().all(holds) {
        Ok(Solution { objective: 0.0, values: Vec::new() })
    } else {
        Err(OptimizerError::Infeasible)
    }
}
