//! The four steps of SSA on a whole series: embed, decompose, group, average along diagonals.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::BadParameters;

/// By how many cells the trajectory matrix holds sample i = 1 … N, which is what diagonal averaging divides by: i, then
/// min(L, K), then N − i + 1. (The paper prints l, the number of components, for the first two.)
pub fn diagonal_weights(samples: usize, lag: usize) -> Vec<usize> {
    let most = lag.min((samples + 1).saturating_sub(lag));
    (1..=samples).map(|i| i.min(most).min(samples - i + 1)).collect()
}

/// The part of `series` that its `components` leading eigentriples make up.
#[expect(clippy::cast_precision_loss, reason = "a weight is at most the lag")]
pub fn reconstruct(series: &[f64], lag: usize, components: usize) -> Result<Vec<f64>, BadParameters> {
    let samples = series.len();
    if lag < 2 || samples <= lag {
        return Err(BadParameters::Lag { lag, window: samples });
    }
    if components == 0 || components > lag {
        return Err(BadParameters::Components { components, lag });
    }
    let vectors = samples + 1 - lag;
    let trajectory = DMatrix::from_fn(lag, vectors, |row, column| series[row + column]);
    let decomposed = SymmetricEigen::new(&trajectory * trajectory.transpose());
    let mut places: Vec<_> = (0..lag).collect();
    places.sort_by(|&a, &b| decomposed.eigenvalues[b].total_cmp(&decomposed.eigenvalues[a]));
    let leading = decomposed.eigenvectors.select_columns(&places[..components]);
    let signal = &leading * (leading.transpose() * &trajectory);
    let mut sums = vec![0.0; samples];
    for column in 0..vectors {
        (0..lag).for_each(|row| sums[row + column] += signal[(row, column)]);
    }
    let weights = diagonal_weights(samples, lag);
    Ok(sums.into_iter().zip(weights).map(|(sum, weight)| sum / weight as f64).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frozen_weights_are_met() {
        assert_eq!(diagonal_weights(7, 3), [1, 2, 3, 3, 3, 2, 1]);
        assert_eq!(diagonal_weights(7, 5), [1, 2, 3, 3, 3, 2, 1]);
        let weights = diagonal_weights(24, 12);
        assert_eq!(weights[..12], (1..=12).collect::<Vec<_>>());
        assert_eq!(weights[12], 12);
        assert_eq!(weights[13..], (1..=11).rev().collect::<Vec<_>>());
        assert_eq!(weights.iter().sum::<usize>(), 12 * 13);
    }

    #[test]
    fn all_components_give_the_series_back() {
        let series: Vec<_> = (0..24_i32).map(|n| f64::from(n * n % 11)).collect();
        for (a, b) in reconstruct(&series, 12, 12).unwrap().iter().zip(&series) {
            assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn a_wave_takes_two_components_and_a_line_two() {
        let wave: Vec<_> = (0..40).map(|n| (f64::from(n) * 0.4).sin()).collect();
        let line: Vec<_> = (0..40).map(|n| 3.0 + f64::from(n)).collect();
        for series in [wave, line] {
            for (a, b) in reconstruct(&series, 12, 2).unwrap().iter().zip(&series) {
                assert!((a - b).abs() < 1e-8);
            }
        }
    }
}
