//! What clusters came to.

use std::fmt;

use serde::Serialize;

use super::cluster::Decided;
use crate::{
    cli::ModeName,
    output::Table,
    pow::figures::{Chart, Line},
};

/// What the demonstration came to; times in seconds.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Nodes of a cluster, one of which manages.
    pub nodes: u8,
    /// Leading zero bits.
    pub bits: u8,
    /// Hashes a second and node, at most; 0 is no limit.
    pub rate_limit: u64,
    /// In which block the manager was killed.
    pub killed_in_block: Option<u32>,
    /// Ways to take over.
    pub modes: Vec<ModeFigures>,
}

/// Clusters of one mode.
#[derive(Debug, Serialize)]
pub struct ModeFigures {
    /// Who takes over.
    pub mode: &'static str,
    /// Clusters that are not counted, since the block was solved before its manager could be killed.
    pub solved_before_kill: u32,
    /// The median of the blocks before the failure, but for the first of each cluster; of all where nothing failed.
    pub median_seconds: Option<f64>,
    /// The median of how much longer the block with the failure took than that: half a block's luck is in it.
    pub median_extra_seconds: Option<f64>,
    /// The median of what the loss of the manager cost, without luck.
    pub median_lost_seconds: Option<f64>,
    /// The most that it cost.
    pub most_lost_seconds: Option<f64>,
    /// The clusters.
    pub runs: Vec<Run>,
}

/// One cluster.
#[derive(Debug, Serialize)]
pub struct Run {
    /// Its blocks.
    pub blocks: Vec<BlockFigures>,
    /// Whose process was killed.
    pub killed: Option<String>,
    /// Different hashes a second of all nodes, over the blocks before the failure but for the first.
    pub rate: Option<f64>,
    /// By how much longer the block with the failure took than its different hashes take at that rate.
    pub lost_seconds: Option<f64>,
}

/// One block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockFigures {
    height: u32,
    seconds: f64,
    /// Different hashes that all nodes computed meanwhile.
    hashes: u64,
    manager: String,
    term: u32,
    hash: String,
}

impl BlockFigures {
    /// A block that was begun at a time, milliseconds since 1970.
    pub fn of(height: u32, decided: &Decided, began_ms: u64, hashes: u64) -> Self {
        let Decided { at_ms, hash, manager, term } = decided.clone();
        Self { height, seconds: exact(at_ms.saturating_sub(began_ms)) / 1_000.0, hashes, manager, term, hash }
    }
}

impl Run {
    /// A cluster whose manager was killed in a block.
    pub fn of(blocks: Vec<BlockFigures>, killed_in: Option<u32>, killed: Option<String>) -> Self {
        let calm = || blocks.iter().filter(|block| is_calm(block, killed_in));
        let sum = |figure: fn(&BlockFigures) -> f64| calm().map(figure).sum::<f64>();
        let seconds = sum(|block| block.seconds);
        let rate = (seconds > 0.0).then(|| sum(|block| exact(block.hashes)) / seconds);
        let hit = blocks.iter().find(|block| Some(block.height) == killed_in);
        let lost_seconds = hit.zip(rate).map(|(block, rate)| block.seconds - exact(block.hashes) / rate);
        Self { blocks, killed, rate, lost_seconds }
    }
}

/// The first block includes getting to know each other's rates; after the failure there is a miner fewer.
fn is_calm(block: &BlockFigures, killed_in: Option<u32>) -> bool {
    block.height > 1 && killed_in.is_none_or(|killed| block.height < killed)
}

impl ModeFigures {
    /// Of clusters, besides some that are not counted.
    pub fn of(mode: ModeName, runs: Vec<Run>, killed_in: Option<u32>, solved_before_kill: u32) -> Self {
        let blocks = || runs.iter().flat_map(|run| &run.blocks);
        let calm = blocks().filter(|block| is_calm(block, killed_in)).map(|block| block.seconds).collect();
        let median_seconds = median(calm);
        let hit = blocks().filter(|block| Some(block.height) == killed_in);
        let extra = hit.filter_map(|block| Some(block.seconds - median_seconds?)).collect();
        let lost: Vec<f64> = runs.iter().filter_map(|run| run.lost_seconds).collect();
        Self {
            mode: name(mode),
            solved_before_kill,
            median_seconds,
            median_extra_seconds: median(extra),
            most_lost_seconds: lost.iter().copied().reduce(f64::max),
            median_lost_seconds: median(lost),
            runs,
        }
    }
}

impl Report {
    /// The paper's figure 5: the mean time of each block, for each way to take over.
    pub fn figure_5(&self) -> String {
        let lines: Vec<Line> = self.modes.iter().map(ModeFigures::line).collect();
        let title = self.killed_in_block.map_or_else(
            || "Processes".to_owned(),
            |block| format!("The manager's process is killed in block {block}"),
        );
        Chart { title: &title, across: "block", up: "mean block time, s", is_logarithmic: false, lines: &lines }.svg()
    }
}

impl ModeFigures {
    fn line(&self) -> Line {
        let blocks = self.runs.first().map_or(0, |run| run.blocks.len());
        let mean = |at: usize| {
            let times = self.runs.iter().filter_map(|run| run.blocks.get(at)).map(|block| block.seconds);
            (count(at + 1), times.sum::<f64>() / count(self.runs.len()))
        };
        Line { label: self.mode.to_owned(), points: (0..blocks).map(mean).collect(), is_theory: false }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [mode] = self.modes.as_slice()
            && let [run] = mode.runs.as_slice()
        {
            write!(f, "{}", blocks(&run.blocks, self.killed_in_block))?;
            let Self { nodes, .. } = self;
            return write!(f, "{nodes} nodes, {}: median block {} s; {run}", mode.mode, seconds(mode.median_seconds));
        }
        let header = ["mode", "clusters", "median block, s", "block of the loss, more than that, s", "loss, s", "most"];
        let mut table = Table::new(&header);
        for mode in &self.modes {
            table.row([
                mode.mode.to_owned(),
                mode.runs.len().to_string(),
                seconds(mode.median_seconds),
                seconds(mode.median_extra_seconds),
                seconds(mode.median_lost_seconds),
                seconds(mode.most_lost_seconds),
            ]);
        }
        write!(f, "{table}")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rate {
            Some(rate) => write!(f, "{rate:.0} hashes/s")?,
            None => write!(f, "no block by which to tell the rate")?,
        }
        match self.lost_seconds {
            Some(lost) => write!(f, ", the loss of the manager cost {lost:.2} s"),
            None => Ok(()),
        }
    }
}

fn seconds(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.2}"))
}

fn blocks(blocks: &[BlockFigures], killed_in: Option<u32>) -> Table<'static> {
    let mut table = Table::new(&["block", "seconds", "hashes", "manager", "term", "hash"]);
    for block in blocks {
        let killed = if killed_in == Some(block.height) { " (its manager was killed)" } else { "" };
        table.row([
            format!("{}{killed}", block.height),
            format!("{:.2}", block.seconds),
            block.hashes.to_string(),
            block.manager.chars().take(8).collect(),
            block.term.to_string(),
            block.hash.chars().take(12).collect(),
        ]);
    }
    table
}

/// A mode's name.
pub const fn name(mode: ModeName) -> &'static str {
    match mode {
        ModeName::Backups => "managed with backups",
        ModeName::Single => "single manager",
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn exact(number: u64) -> f64 {
    number as f64
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(height: u32, seconds: f64, hashes: u64) -> BlockFigures {
        BlockFigures { height, seconds, hashes, manager: String::new(), term: 0, hash: String::new() }
    }

    #[test]
    fn luck_is_no_loss_and_a_pause_is() {
        // A thousand hashes a second; block 3 needs thrice as many as others, and 0.4 s are lost in it.
        // Block 4 is made by fewer nodes, and says nothing of what was before.
        let blocks = vec![block(1, 9.0, 1), block(2, 1.2, 1_200), block(3, 3.4, 3_000), block(4, 1.2, 1_000)];
        let run = Run::of(blocks, Some(3), None);
        assert!((run.rate.unwrap() - 1_000.0).abs() < 1e-9, "{run:?}");
        assert!((run.lost_seconds.unwrap() - 0.4).abs() < 1e-9, "{run:?}");
        let mode = ModeFigures::of(ModeName::Backups, vec![run], Some(3), 0);
        assert!(
            (mode.median_seconds.unwrap() - 1.2).abs() < 1e-9
                && (mode.median_extra_seconds.unwrap() - 2.2).abs() < 1e-9
        );
    }

    #[test]
    fn without_a_failure_nothing_is_lost() {
        let run = Run::of(vec![block(1, 1.0, 1), block(2, 1.0, 10)], None, None);
        assert_eq!(run.lost_seconds, None);
        let killed_at_once = Run::of(vec![block(1, 1.0, 1), block(2, 1.0, 10)], Some(2), None);
        assert_eq!((killed_at_once.rate, killed_at_once.lost_seconds), (None, None), "nothing to compare with");
        assert_eq!(ModeFigures::of(ModeName::Single, vec![run], None, 0).median_extra_seconds, None);
    }
}
