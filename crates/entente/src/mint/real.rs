//! `mint experiment --real`: processes that hash, each held to a part of a core, one of which takes double.

use std::{
    ffi::OsString,
    fmt, fs, thread,
    time::{Duration, Instant},
};

use mint_detector::{Detector, Parameters, Point};
use mint_edge::Allotment;
use report::{Curve, curves_svg};
use serde::Serialize;
use telemetry::{Supervisor, Usage};

use crate::{cli::MintExperiment, exit::Failure, output::Table, setting::Setting};

const MINERS: usize = 8;
/// Each miner's part of a core, thousandths.
const MILLICORES: u32 = 50;
const PERIOD: Duration = Duration::from_millis(250);
const SAMPLES: usize = 320;
/// The sample from which on the first miner takes double.
const DOUBLES_AT: usize = 200;

/// One miner's part.
#[derive(Serialize)]
struct Measured {
    cheats: bool,
    /// Per cent of the allotment.
    mean: f64,
    /// Of the samples before the change, percentage points.
    deviation: f64,
    /// Alarms raised before the change.
    alarms_before: u64,
    /// Samples from the change to the first alarm raised after it, 1 for the same one.
    found_after: Option<usize>,
    /// Samples from the change until three in a row are over the cap.
    cap_test_after: Option<usize>,
    samples: Vec<f64>,
    points: Vec<Option<Point>>,
}

#[derive(Serialize)]
struct Real {
    mechanism: String,
    millicores: u32,
    period_ms: u128,
    doubles_at: usize,
    miners: Vec<Measured>,
}

/// Measures for a minute and a half.
pub fn run(setting: &Setting, words: &MintExperiment) -> Result<(), Failure> {
    let allotment = Allotment { millicores: MILLICORES, memory_bytes: 1 << 30, io_bytes_per_second: 1 << 20 };
    let command = ["sha256sum", "/dev/zero"].map(OsString::from);
    let start = |place: usize| {
        let supervisor = Supervisor::start(&command, &format!("real-{place}"), None)?;
        supervisor.limit_cpu(Some(MILLICORES))?;
        Ok(supervisor)
    };
    let supervisors: Vec<Supervisor> =
        (0..MINERS).map(start).collect::<Result<_, telemetry::TelemetryError>>().map_err(anyhow::Error::from)?;
    let mechanism = supervisors.first().map(|s| s.mechanism().to_string()).unwrap_or_default();
    setting.output.progress(format_args!("{MINERS} miners, {MILLICORES} millicores each, held by {mechanism}"));
    let series = measure(&supervisors, &allotment)?;
    let judged = series.into_iter().enumerate().map(|(place, samples)| judge(place == 0, samples));
    let miners = judged.collect::<Result<Vec<_>, Failure>>()?;
    let period_ms = PERIOD.as_millis();
    let real = Real { mechanism, millicores: MILLICORES, period_ms, doubles_at: DOUBLES_AT, miners };
    if let Some(folder) = &words.out {
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(&real).map_err(anyhow::Error::from)?;
        fs::write(folder.join("real.json"), text + "\n")?;
        fs::write(folder.join("real.svg"), chart(&real)?)?;
    }
    Ok(setting.output.result(&real)?)
}

/// Every miner's CPU share at every sample, per cent.
fn measure(supervisors: &[Supervisor], allotment: &Allotment) -> Result<Vec<Vec<f64>>, Failure> {
    let usages = || -> Result<Vec<(Instant, Usage)>, Failure> {
        let read = |supervisor: &Supervisor| Ok((Instant::now(), supervisor.usage().map_err(anyhow::Error::from)?));
        supervisors.iter().map(read).collect()
    };
    let mut series = vec![Vec::with_capacity(SAMPLES); supervisors.len()];
    let mut last = usages()?;
    let begun = Instant::now();
    for sample in 0..SAMPLES {
        if sample == DOUBLES_AT
            && let Some(cheat) = supervisors.first()
        {
            cheat.limit_cpu(Some(2 * MILLICORES)).map_err(anyhow::Error::from)?;
        }
        let due = PERIOD * u32::try_from(sample + 1).unwrap_or(u32::MAX);
        thread::sleep(due.saturating_sub(begun.elapsed()));
        let now = usages()?;
        for ((samples, before), after) in series.iter_mut().zip(&last).zip(&now) {
            let [cpu, ..] = allotment.shares(&before.1, &after.1, after.0.duration_since(before.0));
            samples.push(f64::from(cpu.ppm()) / 10_000.0);
        }
        last = now;
    }
    Ok(series)
}

#[expect(clippy::cast_precision_loss, reason = "some hundred samples")]
fn judge(cheats: bool, samples: Vec<f64>) -> Result<Measured, Failure> {
    let mut detector = Detector::new(Parameters::calibrated()).map_err(anyhow::Error::from)?;
    let points: Vec<Option<Point>> =
        samples.iter().map(|c| detector.push(*c).ok().and_then(mint_detector::State::point)).collect();
    let is_alarm = |place: usize| points.get(place).is_some_and(|point| point.is_some_and(|point| point.is_alarm));
    let raised = |place: &usize| is_alarm(*place) && !place.checked_sub(1).is_some_and(is_alarm);
    let quiet = samples.get(..DOUBLES_AT).unwrap_or_default();
    let mean = quiet.iter().sum::<f64>() / quiet.len().max(1) as f64;
    let variance = quiet.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / quiet.len().max(1) as f64;
    let over = |place: &usize| samples.get(*place..place + 3).is_some_and(|row| row.iter().all(|c| *c > 105.0));
    let after = |place: usize| place + 1 - DOUBLES_AT;
    Ok(Measured {
        cheats,
        mean,
        deviation: variance.sqrt(),
        alarms_before: (0..DOUBLES_AT).filter(raised).count() as u64,
        found_after: (DOUBLES_AT..SAMPLES).find(raised).map(after),
        cap_test_after: (DOUBLES_AT..SAMPLES).find(over).map(|place| after(place + 2)),
        samples,
        points,
    })
}

impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["miner", "mean %", "deviation", "alarms before", "alarm after", "cap test after"];
        let mut table = Table::new(&header);
        for (place, miner) in self.miners.iter().enumerate() {
            let places = |places: Option<usize>| places.map_or_else(|| "–".to_owned(), |n| n.to_string());
            table.row([
                format!("{place}{}", if miner.cheats { ", takes double" } else { "" }),
                format!("{:.1}", miner.mean),
                format!("{:.2}", miner.deviation),
                miner.alarms_before.to_string(),
                places(miner.found_after),
                places(miner.cap_test_after),
            ]);
        }
        writeln!(f, "held by {}; in samples of {} ms", self.mechanism, self.period_ms)?;
        table.fmt(f)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some hundred samples")]
fn chart(real: &Real) -> Result<String, Failure> {
    let curve = |(place, miner): (usize, &Measured)| Curve {
        name: format!("miner {place}{}", if miner.cheats { ", takes double" } else { "" }),
        points: miner.samples.iter().enumerate().map(|(t, c)| (t as f64 / 4.0, *c)).collect(),
    };
    let curves: Vec<Curve> = real.miners.iter().enumerate().take(3).map(curve).collect();
    let title = format!("CPU of hashing processes held by {}", real.mechanism);
    Ok(curves_svg(&title, ("s", "per cent of the allotment"), &curves).map_err(anyhow::Error::from)?)
}
