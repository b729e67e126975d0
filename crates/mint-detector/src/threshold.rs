//! The threshold of W by the normal approximation of its maximum (Moskvina and Zhigljavsky 2003).

/// The normal quantile behind the paper's threshold: one window in ten.
pub const T_PAPER: f64 = 1.2815;
/// The normal quantile used here: one window in a hundred.
pub const T_ALARM: f64 = 2.3263;

/// What W must exceed for Proof-of-Behaviour to flag a miner. A round asks of every miner at every sample, so that h, at
/// one false alarm in some hundred samples, would flag honest ones; this is the W that quiet series of uncorrelated
/// normal noise exceed once in a million samples, by simulated run length (calibrated parameters, 2,000 series of 2,000
/// samples; `mint-study`'s `threshold_by_run_length`).
pub const ROUND_THRESHOLD: f64 = 3.858;

/// h = (2t/(LQ))·√(a(3ab − a² + 1)/3) with a = min(L, Q), b = max(L, Q), for the normal quantile t.
#[expect(clippy::cast_precision_loss, reason = "windows have at most 512 samples")]
pub fn threshold(t: f64, lag: usize, tests: usize) -> f64 {
    let (a, b) = (lag.min(tests) as f64, lag.max(tests) as f64);
    2.0 * t / (a * b) * (a * (3.0 * a * b - a * a + 1.0) / 3.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frozen_thresholds_are_met() {
        assert!((threshold(T_PAPER, 12, 12) - 0.60515).abs() < 5e-6);
        assert!((threshold(T_PAPER, 12, 24) - 0.4779).abs() < 5e-5);
        assert!((threshold(T_ALARM, 12, 12) - 1.099).abs() < 1e-3);
    }

    #[test]
    fn lag_and_tests_may_be_exchanged() {
        assert!((threshold(1.0, 7, 31) - threshold(1.0, 31, 7)).abs() < 1e-15);
    }
}
