//! CBC, through `good_lp`.

use std::time::Duration;

use good_lp::{Solution as _, SolverModel, coin_cbc};

use crate::{
    LinearProgram, OptimizerError,
    backend::{Model, Point, error_of, status_of},
};

/// The limit counts only where there are integer variables.
pub(crate) fn solve(program: &LinearProgram, limit: Duration) -> Result<Point, OptimizerError> {
    let Model { columns, handles, objective, rows } = Model::new(program);
    let mut model = columns.maximise(objective).using(coin_cbc);
    model.set_log_level(0);
    if program.has_integers() {
        model.set_parameter("timeMode", "elapsed");
        model.set_parameter("sec", &format!("{:.3}", limit.as_secs_f64().min(1e9)));
    }
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().map_err(error_of)?;
    let values = handles.iter().map(|handle| solution.value(*handle)).collect();
    Ok(Some((status_of(solution.status()), values)))
}
