//! `mint experiment`: the paper's section 5, again.

use std::{fmt, fs};

use mint_study::{Collusion, Experiment, Figures, Noise, experiment};
use serde::Serialize;

use super::charts;
use crate::{cli::MintExperiment, exit::Failure, output::Table, setting::Setting};

/// Measures, shows, and writes down.
pub fn run(setting: &Setting, words: &MintExperiment) -> Result<(), Failure> {
    let noise = Noise { deviation: words.noise, correlation: words.correlation };
    let samples = usize::try_from(words.samples).map_err(anyhow::Error::from)?;
    let plan = Experiment { runs: words.runs, samples, noise };
    let figures = experiment(plan, |what| setting.output.progress(format_args!("measuring {what}")))
        .map_err(anyhow::Error::from)?;
    if let Some(folder) = &words.out {
        fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(&figures).map_err(anyhow::Error::from)?;
        fs::write(folder.join("experiment.json"), text + "\n")?;
        for (name, chart) in charts::all(noise, &figures)? {
            fs::write(folder.join(name), chart)?;
        }
    }
    Ok(setting.output.result(&Shown(figures))?)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Figures);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = &self.0;
        let mut quiet = Table::new(&["quiet miners", "points", "false alarms by 1,000", "in alarm by 1,000"]);
        for (mode, rate) in &figures.quiet {
            quiet.row([
                mode.clone(),
                rate.points.to_string(),
                format!("{:.2}", rate.alarms_per_thousand),
                format!("{:.1}", rate.points_in_alarm_per_thousand),
            ]);
        }
        let mut steps = Table::new(&["steps", "percentage points", "found %", "within 4 samples %", "median samples"]);
        for (mode, found) in &figures.steps {
            for step in found {
                steps.row([
                    mode.clone(),
                    format!("{}", step.step),
                    format!("{:.1}", step.found),
                    format!("{:.1}", step.found_within_four),
                    step.median_samples.to_string(),
                ]);
            }
        }
        let mut collusion = Table::new(&["colluders of 16", "seeds", "all flagged", "honest flagged", "past h"]);
        for (past_round, past_h) in figures.collusion.iter().zip(&figures.collusion_past_h) {
            collusion.row(colluders(past_round, past_h));
        }
        write!(f, "{quiet}\n{steps}\n{collusion}")
    }
}

fn colluders(past_round: &Collusion, past_h: &Collusion) -> [String; 5] {
    [
        past_round.scheme.cheats.to_string(),
        past_round.runs.to_string(),
        past_round.all_flagged.to_string(),
        past_round.honest_flagged.to_string(),
        past_h.honest_flagged.to_string(),
    ]
}
