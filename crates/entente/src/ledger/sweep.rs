//! `ledger sweep`: how what is rebuilt gets worse with every report that is lost.

use std::{fmt, path::Path, time::Instant};

use ledger_simulator::{Config, ConfigError, Metrics};
use ledger_twin::{Belief, Estimator, StateReport, Twin, reports};
use serde::Serialize;
use simulation::{Summary, replicas};

use super::{
    reconstruct::draw,
    system::{self, Deviation, usage},
};
use crate::{
    cli::Sweep,
    exit::Failure,
    output::{Output, Table},
    setting::Setting,
};

/// Sweeps.
pub fn run(setting: &Setting, words: &Sweep) -> Result<(), Failure> {
    let config = system::config(&words.system)?;
    if let Some(lost) = words.lost.iter().find(|lost| **lost > config.nodes) {
        return Err(Failure::Usage(format!("{lost} reports cannot be lost of {}", config.nodes)));
    }
    let begun = Instant::now();
    let system = system::worked(&config, None).map_err(|error| usage(&error))?;
    let original = system.metrics();
    let all = reports(&system, Estimator::Mean);
    let draws: Vec<_> = words.lost.iter().flat_map(|lost| (0..words.replicas).map(move |draw| (*lost, draw))).collect();
    let bar = system::progress(setting.output, draws.len(), "rebuilding");
    let once = |(lost, seed): &(u32, u32)| rebuild(&config, &all, *lost, *seed);
    let done = |done: usize| bar.set_position(done as u64);
    let results = replicas(&draws, system::threads(words.threads), once, done);
    bar.finish_and_clear();
    let mut results = results.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| usage(&error))?.into_iter();
    let rows = words
        .lost
        .iter()
        .map(|lost| Row::new(*lost, &original, &results.by_ref().take(words.replicas as usize).collect::<Vec<_>>()));
    let swept =
        Swept { nodes: config.nodes, replicas: words.replicas, rows: rows.collect(), original, run_seconds: 0.0 };
    let swept = Swept { run_seconds: begun.elapsed().as_secs_f64(), ..swept };
    if let Some(folder) = &words.charts {
        swept.draw(setting.output, folder)?;
    }
    Ok(setting.output.result(&swept)?)
}

/// The figures of a rebuilt system, and how many links are missing; no figures where it fell apart.
type Rebuilt = (Option<Metrics>, usize);

fn rebuild(config: &Config, all: &[StateReport], lost: u32, seed: u32) -> Result<Rebuilt, ConfigError> {
    let gone = draw(config.nodes, lost, u64::from(lost) << 32 | u64::from(seed));
    let mut twin = Twin::new(config.nodes);
    for report in all.iter().filter(|report| !gone.contains(&report.node)) {
        twin.receive(report.clone());
    }
    let rebuilt = twin.rebuild(Belief::Maximum);
    let whole: usize = all.iter().map(|report| report.peers.len()).sum::<usize>() / 2;
    let missing = whole - rebuilt.topology.edges.len();
    let metrics = rebuilt.is_whole().then(|| system::worked(config, Some(rebuilt.topology))).transpose()?;
    Ok((metrics.map(|system| system.metrics()), missing))
}

#[derive(Serialize)]
struct Swept {
    nodes: u32,
    replicas: u32,
    original: Metrics,
    rows: Vec<Row>,
    run_seconds: f64,
}

/// With so many reports lost. Deviations in per cent.
#[derive(Serialize)]
struct Row {
    lost: u32,
    /// How many rebuilt networks fell apart, and were not simulated.
    apart: usize,
    missing_links: Summary,
    latency: Summary,
    throughput: Summary,
    inter_block: Summary,
    gini: Summary,
    latency_deviation: Summary,
    throughput_deviation: Summary,
    inter_block_deviation: Summary,
}

impl Row {
    fn new(lost: u32, original: &Metrics, rebuilt: &[Rebuilt]) -> Self {
        let whole: Vec<_> = rebuilt.iter().filter_map(|(metrics, _)| metrics.as_ref()).collect();
        let of = |figure: fn(&Metrics) -> f64| Summary::of(&whole.iter().map(|m| figure(m)).collect::<Vec<_>>());
        let deviations: Vec<_> = whole.iter().map(|metrics| Deviation::of(metrics, original)).collect();
        let by = |figure: fn(&Deviation) -> f64| Summary::of(&deviations.iter().map(figure).collect::<Vec<_>>());
        let missing = rebuilt.iter().map(|(_, missing)| u32::try_from(*missing).map_or(f64::INFINITY, f64::from));
        Self {
            lost,
            apart: rebuilt.len() - whole.len(),
            missing_links: Summary::of(&missing.collect::<Vec<_>>()),
            latency: of(|metrics| metrics.latency),
            throughput: of(|metrics| metrics.throughput),
            inter_block: of(|metrics| metrics.inter_block),
            gini: of(|metrics| metrics.gini),
            latency_deviation: by(|deviation| deviation.latency),
            throughput_deviation: by(|deviation| deviation.throughput),
            inter_block_deviation: by(|deviation| deviation.inter_block),
        }
    }
}

/// A figure of a row.
type Figure = fn(&Row) -> Summary;

impl Swept {
    fn draw(&self, output: Output, folder: &Path) -> Result<(), Failure> {
        let charts: [(&str, &str, Figure); 4] = [
            ("latency", "seconds", |row| row.latency),
            ("throughput", "transactions a second", |row| row.throughput),
            ("inter-block time", "seconds", |row| row.inter_block),
            ("decentralisation", "Gini coefficient", |row| row.gini),
        ];
        for (name, unit, figure) in charts {
            let samples: Vec<_> = self.rows.iter().map(|row| (row.lost.to_string(), figure(row))).collect();
            let title = format!("{name} by the number of lost reports of {}", self.nodes);
            let file = folder.join(format!("{}.svg", name.replace(' ', "-")));
            system::draw(output, &file, ledger_charts::boxes(&title, unit, &samples))?;
        }
        Ok(())
    }
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["lost", "links missing", "latency s", "± dev.", "change %", "throughput", "change %", "apart"];
        let mut table = Table::new(&header);
        table.row([
            "0".into(),
            "0".into(),
            format!("{:.3}", self.original.latency),
            String::new(),
            String::new(),
            format!("{:.2}", self.original.throughput),
            String::new(),
            String::new(),
        ]);
        for row in &self.rows {
            table.row([
                row.lost.to_string(),
                format!("{:.1}", row.missing_links.mean),
                format!("{:.3}", row.latency.mean),
                format!("{:.3}", row.latency.deviation),
                format!("{:+.1}", row.latency_deviation.mean),
                format!("{:.2}", row.throughput.mean),
                format!("{:+.1}", row.throughput_deviation.mean),
                row.apart.to_string(),
            ]);
        }
        let runs = self.rows.len() * self.replicas as usize;
        write!(f, "{table}{runs} systems rebuilt and run in {:.1} s", self.run_seconds)
    }
}
