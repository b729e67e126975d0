//! A sample in a few figures.

use serde::{Deserialize, Serialize};

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_964;

/// A sample's size, mean, spread and quartiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (of the sample, divided by n − 1).
    pub deviation: f64,
    /// Half the width of the mean's 95 % confidence interval, by the normal approximation.
    pub confidence: f64,
    /// The least value.
    pub least: f64,
    /// The quartiles, by linear interpolation between order statistics.
    pub quartiles: [f64; 3],
    /// The greatest value.
    pub greatest: f64,
}

impl Summary {
    /// Of these values; zeros where there are none.
    #[expect(clippy::cast_precision_loss, reason = "samples are small")]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(least), Some(greatest)) = (sorted.first(), sorted.last()) else { return Self::default() };
        let count = sorted.len();
        let mean = sorted.iter().sum::<f64>() / count as f64;
        let squares: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = if count > 1 { (squares / (count - 1) as f64).sqrt() } else { 0.0 };
        Self {
            count,
            mean,
            deviation,
            confidence: Z * deviation / (count as f64).sqrt(),
            least: *least,
            quartiles: [0.25, 0.5, 0.75].map(|share| quantile(&sorted, share)),
            greatest: *greatest,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in a small sample"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = position as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * position.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_summed_up() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!((summary.count, summary.mean, summary.least, summary.greatest), (5, 3.0, 1.0, 5.0));
        assert_eq!(summary.quartiles.map(f64::to_bits), [2.0_f64, 3.0, 4.0].map(f64::to_bits));
        assert!((summary.deviation - 2.5_f64.sqrt()).abs() < 1e-12);
        assert!((summary.confidence - Z * (0.5_f64).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn one_value_has_no_spread_and_none_is_zero() {
        assert_eq!(
            Summary::of(&[2.0]),
            Summary { count: 1, mean: 2.0, least: 2.0, quartiles: [2.0; 3], greatest: 2.0, ..Summary::default() }
        );
        assert_eq!(Summary::of(&[]), Summary::default());
    }
}
