//! What a run amounts to.

use serde::{Deserialize, Serialize};
use simulation::Micros;

use crate::simulator::Simulator;

/// Figures of a run, or of a part of one. Times in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Blocks that a quorum has.
    pub blocks: usize,
    /// Transactions in them.
    pub transactions: usize,
    /// From a transaction's creation until a quorum has its block, mean over transactions.
    pub latency: f64,
    /// From the mean creation of a block's transactions until a node has it, mean over nodes and then over blocks: the
    /// papers' figure.
    pub latency_by_block: f64,
    /// Transactions a second, from the making of the first block until a quorum has the last.
    pub throughput: f64,
    /// Between blocks, mean.
    pub inter_block: f64,
    /// Gini coefficient of the blocks made by each node: 0 where all made as many, 1 − 1/n where one made all.
    pub gini: f64,
    /// How often a node asked for another leader.
    pub view_changes: u32,
    /// Events simulated.
    pub events: u64,
    /// When the run ended.
    pub simulated: f64,
    /// Decisions that contradict another.
    pub conflicts: usize,
}

impl Simulator {
    /// Of the whole run so far.
    pub fn metrics(&self) -> Metrics {
        self.metrics_since(Micros::ZERO)
    }

    /// Of the blocks that a quorum has, but not before `since`.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn metrics_since(&self, since: Micros) -> Metrics {
        let decided = |block: &&crate::Block| block.holders >= self.settings.quorum && block.decided >= since;
        let blocks: Vec<_> = self.chain().filter(decided).collect();
        let transactions: usize = blocks.iter().map(|block| (block.end - block.first) as usize).sum();
        let (mut sum, mut by_block) = (0.0, 0.0);
        let mut made = vec![0_u32; self.nodes.len()];
        for block in &blocks {
            let created: u64 =
                self.transactions[block.first as usize..block.end as usize].iter().map(|t| t.created.0).sum();
            let count = f64::from(block.end - block.first);
            sum += block.decided.0 as f64 * count - created as f64;
            by_block += block.added as f64 / f64::from(block.holders) - created as f64 / count;
            made[block.proposer as usize] += 1;
        }
        let span = blocks.last().zip(blocks.first());
        let seconds = span.map_or(0.0, |(last, first)| last.decided.saturating_sub(first.created).seconds());
        let gaps = span.map_or(0.0, |(last, first)| last.decided.saturating_sub(first.decided).seconds());
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Metrics {
            blocks: blocks.len(),
            transactions,
            latency: ratio(sum, transactions as f64) / 1e6,
            latency_by_block: ratio(by_block, blocks.len() as f64) / 1e6,
            throughput: ratio(transactions as f64, seconds),
            inter_block: ratio(gaps, blocks.len() as f64 - 1.0),
            gini: gini(&made),
            view_changes: self.nodes.iter().map(|node| node.view_changes).sum(),
            events: self.events,
            simulated: self.now.seconds(),
            conflicts: self.conflicts.len(),
        }
    }
}

/// The Gini coefficient: half the mean difference between two, relative to the mean.
pub fn gini(made: &[u32]) -> f64 {
    let mut sorted = made.to_vec();
    sorted.sort_unstable();
    let total: f64 = sorted.iter().copied().map(f64::from).sum();
    let nodes = f64::from(u32::try_from(sorted.len()).unwrap_or(u32::MAX));
    let ranked: f64 = (1..).zip(&sorted).map(|(rank, made)| f64::from(rank) * f64::from(*made)).sum();
    if total > 0.0 { 2.0 * ranked / (nodes * total) - (nodes + 1.0) / nodes } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gini_coefficient_is_that_of_the_specification() {
        let close = |made: &[u32], expected: f64| assert!((gini(made) - expected).abs() < 1e-12, "{}", gini(made));
        close(&[7, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.9);
        close(&[3; 10], 0.0);
        close(&[0; 4], 0.0);
        let mut fifty = [1; 50];
        fifty[7] = 2;
        close(&fifty, 0.019_215_686_274_509_8);
    }
}
