//! The threshold by simulation, where the normal approximation is not to be trusted.

use mint_detector::{BadParameters, Parameters};
use serde::{Deserialize, Serialize};

use crate::{Noise, Telemetry, quiet::points};

/// A threshold and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLengths {
    /// The mean number of quiet samples from one false alarm to the next that was asked for.
    pub run_length: f64,
    /// h that gives it.
    pub threshold: f64,
    /// The mean run length at h, measured.
    pub measured: f64,
}

/// The threshold at which quiet series of this noise raise an alarm once in `run_length` samples, by bisection over
/// `runs` seeded series of `samples` each.
pub fn threshold_by_run_length(
    parameters: Parameters,
    noise: Noise,
    run_length: f64,
    runs: u64,
    samples: usize,
) -> Result<RunLengths, BadParameters> {
    // Without alarms, W is the same whatever the threshold: what it costs is that nothing is frozen on the way.
    let deaf = Parameters { threshold: 1e9, ..parameters };
    let series: Vec<Vec<f64>> = (0..runs)
        .map(|seed| {
            let quiet = Telemetry::new(2_000_000 + seed, 0, noise, Vec::new()).take(samples);
            Ok(points(deaf, quiet)?.into_iter().map(|point| point.cusum).collect())
        })
        .collect::<Result<_, _>>()?;
    let (mut low, mut high) = (0.0, 50.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if mean_run(&series, middle) < run_length { low = middle } else { high = middle }
    }
    Ok(RunLengths { run_length, threshold: high, measured: mean_run(&series, high) })
}

/// Samples by upward crossings of the threshold; at least one is counted.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn mean_run(series: &[Vec<f64>], threshold: f64) -> f64 {
    let samples: usize = series.iter().map(Vec::len).sum();
    let crossings = |w: &Vec<f64>| w.windows(2).filter(|pair| pair[0] <= threshold && pair[1] > threshold).count();
    samples as f64 / series.iter().map(crossings).sum::<usize>().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_runs_need_a_higher_threshold() {
        let found = |run| threshold_by_run_length(Parameters::calibrated(), Noise::default(), run, 10, 2_000).unwrap();
        let (short, long) = (found(200.0), found(1000.0));
        assert!(short.threshold < long.threshold, "{short:?} {long:?}");
        assert!(short.measured >= 200.0 && long.measured >= 1000.0);
    }
}
