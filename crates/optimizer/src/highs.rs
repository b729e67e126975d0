//! HiGHS, through `good_lp`.

use std::time::Duration;

use good_lp::{
    ResolutionError, Solution as _, SolverModel, highs,
    solvers::highs::{HighsParallelType, HighsSolverType},
};

use crate::{
    LinearProgram, OptimizerError,
    backend::{Model, Point, error_of, status_of},
};

/// From so many variables on, interior point with crossover is faster than the simplex method.
const LARGE: usize = 2_000;

/// What `good_lp` calls it when a limit came before a point.
const NOTHING_FOUND: &str = "NoSolutionFound";

pub(crate) fn solve(program: &LinearProgram, limit: Duration) -> Result<Point, OptimizerError> {
    let Model { columns, handles, objective, rows } = Model::new(program);
    let is_large = program.variables() >= LARGE && !program.has_integers();
    let mut model = columns
        .maximise(objective)
        .using(highs)
        .set_parallel(HighsParallelType::Off)
        .set_threads(1)
        .set_solver(if is_large { HighsSolverType::Ipm } else { HighsSolverType::Choose })
        .set_option("mip_rel_gap", 0.0)
        .set_time_limit(limit.as_secs_f64().min(1e9));
    for row in rows {
        model.add_constraint(row);
    }
    match model.solve() {
        Ok(solution) => {
            let values = handles.iter().map(|handle| solution.value(*handle)).collect();
            Ok(Some((status_of(solution.status()), values)))
        }
        Err(ResolutionError::Other(NOTHING_FOUND)) => Ok(None),
        Err(error) => Err(error_of(error)),
    }
}
