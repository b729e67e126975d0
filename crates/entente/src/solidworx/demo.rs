//! `demo solidworx`: a case study, solved, judged, lived on a chain, and drawn.

use std::{
    fmt, fs,
    path::Path,
    time::{Duration, Instant},
};

use ::solidworx::{Assignment, packing};
use allocation::{Allocation, Method};
use anyhow::Context;
use serde::Serialize;
use solidworx_cases::{bars_svg, map_svg};

use super::{
    case::{self, Read},
    live::{self, Lived},
    optimise,
};
use crate::{cli::DemoSolidWorx, exit::Failure, setting::Setting};

const DEADLINE: Duration = Duration::from_mins(2);

/// Runs a case study.
pub async fn run(setting: &Setting, words: &DemoSolidWorx) -> Result<(), Failure> {
    let read = case::read(&words.case)?;
    fs::create_dir_all(&words.out).with_context(|| format!("{} cannot be made", words.out.display()))?;
    let (found, solver_ms) = solve(&read, words.repeat)?;
    let mut report = Report::new(&read, &found, solver_ms, words.repeat);
    let mut assignments = found.assignments;
    if !words.off_chain {
        let lived = live::run(&read, words, setting.output).await?;
        write(&words.out.join("solutions.svg"), lived.solutions_svg(read.name).as_bytes())?;
        assignments.clone_from(&lived.shown);
        report.chain = Some(lived);
    }
    save(&read, &report, &assignments, &words.out)?;
    setting.output.progress(format_args!("report, market and pictures are in {}", words.out.display()));
    Ok(setting.output.result(&report)?)
}

/// The allocation, and the middle one of the times that it took.
fn solve(read: &Read, repeat: u16) -> Result<(Allocation, f64), Failure> {
    let mut times = Vec::new();
    let mut found = None;
    for _ in 0..repeat {
        let begun = Instant::now();
        found = Some(optimise(&read.case.market, DEADLINE, Method::Auto)?);
        times.push(begun.elapsed());
    }
    Ok((found.context("a case is solved at least once")?, middle_ms(times)))
}

/// The middle one of some times, milliseconds; zero for none.
pub fn middle_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| (time.as_secs_f64() * 1e6).round() / 1e3)
}

fn save(read: &Read, report: &Report, assignments: &[Assignment], out: &Path) -> anyhow::Result<()> {
    write(&out.join("report.json"), &serde_json::to_vec_pretty(report)?)?;
    write(&out.join("market.json"), &serde_json::to_vec_pretty(&read.case.market)?)?;
    write(&out.join("chart.svg"), bars_svg(read.name, &read.case, assignments).as_bytes())?;
    if let Some(carpool) = &read.map {
        write(&out.join("map.svg"), map_svg(carpool, assignments).as_bytes())?;
    }
    Ok(())
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
    /// What the packed solution takes, call data; absent where places do not fit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    solution_bytes: Option<usize>,
    /// What came of it on a chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Lived>,
}

impl Report {
    fn new(read: &Read, found: &Allocation, solver_ms: f64, solver_runs: u16) -> Self {
        Self {
            case: read.name,
            unit: read.case.unit,
            offers: read.case.market.offers.len(),
            assignments: found.assignments.len(),
            assigned: found.assignments.iter().map(|one| u128::from(one.quantity)).sum(),
            value: found.value,
            upper_bound: found.upper_bound,
            method: found.method,
            variables: found.variables,
            solver_ms,
            solver_runs,
            solution_bytes: packing::solution(&read.case.market, &found.assignments)
                .map(|packed| packed.offers.len() + packed.assignments.len()),
            chain: None,
        }
    }
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
        write!(f, "time         {} ms, the middle one of {} runs", self.solver_ms, self.solver_runs)?;
        if let Some(lived) = &self.chain {
            write!(f, "\n{lived}")?;
        }
        Ok(())
    }
}
