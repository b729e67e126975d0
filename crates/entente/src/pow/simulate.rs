//! `pow simulate`: the paper's figures on a simulated network.

use std::{fmt, fs, path::Path};

use ::pow::{Mode, Params};
use anyhow::Context;
use pow_simulation::{Experiment, Order, Outcome, solo_block_ms};
use serde::Serialize;

use super::figures::{Chart, Line};
use crate::{
    cli::PowSimulate,
    exit::Failure,
    output::{Output, Table},
    setting::Setting,
};

/// The paper's rate of one node, hashes a second (table III).
const RATE: u32 = 339;
/// Table III, hashes a second, for one to eight nodes.
const PAPER: [f64; 8] = [339.0, 670.54, 1005.47, 1326.30, 1659.87, 1994.06, 2329.66, 2653.34];
/// Difficulties, leading zero bits.
const BITS: [u8; 6] = [8, 9, 10, 11, 12, 13];
const MINERS: [usize; 4] = [1, 2, 4, 8];
/// How often the manager is killed, for figure 5.
const REPETITIONS: u64 = 200;

/// What was measured; times in seconds.
#[derive(Debug, Serialize)]
struct Report {
    seed: u64,
    blocks: u32,
    rate_per_node: u32,
    /// Table III: nodes, hashes a second, efficiency, and the paper's hashes a second.
    table_iii: Vec<(usize, f64, f64, f64)>,
    /// Mean block times: nodes, bits, seconds, and what theory says.
    managed: Vec<(usize, u8, f64, f64)>,
    /// Mean block times of nodes that do not work together: nodes, seconds where all search alike, seconds where each
    /// searches its own, at the greatest difficulty.
    solo: Vec<(usize, f64, f64)>,
    failure: Vec<FailureFigures>,
}

/// What the loss of a manager in block 7 does.
#[derive(Debug, Serialize)]
struct FailureFigures {
    mode: &'static str,
    repetitions: u64,
    /// Mean time of each block.
    block_seconds: Vec<f64>,
    /// Median of how much longer block 7 took than the median of all other blocks.
    median_extra_seconds: f64,
    /// Median of how much longer block 7 took than its different hashes take at the rate before.
    median_lost_seconds: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["miners", "hashes/s", "efficiency", "paper, hashes/s"]);
        for (nodes, rate, efficiency, paper) in &self.table_iii {
            let percent = format!("{:.1} %", efficiency * 100.0);
            table.row([nodes.to_string(), format!("{rate:.1}"), percent, format!("{paper:.1}")]);
        }
        writeln!(f, "{table}")?;
        let mut table = Table::new(&["mode", "block 7, s", "other blocks, s", "lost, s"]);
        for figures in &self.failure {
            let others: f64 = figures.block_seconds.iter().enumerate().filter(|(at, _)| *at != 6).map(|(_, s)| s).sum();
            let count = u32::try_from(figures.block_seconds.len()).unwrap_or(u32::MAX) - 1;
            table.row([
                figures.mode.to_owned(),
                format!("{:.2}", figures.block_seconds[6]),
                format!("{:.2}", others / f64::from(count)),
                format!("{:.2}", figures.median_lost_seconds),
            ]);
        }
        write!(f, "{table}")
    }
}

/// Measures and draws.
pub fn run(setting: &Setting, words: &PowSimulate) -> Result<(), Failure> {
    let report = measure(setting.output, words, &[Mode::Backups, Mode::SingleManager]);
    write(&words.out, drawings(&report))?;
    setting.output.progress(format_args!("figures 1 to 5 are in {}", words.out.display()));
    Ok(setting.output.result(&report)?)
}

/// Measures, and draws figures 1 to 4; the fifth is drawn of processes.
pub fn draw(output: Output, folder: &Path) -> Result<(), Failure> {
    let report = measure(output, &PowSimulate { out: folder.to_owned(), blocks: 40, seed: 1 }, &[]);
    write(folder, drawings(&report).into_iter().take(4))
}

fn measure(output: Output, words: &PowSimulate, failing: &[Mode]) -> Report {
    Report {
        seed: words.seed,
        blocks: words.blocks,
        rate_per_node: RATE,
        table_iii: table_iii(words, output),
        managed: managed(words, output),
        solo: solo(words, output),
        failure: failing.iter().map(|mode| failure(*mode, words, output)).collect(),
    }
}

fn write(folder: &Path, drawings: impl IntoIterator<Item = (&'static str, String)>) -> Result<(), Failure> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, svg) in drawings {
        let path = folder.join(name);
        fs::write(&path, svg).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn experiment(words: &PowSimulate, miners: usize, bits: u8) -> Outcome {
    Experiment {
        miners,
        rate: RATE.into(),
        params: Params::new(bits),
        blocks: words.blocks,
        kill_in_block: None,
        seed: words.seed,
    }
    .run()
}

fn table_iii(words: &PowSimulate, output: Output) -> Vec<(usize, f64, f64, f64)> {
    output.progress("table III and figure 3: hash rate by nodes");
    let row = |(at, paper): (usize, &f64)| {
        let outcome = experiment(words, at + 1, BITS[BITS.len() - 1]);
        (at + 1, outcome.rate, outcome.efficiency, *paper)
    };
    PAPER.iter().enumerate().map(row).collect()
}

fn managed(words: &PowSimulate, output: Output) -> Vec<(usize, u8, f64, f64)> {
    output.progress("figures 2 and 4: block time by difficulty and nodes");
    let mut rows = Vec::new();
    for miners in MINERS {
        for bits in BITS {
            let outcome = experiment(words, miners, bits);
            rows.push((miners, bits, mean(&outcome.block_ms) / 1_000.0, theory(bits, miners)));
        }
    }
    rows
}

/// How long a block takes where no hash is lost, seconds.
fn theory(bits: u8, miners: usize) -> f64 {
    f64::from(1_u32 << bits) / (count(miners) * f64::from(RATE))
}

fn solo(words: &PowSimulate, output: Output) -> Vec<(usize, f64, f64)> {
    output.progress("figure 1: block time of nodes that do not work together");
    let seconds = |order, nodes: usize| {
        let nodes = u32::try_from(nodes).unwrap_or(1);
        let block =
            |block: u32| solo_block_ms(order, nodes, RATE.into(), BITS[BITS.len() - 1], words.seed + u64::from(block));
        let total: u64 = (0..words.blocks).map(block).sum();
        f64::from(u32::try_from(total).unwrap_or(u32::MAX)) / f64::from(words.blocks) / 1_000.0
    };
    (1..=8).map(|nodes| (nodes, seconds(Order::Identical, nodes), seconds(Order::Independent, nodes))).collect()
}

fn failure(mode: Mode, words: &PowSimulate, output: Output) -> FailureFigures {
    let params = Params { mode, ..Params::new(13) };
    let experiment = |repetition| Experiment {
        miners: 8,
        rate: RATE.into(),
        params: params.clone(),
        blocks: 10,
        kill_in_block: Some(7),
        seed: words.seed + repetition,
    };
    output.progress(format_args!("figure 5: a manager lost in block 7, {}", experiment(0).mode()));
    let outcomes: Vec<Outcome> = (0..REPETITIONS).map(|repetition| experiment(repetition).run()).collect();
    let calm = outcomes.iter().flat_map(|outcome| outcome.block_ms.iter().enumerate());
    let usual = median(calm.filter(|(at, _)| *at != 6).map(|(_, ms)| ms / 1_000.0).collect());
    let extra = outcomes.iter().map(|outcome| outcome.block_ms[6] / 1_000.0 - usual).collect();
    let lost = outcomes.iter().map(|outcome| outcome.lost_ms(7) / 1_000.0).collect();
    let block = |at: usize| mean(&outcomes.iter().map(|outcome| outcome.block_ms[at]).collect::<Vec<_>>()) / 1_000.0;
    FailureFigures {
        mode: experiment(0).mode(),
        repetitions: REPETITIONS,
        block_seconds: (0..10).map(block).collect(),
        median_extra_seconds: median(extra),
        median_lost_seconds: median(lost),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn line(label: impl Into<String>, is_theory: bool, points: impl Iterator<Item = (f64, f64)>) -> Line {
    Line { label: label.into(), points: points.collect(), is_theory }
}

fn drawings(report: &Report) -> [(&'static str, String); 5] {
    let alone = theory(BITS[BITS.len() - 1], 1);
    let nodes = || report.solo.iter().map(|(nodes, ..)| count(*nodes));
    let solo = [
        line("identical order", false, report.solo.iter().map(|(nodes, alike, _)| (count(*nodes), *alike))),
        line("theory, as the paper", true, nodes().map(|nodes| (nodes, alone))),
        line("independent", false, report.solo.iter().map(|(nodes, _, own)| (count(*nodes), *own))),
        line("theory, independent", true, nodes().map(|nodes| (nodes, alone / nodes))),
    ];
    let of = |miners: usize| report.managed.iter().filter(move |row| row.0 == miners);
    let mut by_nodes: Vec<Line> = BITS
        .into_iter()
        .map(|bits| {
            let rows = report.managed.iter().filter(move |row| row.1 == bits);
            line(format!("{bits} bits"), false, rows.map(|(miners, _, seconds, _)| (count(*miners), *seconds)))
        })
        .collect();
    by_nodes.extend([BITS[0], BITS[BITS.len() - 1]].map(|bits| {
        let points = MINERS.map(|miners| (count(miners), theory(bits, miners)));
        line(format!("theory, {bits} bits"), true, points.into_iter())
    }));
    let mut by_bits: Vec<Line> = MINERS
        .into_iter()
        .map(|miners| line(format!("{miners} miners"), false, of(miners).map(|row| (f64::from(row.1), row.2))))
        .collect();
    by_bits.extend(
        [1, 8].map(|miners| line(format!("theory, {miners}"), true, of(miners).map(|row| (f64::from(row.1), row.3)))),
    );
    let rates = [
        line("measured", false, report.table_iii.iter().map(|row| (count(row.0), row.1))),
        line("the paper's table III", false, report.table_iii.iter().map(|row| (count(row.0), row.3))),
        line("nodes × 339", true, report.table_iii.iter().map(|row| (count(row.0), count(row.0) * 339.0))),
    ];
    let failures: Vec<Line> = report
        .failure
        .iter()
        .map(|figures| {
            let blocks = figures.block_seconds.iter().enumerate();
            line(figures.mode, false, blocks.map(|(at, seconds)| (count(at + 1), *seconds)))
        })
        .collect();
    let draw =
        |title, across, up, is_logarithmic, lines: &[Line]| Chart { title, across, up, is_logarithmic, lines }.svg();
    [
        ("figure-1.svg", draw("Solo mining, 13 bits", "nodes", "block time, s", false, &solo)),
        ("figure-2.svg", draw("Managed mining", "miners", "block time, s", true, &by_nodes)),
        ("figure-3.svg", draw("Hash rate", "nodes", "hashes/s", false, &rates)),
        ("figure-4.svg", draw("Block time and difficulty", "leading zero bits", "block time, s", true, &by_bits)),
        ("figure-5.svg", draw("The manager is lost in block 7", "block", "block time, s", false, &failures)),
    ]
}
