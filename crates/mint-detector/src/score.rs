//! Proof-of-Behaviour: who behaves unlike the rest.

use std::fmt::Write as _;

use mint::MinerId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Behaviours, Krum, distances::squared_distance};

/// By how many median absolute deviations a distance must exceed the median.
const DEVIATIONS: f64 = 6.0;

/// One miner's part of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Whose.
    pub miner: MinerId,
    /// Krum's score: the squared distances to its nearest neighbours.
    pub score: f64,
    /// ‖W − W*‖, from the benchmark.
    pub distance: f64,
    /// The largest W of the vector.
    pub peak: f64,
    /// Whether it behaves unlike the rest, and changed.
    pub is_flagged: bool,
}

/// What a round finds; the same for everybody who has the same vectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// SHA-256 of the vectors, hex.
    pub commitment: String,
    /// f: how many miners may lie.
    pub byzantine: usize,
    /// n − f − 2: how many neighbours a score counts.
    pub neighbours: usize,
    /// Whose vector is W*: the least score, and of several the least name.
    pub benchmark: MinerId,
    /// Multi-Krum: the n − f miners of the least scores.
    pub selected: Vec<MinerId>,
    /// Multi-Krum: the mean of their vectors.
    pub mean: Vec<f64>,
    /// The distance from W* beyond which a miner behaves unlike the rest: median + 6 MAD.
    pub limit: f64,
    /// A miner is flagged only if its W exceeded it.
    pub threshold: f64,
    /// Every miner's, in the order of names.
    pub scores: Vec<Score>,
}

impl Assessment {
    /// Who is flagged.
    pub fn flagged(&self) -> impl Iterator<Item = &MinerId> {
        self.scores.iter().filter(|score| score.is_flagged).map(|score| &score.miner)
    }
}

/// So few miners that so many liars could decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{miners} miners cannot tell {byzantine} liars; there must be at least {}", 2 * byzantine + 3)]
pub struct NotEnoughMiners {
    /// n.
    pub miners: usize,
    /// f.
    pub byzantine: usize,
}

impl Behaviours {
    /// Scores the vectors, of which at most `byzantine` lie; `threshold` is
    /// what W must exceed: [`ROUND_THRESHOLD`](crate::ROUND_THRESHOLD), or the detector's h at the price of false flags.
    pub fn assess(&self, byzantine: usize, threshold: f64) -> Result<Assessment, NotEnoughMiners> {
        let n = self.miners.len();
        if n < 2 * byzantine + 3 {
            return Err(NotEnoughMiners { miners: n, byzantine });
        }
        let neighbours = n - byzantine - 2;
        let mut krum = Krum::new();
        let krum = krum.scores(&self.matrix, self.length, neighbours);
        let mut ranked: Vec<usize> = (0..n).collect();
        // Stable, so that of equal scores the lower name comes first.
        ranked.sort_by(|&a, &b| krum[a].total_cmp(&krum[b]));
        let distances: Vec<f64> = (0..n).map(|i| squared_distance(self.row(i), self.row(ranked[0])).sqrt()).collect();
        let middle = median(distances.clone());
        let limit = middle + DEVIATIONS * median(distances.iter().map(|d| (d - middle).abs()).collect());
        let score = |i: usize| {
            let (distance, peak) = (distances[i], self.row(i).iter().copied().fold(0.0, f64::max));
            let is_flagged = distance > limit && peak > threshold;
            Score { miner: self.miners[i].clone(), score: krum[i], distance, peak, is_flagged }
        };
        let selected = &ranked[..n - byzantine];
        Ok(Assessment {
            commitment: hex(&self.commitment()),
            byzantine,
            neighbours,
            benchmark: self.miners[ranked[0]].clone(),
            selected: selected.iter().map(|&i| self.miners[i].clone()).collect(),
            mean: self.mean(selected),
            limit,
            threshold,
            scores: (0..n).map(score).collect(),
        })
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.matrix[i * self.length..(i + 1) * self.length]
    }

    #[expect(clippy::cast_precision_loss, reason = "there are fewer miners than 2^52")]
    fn mean(&self, of: &[usize]) -> Vec<f64> {
        (0..self.length).map(|k| of.iter().map(|&i| self.row(i)[k]).sum::<f64>() / of.len() as f64).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (below, above) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    f64::midpoint(below, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(vectors: &[&[f64]]) -> Behaviours {
        let named = vectors.iter().enumerate().map(|(i, v)| (format!("m{i:02}").parse().unwrap(), v.to_vec()));
        Behaviours::collect(vectors[0].len(), named).0
    }

    #[test]
    fn colluders_are_flagged_and_nobody_else() {
        let honest: Vec<Vec<f64>> = (0..10_i32).map(|i| vec![0.1 * f64::from(i), 0.3, 0.2]).collect();
        let colluders = vec![vec![30.0, 31.0, 32.0]; 6];
        let all: Vec<&[f64]> = honest.iter().chain(&colluders).map(Vec::as_slice).collect();
        let found = round(&all).assess(6, 1.099).unwrap();
        let flagged: Vec<_> = found.flagged().map(MinerId::as_str).collect();
        assert_eq!(flagged, ["m10", "m11", "m12", "m13", "m14", "m15"]);
        assert_eq!((found.neighbours, found.selected.len()), (8, 10));
        assert!(found.mean.iter().all(|w| *w < 1.0));
    }

    #[test]
    fn a_miner_far_from_the_rest_that_never_passed_the_threshold_is_not_flagged() {
        let found = round(&[&[0.0], &[0.0], &[0.0], &[0.01], &[0.9]]).assess(1, 1.099).unwrap();
        assert!(found.scores[4].distance > found.limit);
        assert_eq!(found.flagged().count(), 0);
    }

    #[test]
    fn of_equal_scores_the_least_name_is_the_benchmark() {
        let found = round(&[&[1.0][..]; 5]).assess(1, 1.0).unwrap();
        assert_eq!(found.benchmark.as_str(), "m00");
        assert_eq!(found.commitment.len(), 64);
    }

    #[test]
    fn too_few_miners_are_told_so() {
        let round = round(&[&[1.0][..]; 16]);
        assert!(round.assess(6, 1.0).is_ok());
        assert_eq!(round.assess(7, 1.0), Err(NotEnoughMiners { miners: 16, byzantine: 7 }));
    }
}
