//! False alarms: how often a miner that does nothing wrong is suspected.

use mint_detector::{BadParameters, Detector, Parameters, Point};
use serde::{Deserialize, Serialize};

use crate::{Burst, Fleet, Noise, Telemetry};

/// What quiet series bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuietRate {
    /// Samples with a verdict.
    pub points: u64,
    /// Alarms raised, each counted once however long it lasts.
    pub alarms: u64,
    /// Alarms raised by 1,000 points.
    pub alarms_per_thousand: f64,
    /// Points in alarm by 1,000 points.
    pub points_in_alarm_per_thousand: f64,
}

/// The verdicts on a series, without those of the time of learning.
pub(crate) fn points(parameters: Parameters, series: impl Iterator<Item = f64>) -> Result<Vec<Point>, BadParameters> {
    let mut detector = Detector::new(parameters)?;
    Ok(series.filter_map(|value| detector.push(value).ok().and_then(mint_detector::State::point)).collect())
}

/// Over `runs` seeded quiet series of `samples` each.
pub fn quiet_rate(parameters: Parameters, noise: Noise, runs: u64, samples: usize) -> Result<QuietRate, BadParameters> {
    let (mut seen, mut alarms, mut in_alarm) = (0, 0, 0);
    for seed in 0..runs {
        let verdicts = points(parameters, Telemetry::new(seed, 0, noise, Vec::new()).take(samples))?;
        let mut was_alarm = false;
        for point in verdicts {
            seen += 1;
            in_alarm += u64::from(point.is_alarm);
            alarms += u64::from(point.is_alarm && !was_alarm);
            was_alarm = point.is_alarm;
        }
    }
    Ok(QuietRate {
        points: seen,
        alarms,
        alarms_per_thousand: per_thousand(alarms, seen),
        points_in_alarm_per_thousand: per_thousand(in_alarm, seen),
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn per_thousand(count: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { 1000.0 * count as f64 / of as f64 }
}

/// Figure 6: the share of honest verdicts whose W exceeds a threshold, while two of sixteen cheat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FalseAlarms {
    /// The thresholds.
    pub thresholds: Vec<f64>,
    /// By how much the two cheat, percentage points; and for each threshold the share of seconds at which the mean W of
    /// all miners exceeds it though nobody cheats at the time, per cent. This is the paper's measure: it averages first.
    pub network: Vec<(f64, Vec<f64>)>,
    /// For each threshold the share of an honest miner's own seconds, per cent.
    pub single: Vec<f64>,
}

/// Measures figure 6 over `runs` seeds of ten minutes: two of sixteen cheat in minute 6.
pub fn false_alarms(parameters: Parameters, noise: Noise, runs: u64) -> Result<FalseAlarms, BadParameters> {
    const CHEATED: std::ops::Range<usize> = 300..360;
    let thresholds: Vec<f64> = (1..=12).map(|k| 0.05 * f64::from(k)).chain([0.8, 1.0, parameters.threshold]).collect();
    let mut network = Vec::new();
    let mut single = vec![(0_u64, 0_u64); thresholds.len()];
    for extra in [10.0, 20.0, 40.0, 80.0] {
        let burst = Burst { from: CHEATED.start, until: CHEATED.end, extra };
        let mut counts = vec![(0_u64, 0_u64); thresholds.len()];
        for seed in 0..runs {
            let series = cusums(parameters, Fleet::new(seed, 16, 2, noise, &[burst]), 600)?;
            let quiet = (0..600).filter(|t| !(CHEATED.start..CHEATED.end + parameters.span()).contains(t));
            for t in quiet {
                let now: Option<Vec<f64>> = series.iter().map(|w| w[t]).collect();
                let Some(now) = now else { continue };
                count(&mut counts, &thresholds, now.iter().sum::<f64>() / 16.0);
                now.iter().skip(2).for_each(|w| count(&mut single, &thresholds, *w));
            }
        }
        network.push((extra, shares(&counts)));
    }
    Ok(FalseAlarms { thresholds, network, single: shares(&single) })
}

fn count(counts: &mut [(u64, u64)], thresholds: &[f64], w: f64) {
    for ((over, of), threshold) in counts.iter_mut().zip(thresholds) {
        *over += u64::from(w > *threshold);
        *of += 1;
    }
}

fn shares(counts: &[(u64, u64)]) -> Vec<f64> {
    counts.iter().map(|(over, of)| per_thousand(*over, *of) / 10.0).collect()
}

/// Each miner's W second by second; `None` while it learns.
pub(crate) fn cusums(
    parameters: Parameters,
    fleet: Fleet,
    samples: usize,
) -> Result<Vec<Vec<Option<f64>>>, BadParameters> {
    let of = |telemetry: Telemetry| {
        let mut detector = Detector::new(parameters)?;
        let w = |value| detector.push(value).ok().and_then(mint_detector::State::point).map(|point| point.cusum);
        Ok(telemetry.take(samples).map(w).collect())
    };
    fleet.miners.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibrated_alarms_are_rare_and_the_literal_recipes_are_not() {
        let calibrated = quiet_rate(Parameters::calibrated(), Noise::default(), 20, 1_000).unwrap();
        let paper = quiet_rate(Parameters::paper(), Noise::default(), 5, 1_000).unwrap();
        assert!(calibrated.alarms_per_thousand <= 2.0, "{calibrated:?}");
        assert!(paper.points_in_alarm_per_thousand > 500.0, "{paper:?}");
    }
}
