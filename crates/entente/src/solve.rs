//! `solve`: a plan for the offers of a file, and how long it took.

mod file;

use std::{
    cell::Cell,
    fmt,
    time::{Duration, Instant},
};

use matching::{Formulation, Options, solve};
use optimizer::{Backend, LinearProgram, Optimize, OptimizerError, Solution, Worker};
use serde::Serialize;

use crate::{cli::Solve, exit::Failure, setting::Setting};

/// Solves a file.
pub fn run(setting: &Setting, words: &Solve) -> Result<(), Failure> {
    let problem = file::read(words)?;
    let worker = Watched { worker: Worker::current_program(Backend::Cbc)?, asked: Cell::new(None) };
    let options = Options { tie_break: None, deadline: Duration::from_secs(words.deadline) };
    let begun = Instant::now();
    let matching = solve(&problem, &worker, &options, words.formulation.into()).map_err(anyhow::Error::from)?;
    let built = worker.asked.get().unwrap_or(begun);
    let solved = Solved {
        value: matching.value.0,
        upper_bound: matching.upper_bound.0,
        trades: matching.trades.len(),
        formulation: name(matching.formulation),
        variables: matching.variables,
        build_ms: milliseconds(built - begun),
        solve_ms: milliseconds(built.elapsed()),
    };
    Ok(setting.output.result(&solved)?)
}

/// Remembers when it was first asked: what comes before is building the program.
struct Watched {
    worker: Worker,
    asked: Cell<Option<Instant>>,
}

impl Optimize for Watched {
    fn solve(&self, program: &LinearProgram, deadline: Duration) -> Result<Solution, OptimizerError> {
        self.asked.set(self.asked.get().or_else(|| Some(Instant::now())));
        self.worker.solve(program, deadline)
    }
}

/// A plan in figures.
#[derive(Debug, Serialize)]
struct Solved {
    /// What the plan trades, Wh.
    value: u64,
    /// What no plan exceeds, Wh.
    upper_bound: u64,
    trades: usize,
    formulation: &'static str,
    variables: usize,
    build_ms: f64,
    /// The linear program, its journey to the worker and back, and the way to whole watt-hours.
    solve_ms: f64,
}

impl fmt::Display for Solved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, upper_bound, trades, formulation, variables, build_ms, solve_ms } = self;
        writeln!(f, "traded       {value} Wh in {trades} trades")?;
        match upper_bound.saturating_sub(*value) {
            0 => writeln!(f, "upper bound  {upper_bound} Wh: no plan trades more")?,
            gap => writeln!(f, "upper bound  {upper_bound} Wh: no plan trades over {gap} Wh more")?,
        }
        writeln!(f, "program      {formulation}, {variables} variables")?;
        write!(f, "time         built in {build_ms} ms, solved in {solve_ms} ms")
    }
}

const fn name(formulation: Formulation) -> &'static str {
    match formulation {
        Formulation::Auto => "auto",
        Formulation::Compact => "compact",
        Formulation::Dense => "dense",
    }
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
