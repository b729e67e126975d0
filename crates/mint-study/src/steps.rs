//! How soon a miner that takes more is found.

use mint_detector::{BadParameters, Detector, Parameters};
use serde::{Deserialize, Serialize};

use crate::{Burst, Noise, Telemetry, quiet::per_thousand};

/// A step is found if the alarm comes within so many samples; later ones count as missed.
const PATIENCE: usize = 20;

/// What steps of one size bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepFinding {
    /// The step, percentage points.
    pub step: f64,
    /// Seeded runs, one step each. Runs that were in alarm just before their step are among those missed.
    pub runs: u64,
    /// Found within 20 samples, per cent.
    pub found: f64,
    /// Found within 4 samples, per cent.
    pub found_within_four: f64,
    /// The median number of samples until then, the step's first sample being 1; of those found.
    pub median_samples: u64,
    /// The most samples until then; of those found.
    pub most_samples: u64,
}

/// Over `runs` seeded series that rise by `step` percentage points after `at` samples.
pub fn step_finding(
    parameters: Parameters,
    noise: Noise,
    step: f64,
    at: usize,
    runs: u64,
) -> Result<StepFinding, BadParameters> {
    let mut delays = Vec::new();
    for seed in 0..runs {
        let burst = Burst { from: at, until: usize::MAX, extra: step };
        let series = Telemetry::new(1_000_000 + seed, 0, noise, vec![burst]).take(at + PATIENCE);
        let mut detector = Detector::new(parameters)?;
        let alarms: Vec<bool> =
            series.map(|c| detector.push(c).is_ok_and(|state| state.point().is_some_and(|p| p.is_alarm))).collect();
        if !alarms[at - 1] {
            delays.extend(alarms[at..].iter().position(|alarm| *alarm).map(|place| place as u64 + 1));
        }
    }
    delays.sort_unstable();
    let soon = delays.iter().filter(|delay| **delay <= 4).count() as u64;
    Ok(StepFinding {
        step,
        runs,
        found: per_thousand(delays.len() as u64, runs) / 10.0,
        found_within_four: per_thousand(soon, runs) / 10.0,
        median_samples: delays.get(delays.len() / 2).copied().unwrap_or(0),
        most_samples: delays.last().copied().unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_a_tenth_is_found_within_four_samples() {
        let found = step_finding(Parameters::calibrated(), Noise::default(), 10.0, 200, 40).unwrap();
        assert!(found.found >= 95.0 && found.median_samples <= 4, "{found:?}");
    }

    #[test]
    fn no_step_is_not_found() {
        let found = step_finding(Parameters::calibrated(), Noise::default(), 0.0, 200, 40).unwrap();
        assert!(found.found <= 10.0, "{found:?}");
    }
}
