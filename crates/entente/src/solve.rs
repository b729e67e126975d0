//! `solve`: a plan for the offers of a file, and how long it took.

mod file;
mod horizons;

use std::{
    borrow::Cow,
    fmt, fs,
    time::{Duration, Instant},
};

use matching::{Formulation, Objective, Options, Problem, day_optimum, roll, solve_timed};
use optimizer::Worker;
use serde::{Deserialize, Serialize};

use crate::{cli::Solve, exit::Failure, setting::Setting};

/// Solves a file.
pub fn run(setting: &Setting, words: &Solve) -> Result<(), Failure> {
    let problem = file::read(words)?;
    if !words.horizons.is_empty() {
        return Ok(setting.output.result(&horizons::sweep(setting, words)?)?);
    }
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
        formulation: named(matching.formulation),
        variables: matching.variables,
        build_ms: milliseconds(built),
        solve_ms: milliseconds(begun.elapsed().saturating_sub(built)),
        peak_kib: peak_kib(),
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
        formulation: named(words.formulation.into()),
        variables: rolled.variables,
        build_ms: 0.0,
        solve_ms: milliseconds(taken),
        peak_kib: peak_kib(),
    })
}

/// A plan in figures.
#[derive(Debug, Serialize, Deserialize)]
struct Solved {
    /// What the plan trades, Wh.
    value: u64,
    /// What no plan exceeds, Wh; with a horizon, no plan that knows all offers at once.
    upper_bound: u64,
    /// The benefit, where it was asked for, in units of price times Wh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    benefit: Option<u128>,
    /// What no plan's benefit exceeds, where that was proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    benefit_bound: Option<u128>,
    trades: usize,
    formulation: Cow<'static, str>,
    variables: usize,
    build_ms: f64,
    /// All but building models; with a horizon, everything.
    solve_ms: f64,
    /// The most memory that this process had so far, KiB, without a solver's child; none where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peak_kib: Option<u32>,
}

impl Solved {
    /// What is not traded of what no plan exceeds, per cent.
    #[expect(clippy::cast_precision_loss, reason = "a share to look at")]
    fn missed(&self) -> f64 {
        if self.upper_bound == 0 {
            return 0.0;
        }
        100.0 * (1.0 - self.value as f64 / self.upper_bound as f64)
    }

    fn mebibytes(&self) -> Option<f64> {
        self.peak_kib.map(|peak| f64::from(peak) / 1024.0)
    }
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

fn named(formulation: Formulation) -> Cow<'static, str> {
    name(formulation).into()
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

fn peak_kib() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
