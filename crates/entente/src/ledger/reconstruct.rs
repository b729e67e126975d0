//! `ledger reconstruct`: a system from the reports that were not lost.

use std::fmt;

use ledger_simulator::{Config, Metrics, Simulator};
use ledger_twin::{Difference, Rebuilt, Source, StateReport, Twin, reports};
use serde::Serialize;
use simulation::Random;

use super::system::{self, Deviation, usage};
use crate::{cli::Reconstruct, exit::Failure, output::Table, setting::Setting};

/// How much liars exaggerate.
const EXAGGERATION: u64 = 10;

/// Rebuilds.
pub fn run(setting: &Setting, words: &Reconstruct) -> Result<(), Failure> {
    let config = system::config(&words.system)?;
    let lost = lost(words, &config)?;
    let original = system::worked(&config, None).map_err(|error| usage(&error))?;
    let mut received: Vec<_> = reports(&original, words.estimator.into());
    received.retain(|report| !lost.contains(&report.node));
    lie(&mut received, words.liars);
    let mut twin = Twin::new(config.nodes);
    for report in received {
        twin.receive(report);
    }
    let rebuilt = twin.rebuild(words.belief.belief(words.liars));
    if let Some(file) = &words.chart {
        let chart = ledger_charts::networks(original.topology(), &rebuilt.topology, &lost);
        system::draw(setting.output, file, chart)?;
    }
    Ok(setting.output.result(&compare(&config, &original, &rebuilt, &lost)?)?)
}

/// Who is lost.
fn lost(words: &Reconstruct, config: &Config) -> Result<Vec<u32>, Failure> {
    let count = if words.nodes.is_empty() { words.lost } else { 0 };
    if count > config.nodes || words.nodes.iter().any(|node| *node >= config.nodes) {
        return Err(Failure::Usage(format!("there are {} nodes, from 0 on", config.nodes)));
    }
    if words.nodes.is_empty() { Ok(draw(config.nodes, count, words.draw)) } else { Ok(words.nodes.clone()) }
}

/// So many of so many nodes at random.
#[expect(clippy::cast_possible_truncation, reason = "they are below the number of nodes")]
pub fn draw(nodes: u32, count: u32, seed: u64) -> Vec<u32> {
    let sample = Random::stream(seed, "lost").sample(count as usize, nodes as usize);
    sample.into_iter().map(|node| node as u32).collect()
}

fn lie(received: &mut [StateReport], liars: usize) {
    for peer in received.iter_mut().take(liars).flat_map(|report| &mut report.peers) {
        peer.bandwidth *= EXAGGERATION;
    }
}

fn compare(config: &Config, original: &Simulator, rebuilt: &Rebuilt, lost: &[u32]) -> Result<Comparison, Failure> {
    let difference = Difference::between(original.topology(), &rebuilt.topology);
    let metrics = if rebuilt.is_whole() {
        let again = system::worked(config, Some(rebuilt.topology.clone())).map_err(|error| usage(&error))?;
        Some(again.metrics())
    } else {
        None
    };
    let node = |node: &u32| Lost {
        node: *node,
        bandwidth: original.topology().bandwidths[*node as usize],
        rebuilt: rebuilt.topology.bandwidths[*node as usize],
        source: rebuilt.sources[*node as usize],
    };
    let original = original.metrics();
    Ok(Comparison {
        lost: lost.iter().map(node).collect(),
        identical: difference == Difference::default(),
        difference,
        parts: rebuilt.parts.len(),
        deviation: metrics.as_ref().map(|metrics| Deviation::of(metrics, &original)),
        original,
        rebuilt: metrics,
    })
}

/// A lost node, bytes a second.
#[derive(Serialize)]
struct Lost {
    node: u32,
    bandwidth: u64,
    rebuilt: u64,
    source: Source,
}

#[derive(Serialize)]
struct Comparison {
    lost: Vec<Lost>,
    /// Whether all links came back as they were.
    identical: bool,
    difference: Difference,
    /// Into how many parts the rebuilt network falls.
    parts: usize,
    original: Metrics,
    /// Nothing where the network fell apart.
    rebuilt: Option<Metrics>,
    /// Per cent.
    deviation: Option<Deviation>,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lost = Table::new(&["lost node", "MB/s", "rebuilt MB/s", "from"]);
        for Lost { node, bandwidth, rebuilt, source } in &self.lost {
            let from = match source {
                Source::Reported => "its report".to_owned(),
                Source::Estimated { peers, messages } => format!("{peers} peers, {messages} messages"),
                Source::Unseen => "nothing: the median".to_owned(),
            };
            lost.row([node.to_string(), megabytes(*bandwidth), megabytes(*rebuilt), from]);
        }
        write!(f, "{lost}")?;
        let Difference { missing, changed, invented } = &self.difference;
        writeln!(f, "links: {} missing, {} changed, {} invented", missing.len(), changed.len(), invented.len())?;
        let (Some(rebuilt), Some(deviation)) = (&self.rebuilt, &self.deviation) else {
            return write!(f, "the rebuilt network falls into {} parts; it was not simulated", self.parts);
        };
        let mut figures = Table::new(&["figure", "original", "rebuilt", "deviation"]);
        let original = &self.original;
        for (name, before, after, change) in [
            ("latency, s", original.latency, rebuilt.latency, deviation.latency),
            ("throughput, tx/s", original.throughput, rebuilt.throughput, deviation.throughput),
            ("inter-block time, s", original.inter_block, rebuilt.inter_block, deviation.inter_block),
        ] {
            figures.row([name.to_owned(), format!("{before:.4}"), format!("{after:.4}"), format!("{change:+.2} %")]);
        }
        write!(f, "{figures}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bandwidth: u64) -> String {
    format!("{:.2}", bandwidth as f64 / 1e6)
}
