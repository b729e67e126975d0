//! `solve`: a plan for the offers of a file, and how long it took.

mod file;

use std::{
    fmt,
    time::{Duration, Instant},
};

use matching::{Formulation, Objective, Options, Problem, day_optimum, roll, solve_timed};
use optimizer::Worker;
use serde::Serialize;

use crate::{cli::Solve, exit::Failure, setting::Setting};

/// Solves a file.
pub fn run(setting: &Setting, words: &Solve) -> Result<(), Failure> {
    let problem = file::read(words)?;
    let worker = Worker::current_program(words.backend.into())?;
    let solved = match words.horizon {
        None => at_once(&problem, &worker, words)?,
        Some(horizon) => step_by_step(setting, &problem, &worker, words, horizon)?,
    };
    Ok(setting.output.result(&solved)?)
}

fn options_of(words: &Solve, tie_break: Option<f64>) -> Options {
    Options {
        objective: words.objective.into(),
        tie_break,
        deadline: Duration::from_secs(words.deadline),
        most_trades: words.most_trades,
    }
}

fn at_once(problem: &Problem, worker: &Worker, words: &Solve) -> Result<Solved, Failure> {
    let begun = Instant::now();
    let solved = solve_timed(problem, worker, &options_of(words, None), words.formulation.into());
    let (matching, built) = solved.map_err(anyhow::Error::from)?;
    let objective: Objective = words.objective.into();
    Ok(Solved {
        value: matching.value.0,
        upper_bound: matching.upper_bound.0,
        benefit: (objective != Objective::Energy).then_some(matching.benefit),
        benefit_bound: matching.benefit_bound,
        trades: matching.trades.len(),
        formulation: name(matching.formulation),
        variables: matching.variables,
        build_ms: milliseconds(built),
        solve_ms: milliseconds(begun.elapsed().saturating_sub(built)),
    })
}

fn step_by_step(
    setting: &Setting,
    problem: &Problem,
    worker: &Worker,
    words: &Solve,
    horizon: u32,
) -> Result<Solved, Failure> {
    let begun = Instant::now();
    let options = options_of(words, (!words.no_tie_break).then_some(Options::EXPIRING_FIRST));
    let rolled = roll(problem, worker, &options, words.formulation.into(), horizon, |interval| {
        setting.output.progress(format_args!("interval {interval} is final"));
    });
    let rolled = rolled.map_err(anyhow::Error::from)?;
    let taken = begun.elapsed();
    Ok(Solved {
        value: rolled.value.0,
        upper_bound: day_optimum(problem, options.deadline).0,
        benefit: (options.objective != Objective::Energy).then(|| problem.benefit(&rolled.trades)),
        benefit_bound: None,
        trades: rolled.trades.len(),
        formulation: name(words.formulation.into()),
        variables: rolled.variables,
        build_ms: 0.0,
        solve_ms: milliseconds(taken),
    })
}

/// A plan in figures.
#[derive(Debug, Serialize)]
struct Solved {
    /// What the plan trades, Wh.
    value: u64,
    /// What no plan exceeds, Wh; with a horizon, no plan that knows all offers at once.
    upper_bound: u64,
    /// The benefit, where it was asked for, in units of price times Wh.
    #[serde(skip_serializing_if = "Option::is_none")]
    benefit: Option<u128>,
    /// What no plan's benefit exceeds, where that was proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    benefit_bound: Option<u128>,
    trades: usize,
    formulation: &'static str,
    variables: usize,
    build_ms: f64,
    /// All but building models; with a horizon, everything.
    solve_ms: f64,
}

impl fmt::Display for Solved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, upper_bound, trades, formulation, variables, build_ms, solve_ms, .. } = self;
        writeln!(f, "traded       {value} Wh in {trades} trades")?;
        match upper_bound.saturating_sub(*value) {
            0 => writeln!(f, "upper bound  {upper_bound} Wh: no plan trades more")?,
            gap => writeln!(f, "upper bound  {upper_bound} Wh: no plan trades over {gap} Wh more")?,
        }
        if let Some(benefit) = self.benefit {
            writeln!(f, "benefit      {benefit} price units times Wh")?;
        }
        writeln!(f, "program      {formulation}, {variables} variables")?;
        write!(f, "time         built in {build_ms} ms, solved in {solve_ms} ms")
    }
}

const fn name(formulation: Formulation) -> &'static str {
    match formulation {
        Formulation::Auto => "auto",
        Formulation::Flow => "flow",
        Formulation::FirstOrder => "first-order",
        Formulation::Compact => "compact",
        Formulation::Dense => "dense",
    }
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
