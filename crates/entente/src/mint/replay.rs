//! `mint replay`: samples taken before, through the detector.

use std::{collections::BTreeMap, fmt, path::Path};

use mint::{MinerId, Policy, Share};
use mint_detector::{Detector, Parameters};
use mint_fog::Entry;
use serde::{Deserialize, Serialize};

use super::read;
use crate::{cli::MintReplay, exit::Failure, output::Table, setting::Setting};

/// What came of one miner's samples.
#[derive(Serialize)]
struct Replayed {
    miner: MinerId,
    samples: u64,
    /// Samples that no detector takes.
    refused: u64,
    /// Places of samples, from 0, at which an alarm was raised.
    alarms: Vec<u64>,
    /// The largest W.
    peak: f64,
    /// Samples over the cap.
    over: u64,
    #[serde(skip)]
    detector: Detector,
    #[serde(skip)]
    was_alarm: bool,
}

#[derive(Serialize)]
#[serde(transparent)]
struct All(Vec<Replayed>);

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["miner", "samples", "refused", "over cap", "largest W", "alarms at"]);
        for found in &self.0 {
            let shown: Vec<String> = found.alarms.iter().take(8).map(ToString::to_string).collect();
            let more = found.alarms.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            table.row([
                found.miner.to_string(),
                found.samples.to_string(),
                found.refused.to_string(),
                found.over.to_string(),
                format!("{:.3}", found.peak),
                shown.join(" ") + &more,
            ]);
        }
        table.fmt(f)
    }
}

/// Replays a file.
pub fn run(setting: &Setting, words: &MintReplay) -> Result<(), Failure> {
    let parameters = if words.paper { Parameters::paper() } else { Parameters::calibrated() };
    let detector = Detector::new(parameters).map_err(anyhow::Error::from)?;
    let mut all: BTreeMap<MinerId, Replayed> = BTreeMap::new();
    for (miner, percent) in samples(&words.file)? {
        let fresh = || Replayed {
            miner: miner.clone(),
            samples: 0,
            refused: 0,
            alarms: Vec::new(),
            peak: 0.0,
            over: 0,
            detector: detector.clone(),
            was_alarm: false,
        };
        all.entry(miner.clone()).or_insert_with(fresh).see(percent);
    }
    Ok(setting.output.result(&All(all.into_values().collect()))?)
}

impl Replayed {
    fn see(&mut self, percent: f64) {
        match self.detector.push(percent) {
            Err(_) => self.refused += 1,
            Ok(state) => {
                let is_alarm = state.point().is_some_and(|point| point.is_alarm);
                if is_alarm && !self.was_alarm {
                    self.alarms.push(self.samples);
                }
                self.was_alarm = is_alarm;
                self.peak = state.point().map_or(self.peak, |point| self.peak.max(point.cusum));
                self.over += u64::from(Policy::default().is_over(share(percent)));
            }
        }
        self.samples += 1;
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the detector took it: 0 to 100,000 %")]
fn share(percent: f64) -> Share {
    Share::from_ppm((percent * 10_000.0) as u32).unwrap_or(Share::MOST)
}

#[derive(Deserialize)]
struct Row {
    miner: MinerId,
    cpu_percent: f64,
}

fn samples(file: &Path) -> Result<Vec<(MinerId, f64)>, Failure> {
    let text = read(file)?;
    let wrong = |place: usize, error: &dyn fmt::Display| {
        Failure::Usage(format!("{}, sample {}: {error}", file.display(), place + 1))
    };
    if !text.starts_with('{') {
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let rows = rows.deserialize().enumerate();
        let row = |(place, row): (usize, Result<Row, csv::Error>)| row.map_err(|error| wrong(place, &error));
        return rows.map(row).map(|row| row.map(|row| (row.miner, row.cpu_percent))).collect();
    }
    let mut found = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let entry = serde_json::from_str(line).map_err(|error| wrong(place, &error))?;
        if let Entry::Sample { signed, .. } = entry {
            found.push((signed.body.miner.clone(), f64::from(signed.body.key().ppm()) / 10_000.0));
        }
    }
    Ok(found)
}
