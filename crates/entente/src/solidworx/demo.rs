//! `demo solidworx`: a case study, solved, judged and drawn.

use std::{
    fmt, fs,
    path::Path,
    time::{Duration, Instant},
};

use allocation::{Allocation, Method};
use anyhow::Context;
use serde::Serialize;
use solidworx_cases::{bars_svg, map_svg};

use super::{case, optimise};
use crate::{cli::DemoSolidWorx, exit::Failure, setting::Setting};

const DEADLINE: Duration = Duration::from_mins(2);

/// Runs a case study.
pub fn run(setting: &Setting, words: &DemoSolidWorx) -> Result<(), Failure> {
    let read = case::read(&words.case)?;
    let market = &read.case.market;
    let mut times = Vec::new();
    let mut found: Option<Allocation> = None;
    for _ in 0..words.repeat {
        let begun = Instant::now();
        found = Some(optimise(market, DEADLINE, Method::Auto)?);
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let found = found.context("a case is solved at least once")?;
    times.sort_by(f64::total_cmp);
    let report = Report {
        case: read.name,
        unit: read.case.unit,
        offers: market.offers.len(),
        assignments: found.assignments.len(),
        assigned: found.assignments.iter().map(|one| u128::from(one.quantity)).sum(),
        value: found.value,
        upper_bound: found.upper_bound,
        method: found.method,
        variables: found.variables,
        solver_ms: (times[times.len() / 2] * 1e3).round() / 1e3,
        solver_runs: words.repeat,
    };
    let save = |name: &str, content: &[u8]| write(&words.out.join(name), content);
    fs::create_dir_all(&words.out).with_context(|| format!("{} cannot be made", words.out.display()))?;
    save("report.json", &serde_json::to_vec_pretty(&report).map_err(anyhow::Error::from)?)?;
    save("market.json", &serde_json::to_vec_pretty(market).map_err(anyhow::Error::from)?)?;
    save("chart.svg", bars_svg(read.name, &read.case, &found.assignments).as_bytes())?;
    if let Some(carpool) = &read.map {
        save("map.svg", map_svg(carpool, &found.assignments).as_bytes())?;
    }
    setting.output.progress(format_args!("report, market and pictures are in {}", words.out.display()));
    Ok(setting.output.result(&report)?)
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
}

/// A case in figures.
#[derive(Debug, Serialize)]
struct Report {
    case: &'static str,
    unit: &'static str,
    offers: usize,
    assignments: usize,
    /// Units assigned.
    assigned: u128,
    value: u128,
    upper_bound: u128,
    method: &'static str,
    variables: usize,
    /// The middle one of the times from the offers to the verified allocation, worker process included.
    solver_ms: f64,
    solver_runs: u16,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, unit, offers, assignments, assigned, value, upper_bound, method, variables, .. } = self;
        writeln!(f, "case         {case}, {offers} offers")?;
        writeln!(f, "assigned     {assigned} {unit} in {assignments} assignments")?;
        match upper_bound.saturating_sub(*value) {
            0 => writeln!(f, "value        {value}: no allocation is worth more")?,
            gap => writeln!(f, "value        {value}: no allocation is worth over {gap} more")?,
        }
        writeln!(f, "program      {method}, {variables} variables")?;
        write!(f, "time         {} ms, the middle one of {} runs", self.solver_ms, self.solver_runs)
    }
}
