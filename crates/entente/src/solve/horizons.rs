//! `solve --horizons`: how far it pays to look ahead, with offers that expire first preferred and plainly (figure 2.8).

use std::{ffi::OsString, fmt, fs, path::Path, process::Command};

use anyhow::Context as _;
use report::{Curve, curves_svg};
use serde::Serialize;

use super::{Solved, name};
use crate::{cli::Solve, exit::Failure, setting::Setting};

/// How often each day is planned; the run of middle time counts.
const RUNS: usize = 3;
const WAYS: [Way; 2] = [Way::ExpiringFirst, Way::Plain];

/// Which of the many optima of a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Way {
    ExpiringFirst,
    Plain,
}

/// A day planned with one horizon in one way.
#[derive(Debug, Serialize)]
struct Planned {
    horizon: u32,
    way: Way,
    #[serde(flatten)]
    solved: Solved,
}

/// Every horizon in both ways.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Swept(Vec<Planned>);

/// Plans the day of a file with each horizon, each time in a process of its own, so that its memory is its own, too.
pub fn sweep(setting: &Setting, words: &Solve) -> Result<Swept, Failure> {
    let mut planned = Vec::new();
    for horizon in &words.horizons {
        for way in WAYS {
            let runs: Result<Vec<Solved>, Failure> = (0..RUNS).map(|_| in_a_child(words, *horizon, way)).collect();
            let mut runs = runs?;
            runs.sort_by(|one, other| one.solve_ms.total_cmp(&other.solve_ms));
            let solved = runs.swap_remove(RUNS / 2);
            setting.output.progress(format_args!("T_h = {horizon}, {way}: {} Wh", solved.value));
            planned.push(Planned { horizon: *horizon, way, solved });
        }
    }
    let swept = Swept(planned);
    if let Some(folder) = &words.charts {
        swept.draw(folder)?;
    }
    Ok(swept)
}

fn in_a_child(words: &Solve, horizon: u32, way: Way) -> Result<Solved, Failure> {
    let mut arguments: Vec<OsString> = vec!["solve".into(), "--json".into(), words.file.clone().into()];
    let mut add = |option: &str, value: Option<String>| {
        arguments.extend(value.into_iter().flat_map(|value| [option.into(), value.into()]));
    };
    add("--horizon", Some(horizon.to_string()));
    add("--internal-limit-wh", words.internal_limit_wh.map(|limit| limit.to_string()));
    add("--external-limit-wh", words.external_limit_wh.map(|limit| limit.to_string()));
    add("--formulation", Some(name(words.formulation.into()).to_owned()));
    add("--deadline", Some(words.deadline.to_string()));
    add("--most-trades", words.most_trades.map(|most| most.to_string()));
    if way == Way::Plain {
        arguments.push("--no-tie-break".into());
    }
    if words.uniform_price {
        arguments.push("--uniform-price".into());
    }
    let ran = Command::new(std::env::current_exe()?).args(arguments).output()?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
        return Err(anyhow::anyhow!("the day was not planned with horizon {horizon}: {said}").into());
    }
    Ok(serde_json::from_slice(&ran.stdout).context("a plan in figures")?)
}

impl Swept {
    /// `energy.svg`, `time.svg` and `memory.svg`.
    fn draw(&self, folder: &Path) -> Result<(), Failure> {
        fs::create_dir_all(folder)?;
        let draw = |file: &str, title: &str, unit: &str, figure: fn(&Solved) -> f64| -> Result<(), Failure> {
            let curves = WAYS.map(|way| Curve { name: way.to_string(), points: self.points(way, figure) });
            let chart = curves_svg(title, ("T_h, intervals looked ahead", unit), &curves);
            Ok(fs::write(folder.join(file), chart.map_err(anyhow::Error::from)?)?)
        };
        draw("energy.svg", "What is not traded of what could be", "% of the optimum", Solved::missed)?;
        draw("time.svg", "Time to plan the whole day", "ms", |solved| solved.build_ms + solved.solve_ms)?;
        draw("memory.svg", "Peak memory of the process", "MiB", |solved| solved.mebibytes().unwrap_or(0.0))
    }

    fn points(&self, way: Way, figure: fn(&Solved) -> f64) -> Vec<(f64, f64)> {
        let planned = self.0.iter().filter(|planned| planned.way == way);
        planned.map(|planned| (planned.horizon.into(), figure(&planned.solved))).collect()
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, " T_h  way                 traded Wh   missed        ms      MiB")?;
        for Planned { horizon, way, solved } in &self.0 {
            let (way, time) = (way.to_string(), solved.build_ms + solved.solve_ms);
            let memory = solved.mebibytes().map_or_else(|| "–".to_owned(), |memory| format!("{memory:.1}"));
            let (value, missed) = (solved.value, solved.missed());
            writeln!(f, "{horizon:>4}  {way:<14} {value:>14} {missed:>6.2} % {time:>9.1} {memory:>8}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ExpiringFirst => "expiring first",
            Self::Plain => "plain",
        })
    }
}
