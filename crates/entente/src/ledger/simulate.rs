//! `ledger simulate`: how a system does.

use std::{fmt, path::Path, time::Instant};

use ledger_simulator::{Config, ConfigError, Metrics, Simulator};
use serde::Serialize;
use simulation::{Micros, Summary, replicas};

use super::system::{self, usage};
use crate::{cli::Simulate, exit::Failure, output::Table, setting::Setting};

/// Simulates.
pub fn run(setting: &Setting, words: &Simulate) -> Result<(), Failure> {
    if let Some(file) = &words.resume {
        let read = serde_json::from_str(&system::read(file)?);
        let simulator = read.map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
        return go_on(setting, words, simulator);
    }
    let config = system::config(&words.system)?;
    if words.print {
        let text = config.to_toml().map_err(|error| Failure::Usage(error.to_string()))?;
        return Ok(setting.output.result(&Printed { toml: text })?);
    }
    if words.replicas > 1 {
        return many(setting, words, &config);
    }
    go_on(setting, words, Simulator::new(&config).map_err(|error| usage(&error))?)
}

fn go_on(setting: &Setting, words: &Simulate, mut simulator: Simulator) -> Result<(), Failure> {
    let begun = Instant::now();
    match words.until {
        Some(seconds) => simulator.run_until(Micros::from_seconds(seconds)),
        None => simulator.run(),
    }
    let run_ms = begun.elapsed().as_secs_f64() * 1e3;
    if let Some(file) = &words.state {
        write(file, &simulator)?;
    }
    Ok(setting.output.result(&One { metrics: simulator.metrics(), heights: simulator.heights(), run_ms })?)
}

fn write(file: &Path, simulator: &Simulator) -> Result<(), Failure> {
    let text = serde_json::to_string(simulator).map_err(anyhow::Error::from)?;
    Ok(std::fs::write(file, text)?)
}

fn many(setting: &Setting, words: &Simulate, config: &Config) -> Result<(), Failure> {
    let seeds: Vec<u64> = (config.seed..).take(words.replicas as usize).collect();
    let bar = system::progress(setting.output, seeds.len(), "simulating");
    let begun = Instant::now();
    let simulate = |seed: &u64| -> Result<Metrics, ConfigError> {
        let mut simulator = Simulator::new(&Config { seed: *seed, ..config.clone() })?;
        simulator.run();
        Ok(simulator.metrics())
    };
    let all = replicas(&seeds, system::threads(words.threads), simulate, |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let all = all.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| usage(&error))?;
    let of = |figure: fn(&Metrics) -> f64| Summary::of(&all.iter().map(figure).collect::<Vec<_>>());
    let many = Many {
        first_seed: config.seed,
        replicas: words.replicas,
        latency: of(|metrics| metrics.latency),
        latency_by_block: of(|metrics| metrics.latency_by_block),
        throughput: of(|metrics| metrics.throughput),
        inter_block: of(|metrics| metrics.inter_block),
        gini: of(|metrics| metrics.gini),
        events: all.iter().map(|metrics| metrics.events).sum(),
        conflicts: all.iter().map(|metrics| metrics.conflicts).sum(),
        run_ms: begun.elapsed().as_secs_f64() * 1e3,
    };
    Ok(setting.output.result(&many)?)
}

#[derive(Serialize)]
struct Printed {
    toml: String,
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.toml)
    }
}

/// One run.
#[derive(Serialize)]
struct One {
    #[serde(flatten)]
    metrics: Metrics,
    /// Blocks that each node has.
    heights: Vec<u32>,
    /// How long the computer took.
    run_ms: f64,
}

impl fmt::Display for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { metrics, run_ms, .. } = self;
        writeln!(f, "committed         {} transactions in {} blocks", metrics.transactions, metrics.blocks)?;
        writeln!(f, "latency           {:.3} s; by block and node {:.3} s", metrics.latency, metrics.latency_by_block)?;
        writeln!(f, "throughput        {:.2} transactions/s", metrics.throughput)?;
        writeln!(f, "inter-block time  {:.4} s", metrics.inter_block)?;
        writeln!(f, "decentralisation  Gini {:.4}", metrics.gini)?;
        writeln!(f, "view changes      {}; contradicting decisions {}", metrics.view_changes, metrics.conflicts)?;
        write!(f, "simulated         {:.3} s, {} events, in {run_ms:.1} ms", metrics.simulated, metrics.events)
    }
}

/// Many runs.
#[derive(Serialize)]
struct Many {
    first_seed: u64,
    replicas: u32,
    latency: Summary,
    latency_by_block: Summary,
    throughput: Summary,
    inter_block: Summary,
    gini: Summary,
    events: u64,
    conflicts: usize,
    run_ms: f64,
}

impl fmt::Display for Many {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["figure", "mean", "± 95 %", "deviation", "least", "median", "greatest"]);
        let rows = [
            ("latency, s", self.latency),
            ("latency by block, s", self.latency_by_block),
            ("throughput, tx/s", self.throughput),
            ("inter-block time, s", self.inter_block),
            ("Gini", self.gini),
        ];
        for (name, summary) in rows {
            let Summary { mean, confidence, deviation, least, quartiles, greatest, .. } = summary;
            let figures = [mean, confidence, deviation, least, quartiles[1], greatest];
            table.row([name.to_owned()].into_iter().chain(figures.map(|figure| format!("{figure:.4}"))));
        }
        write!(f, "{table}")?;
        let Self { replicas, events, conflicts, run_ms, .. } = self;
        write!(f, "{replicas} runs, {events} events in {run_ms:.0} ms; contradicting decisions {conflicts}")
    }
}
