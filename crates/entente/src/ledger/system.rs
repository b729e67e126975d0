//! From words to a configuration, and what long runs have in common.

use std::{num::NonZero, path::Path, thread};

use indicatif::{ProgressBar, ProgressStyle};
use ledger_charts::ChartError;
use ledger_simulator::{Config, ConfigError, Metrics, PRESETS, Simulator, Topology, preset};
use serde::Serialize;
use simulation::Micros;

use crate::{cli::System, exit::Failure, output::Output};

/// How long after the last transaction the last announcements have arrived.
const SETTLING_SECONDS: f64 = 5.0;

/// The configuration that is named.
pub fn config(words: &System) -> Result<Config, Failure> {
    let mut config = match &words.config {
        Some(file) => {
            let text = read(file)?;
            Config::from_toml(&text).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?
        }
        None => preset(&words.preset).ok_or_else(|| unknown(&words.preset))?,
    };
    config.seed = words.seed.unwrap_or(config.seed);
    Ok(config)
}

/// The text of a file that a user names.
pub fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

fn unknown(name: &str) -> Failure {
    let list: Vec<_> = PRESETS.iter().map(|(name, what, _)| format!("  {name}: {what}")).collect();
    Failure::Usage(format!("there is no preset `{name}`; there are\n{}", list.join("\n")))
}

/// How many threads: as many as asked for, or as there are cores.
pub fn threads(words: Option<u32>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    words.map_or_else(cores, |threads| threads as usize)
}

/// Progress of so many runs; hidden beside JSON.
pub fn progress(output: Output, runs: usize, what: &'static str) -> ProgressBar {
    if output.is_json() || runs < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
    let bar = ProgressBar::new(runs as u64).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// A configuration that cannot be simulated.
pub fn usage(error: &dyn std::error::Error) -> Failure {
    Failure::Usage(error.to_string())
}

/// Writes a chart; says where.
pub fn draw(output: Output, file: &Path, chart: Result<String, ChartError>) -> Result<(), Failure> {
    let svg = chart.map_err(anyhow::Error::from)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, svg)?;
    output.progress(format!("drew {}", file.display()));
    Ok(())
}

/// A system that did its work, and until all its nodes know of it.
pub fn worked(config: &Config, topology: Option<Topology>) -> Result<Simulator, ConfigError> {
    let mut system = match topology {
        Some(topology) => Simulator::with_topology(config, topology)?,
        None => Simulator::new(config)?,
    };
    system.run();
    system.run_until(system.now() + Micros::from_seconds(SETTLING_SECONDS));
    Ok(system)
}

/// The relative change of each figure, per cent.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Deviation {
    pub latency: f64,
    pub throughput: f64,
    pub inter_block: f64,
    pub gini: f64,
}

impl Deviation {
    /// Of what was rebuilt from the original; that of the Gini coefficient is a difference in hundredths.
    pub fn of(rebuilt: &Metrics, original: &Metrics) -> Self {
        let percent = |rebuilt: f64, original: f64| (rebuilt / original - 1.0) * 100.0;
        Self {
            latency: percent(rebuilt.latency, original.latency),
            throughput: percent(rebuilt.throughput, original.throughput),
            inter_block: percent(rebuilt.inter_block, original.inter_block),
            gini: (rebuilt.gini - original.gini) * 100.0,
        }
    }
}
