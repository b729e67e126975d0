//! Which solver, and how to call it in this process.

use std::time::Duration;

use good_lp::{Constraint, Expression, ProblemVariables, ResolutionError, SolutionStatus, constraint, variable};

use crate::{Comparison, LinearProgram, Optimize, OptimizerError, Solution, Status, cbc, highs, program::Row};

/// A solver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// COIN-OR's branch and cut, with Clp for linear programs.
    #[default]
    Cbc,
    /// HiGHS: dual simplex for small linear programs, interior point with crossover for large ones.
    Highs,
}

/// A solver in this process.
///
/// Not even a limit that it is told holds it up for sure, CBC knows none on programs without integers, and one call
/// runs at a time. For tests and for programs that are known to be small.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess(
    /// Which.
    pub Backend,
);

impl Optimize for InProcess {
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        program.validate()?;
        if program.columns.is_empty() {
            return solve_without_variables(&program.rows);
        }
        match self.attempt(program, deadline) {
            Err(OptimizerError::Infeasible) => Err(self.infeasible_or_unbounded(program, deadline)),
            answer => answer,
        }
    }
}

impl InProcess {
    fn attempt(self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        let point = match self.0 {
            Backend::Cbc => cbc::solve(program, deadline),
            Backend::Highs => highs::solve(program, deadline),
        }?;
        let Some((status, mut values)) = point else { return Err(OptimizerError::DeadlineExceeded { deadline }) };
        for (column, value) in program.columns.iter().zip(&mut values) {
            if column.is_integer {
                *value = value.round();
            }
        }
        if status == Status::Feasible && !program.admits(&values) {
            return Err(OptimizerError::DeadlineExceeded { deadline });
        }
        Ok(Solution { status, objective: program.objective_at(&values), values })
    }

    /// Solvers may call a program infeasible where it is unbounded: with nothing to maximise it cannot be.
    fn infeasible_or_unbounded(self, program: &LinearProgram, deadline: Duration) -> OptimizerError {
        let mut program = program.clone();
        program.columns.iter_mut().for_each(|column| column.objective = 0.0);
        self.attempt(&program, deadline).map_or_else(|error| error, |_| OptimizerError::Unbounded)
    }
}

/// A point of a solver; `None` where time ran out before there was one.
pub(crate) type Point = Option<(Status, Vec<f64>)>;

/// The program's columns, its objective, and its rows, in `good_lp`'s words.
pub(crate) struct Model {
    pub columns: ProblemVariables,
    pub handles: Vec<good_lp::Variable>,
    pub objective: Expression,
    pub rows: Vec<Constraint>,
}

impl Model {
    pub fn new(program: &LinearProgram) -> Self {
        let mut columns = ProblemVariables::new();
        let handles: Vec<_> = program
            .columns
            .iter()
            .map(|column| {
                let definition = variable().min(column.lower).max(column.upper);
                columns.add(if column.is_integer { definition.integer() } else { definition })
            })
            .collect();
        let mut objective = Expression::with_capacity(program.columns.len());
        for (column, handle) in program.columns.iter().zip(&handles) {
            objective.add_mul(column.objective, handle);
        }
        let rows = program.rows.iter().map(|row| constraint_of(row, &handles)).collect();
        Self { columns, handles, objective, rows }
    }
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

pub(crate) fn status_of(status: SolutionStatus) -> Status {
    match status {
        // No gap is allowed, so one that a solver stops at is an error of rounding.
        SolutionStatus::Optimal | SolutionStatus::GapLimit => Status::Optimal,
        SolutionStatus::TimeLimit => Status::Feasible,
    }
}

pub(crate) fn error_of(error: ResolutionError) -> OptimizerError {
    match error {
        ResolutionError::Infeasible => OptimizerError::Infeasible,
        ResolutionError::Unbounded => OptimizerError::Unbounded,
        other => OptimizerError::GaveUp { reason: other.to_string() },
    }
}

/// Solvers are not asked about nothing.
fn solve_without_variables(rows: &[Row]) -> Result<Solution, OptimizerError> {
    let holds = |row: &Row| match row.comparison {
        Comparison::AtMost => row.bound >= 0.0,
        Comparison::AtLeast => row.bound <= 0.0,
        Comparison::Equal => row.bound == 0.0,
    };
    if rows.iter().all(holds) {
        Ok(Solution { status: Status::Optimal, objective: 0.0, values: Vec::new() })
    } else {
        Err(OptimizerError::Infeasible)
    }
}
