//! `demo transax`: a day of trading, end to end, on a chain of its own.

pub mod clock;
mod day;
mod hosting;
mod outcome;
mod stage;
pub mod troupe;

use std::{fs, path::Path};

use ::report::{DayReport, chart_png, chart_svg, table};
use anyhow::Context;
use serde::Serialize;

use crate::{
    cli::{Demo, DemoTransax},
    exit::Failure,
    setting::Setting,
};

/// Runs a demonstration.
pub async fn run(setting: &Setting, demo: Demo) -> Result<(), Failure> {
    match demo {
        Demo::Transax(words) => transax(setting, &words).await,
        Demo::SolidWorx(words) => crate::solidworx::demo::run(setting, &words).await,
        Demo::Modicum(words) => crate::modicum::demo::run(setting, &words).await,
    }
}

async fn transax(setting: &Setting, words: &DemoTransax) -> Result<(), Failure> {
    let day = day::Day::read(words)?;
    // Told now rather than after the day has been traded.
    fs::create_dir_all(&words.out).with_context(|| format!("{} cannot be made", words.out.display()))?;
    setting.output.progress(format_args!("a day of {}: {} prosumers", day.label, day.participants.len()));
    let stage = stage::Stage::set(&day, setting.output).await?;
    let mut cast = hosting::Cast::host(&stage, &day)?;
    let pace = std::time::Duration::from_millis(words.interval_milliseconds);
    clock::run(&stage, &day, &mut cast, pace, setting.output).await?;
    setting.output.progress("the day is over; computing what could have been traded at most");
    let report = outcome::report(&stage, &day, cast).await?;
    write(&report, &words.out)?;
    if report.violations > 0 {
        return Err(anyhow::anyhow!("{} promises were broken; see {}", report.violations, words.out.display()).into());
    }
    Ok(setting.output.result(&Shown { report: &report, out: &words.out })?)
}

fn write(report: &DayReport, out: &Path) -> anyhow::Result<()> {
    let save = |name: &str, content: &[u8]| {
        let path = out.join(name);
        fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))
    };
    save("report.json", &serde_json::to_vec_pretty(report)?)?;
    save("chart.svg", chart_svg(report)?.as_bytes())?;
    save("chart.png", &chart_png(report)?)
}

/// The report: as JSON just itself, in words with where the files are.
#[derive(Serialize)]
#[serde(transparent)]
struct Shown<'a> {
    report: &'a DayReport,
    #[serde(skip)]
    out: &'a Path,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", table(self.report).trim_end())?;
        write!(f, "report.json, chart.svg and chart.png are in {}", self.out.display())
    }
}
