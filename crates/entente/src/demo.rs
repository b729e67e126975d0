//! `demo transax`: a day of trading, end to end, on a chain of its own.

pub mod clock;
mod day;
mod endurance;
mod hosting;
mod outcome;
mod privacy;
mod stage;
pub mod troupe;
mod unseen;

use std::{fs, path::Path, time::Duration};

use ::report::{DayReport, chart_png, chart_svg, table};
use anyhow::Context;
use serde::Serialize;
use transax_mixer::Schedule;

use crate::{
    cli::{Demo, DemoTransax},
    exit::Failure,
    output::Output,
    setting::Setting,
};
use endurance::{Endurance, Folder};
use unseen::Unseen;

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
    let (report, unseen, endurance) = if words.privacy {
        if !day.is_of_homes() {
            return Err(Failure::Usage(
                "a trace of offers cannot be traded without being seen; name a profile of homes".into(),
            ));
        }
        let (seen, ..) = trade(&day, words, false, setting.output).await?;
        setting.output.progress("the same day again, without being seen");
        let (report, unseen, endurance) = trade(&day, words, true, setting.output).await?;
        (report, unseen.map(|unseen| Unseen { seen_wh: seen.traded_wh, ..unseen }), endurance)
    } else {
        trade(&day, words, false, setting.output).await?
    };
    write(&report, unseen.as_ref(), endurance.as_ref(), &words.out)?;
    if report.violations > 0 {
        return Err(anyhow::anyhow!("{} promises were broken; see {}", report.violations, words.out.display()).into());
    }
    let wrong = unseen.as_ref().map_or(0, Unseen::wrong_bills);
    if wrong > 0 {
        return Err(anyhow::anyhow!("{wrong} bills are wrong; see {}", words.out.display()).into());
    }
    Ok(setting.output.result(&Shown { report: &report, unseen, endurance, out: &words.out })?)
}

/// Trades the day on a chain of its own.
async fn trade(
    day: &day::Day,
    words: &DemoTransax,
    is_private: bool,
    output: Output,
) -> anyhow::Result<(DayReport, Option<Unseen>, Option<Endurance>)> {
    let schedule = Schedule::default();
    // Before the first period there are withdrawals and mixes, and after the last one credits go home.
    let (lead, tail, relays) =
        if is_private { (schedule.lead(), schedule.tail() - schedule.length, privacy::RELAYS) } else { (0, 0, 0) };
    let stage = stage::Stage::set(day, lead, relays, output).await?;
    let privacy = if is_private { Some(privacy::Privacy::open(&stage, day).await?) } else { None };
    let folder = if words.endurance { Some(Folder::open(&words.out)?) } else { None };
    let mut cast = hosting::Cast::host(&stage, day, privacy.as_ref(), folder.as_ref()).await?;
    let (pace, mut endurance) = (Duration::from_millis(words.interval_milliseconds), Endurance::default());
    clock::run(&stage, day, &mut cast, tail, pace, &mut endurance, output).await?;
    output.progress("the day is over; computing what could have been traded at most");
    let (report, unseen) = outcome::report(&stage, day, privacy.as_ref(), cast).await?;
    let Some(folder) = folder else { return Ok((report, unseen, None)) };
    endurance.restart(&stage, &folder, privacy.as_ref()).await?;
    Ok((report, unseen, Some(endurance)))
}

fn write(report: &DayReport, unseen: Option<&Unseen>, endurance: Option<&Endurance>, out: &Path) -> anyhow::Result<()> {
    let save = |name: &str, content: &[u8]| {
        let path = out.join(name);
        fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))
    };
    save("report.json", &serde_json::to_vec_pretty(report)?)?;
    if let Some(unseen) = unseen {
        save("privacy.json", &serde_json::to_vec_pretty(unseen)?)?;
    }
    if let Some(endurance) = endurance {
        save("endurance.json", &serde_json::to_vec_pretty(endurance)?)?;
    }
    save("chart.svg", chart_svg(report)?.as_bytes())?;
    save("chart.png", &chart_png(report)?)
}

/// The report: as JSON just itself and, where there is that, what trading without being seen came to; in words with where the
/// files are.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    report: &'a DayReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<Unseen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endurance: Option<Endurance>,
    #[serde(skip)]
    out: &'a Path,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", table(self.report).trim_end())?;
        if let Some(unseen) = &self.unseen {
            writeln!(f, "{unseen}")?;
        }
        if let Some(endurance) = &self.endurance {
            writeln!(f, "{endurance}")?;
        }
        write!(f, "report.json, chart.svg and chart.png are in {}", self.out.display())
    }
}
