//! The streaming change-point detector of one series.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    BadParameters, Mode, Parameters, baseline::Baseline, covariance::Covariance, subspace::Subspace, tape::Tape,
};

/// The largest sample, in per cent: a thousand times an allotment.
const LARGEST: f64 = 100_000.0;
/// After so many samples sums are added up anew, so that rounding does not pile up.
const RENEWED_EVERY: u32 = 4096;

/// The statistics at a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// D̃: the mean squared distance of the test vectors' samples from the base window's subspace.
    pub distance: f64,
    /// S: D̃ by μ.
    pub relative: f64,
    /// W: the cumulative sum that is compared with the threshold.
    pub cusum: f64,
    /// Whether the series has changed. In calibrated mode an alarm lasts until S is back within the threshold of where
    /// it rose from.
    pub is_alarm: bool,
}

/// What a detector says to a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    /// Its windows are not full, or it has not learnt enough.
    Learning,
    /// It watches.
    Watching(Point),
}

impl State {
    /// The statistics, once there are any.
    pub const fn point(self) -> Option<Point> {
        match self {
            Self::Learning => None,
            Self::Watching(point) => Some(point),
        }
    }
}

/// A sample that no series may hold. The detector is as if it had never come.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{0} is no sample; expected 0 to 100,000 %")]
pub struct BadValue(
    /// The value.
    pub f64,
);

/// Watches one series, a sample at a time.
#[derive(Clone, Debug)]
pub struct Detector {
    parameters: Parameters,
    tape: Tape,
    tests: Covariance,
    base: Covariance,
    base_vectors: VecDeque<Vec<f64>>,
    subspace: Subspace,
    baseline: Baseline,
    /// How many samples in a row have entered the base window's end.
    unbroken: usize,
    last: Option<Point>,
    /// S where W last was 0.
    level: f64,
    renewed: u32,
}

impl Detector {
    /// A detector that has seen nothing.
    pub fn new(parameters: Parameters) -> Result<Self, BadParameters> {
        let parameters = parameters.checked()?;
        let Parameters { lag, components, tests, remembered, .. } = parameters;
        Ok(Self {
            parameters,
            tape: Tape::new(lag + tests.max(parameters.trail()) + 1),
            tests: Covariance::new(lag),
            base: Covariance::new(lag),
            base_vectors: VecDeque::with_capacity(parameters.base()),
            subspace: Subspace::new(lag, components),
            baseline: Baseline::new(36.max(parameters.span()), remembered),
            unbroken: 0,
            last: None,
            level: 0.0,
            renewed: 0,
        })
    }

    /// What it is set to.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Takes in the next sample, in per cent of an allotment.
    pub fn push(&mut self, percent: f64) -> Result<State, BadValue> {
        if !(0.0..=LARGEST).contains(&percent) {
            return Err(BadValue(percent));
        }
        self.tape.push(percent);
        self.move_tests();
        let is_frozen = self.parameters.mode == Mode::Calibrated && self.last.is_some_and(|last| last.is_alarm);
        self.move_base(is_frozen);
        self.renew();
        let reaches_back = self.tape.ending(self.parameters.tests - 1, self.parameters.lag).is_some();
        if !reaches_back || self.base_vectors.len() < self.parameters.base() {
            return Ok(State::Learning);
        }
        let distance = self.subspace.residual(&self.tests) / self.parameters.cells();
        self.last = self.judge(distance);
        if self.parameters.mode == Mode::Calibrated {
            self.baseline.push(distance, self.last.is_some_and(|last| last.is_alarm));
        }
        Ok(self.last.map_or(State::Learning, State::Watching))
    }

    fn move_tests(&mut self) {
        let Parameters { lag, tests, .. } = self.parameters;
        match (self.tape.ending(0, lag), self.tape.ending(tests, lag)) {
            (Some(come), Some(go)) => self.tests.exchange(come, go),
            (Some(come), None) => self.tests.add(come),
            (None, _) => {}
        }
    }

    /// The base window's end moves on by one sample; a vector enters if all its samples did so in a row.
    fn move_base(&mut self, is_frozen: bool) {
        let (lag, trail) = (self.parameters.lag, self.parameters.trail());
        if self.tape.ending(trail, 1).is_none() {
            return;
        }
        self.unbroken = if is_frozen { 0 } else { self.unbroken + 1 };
        let Some(come) = self.tape.ending(trail, lag).filter(|_| self.unbroken >= lag) else { return };
        if self.base_vectors.len() < self.parameters.base() {
            self.base.add(come);
            self.base_vectors.push_back(come.to_vec());
        } else if let Some(mut vector) = self.base_vectors.pop_front() {
            self.base.exchange(come, &vector);
            vector.copy_from_slice(come);
            self.base_vectors.push_back(vector);
        }
        if self.base_vectors.len() == self.parameters.base() {
            self.subspace.follow(&self.base, self.parameters.eigen);
        }
    }

    fn renew(&mut self) {
        self.renewed += 1;
        if self.renewed < RENEWED_EVERY {
            return;
        }
        let Parameters { lag, tests, .. } = self.parameters;
        self.tests = Covariance::of(lag, (0..tests).filter_map(|ago| self.tape.ending(ago, lag)));
        self.base = Covariance::of(lag, self.base_vectors.iter().map(Vec::as_slice));
        self.renewed = 0;
    }

    fn judge(&mut self, distance: f64) -> Option<Point> {
        let Parameters { mode, threshold, floor, needed, .. } = self.parameters;
        let mean = match mode {
            Mode::Paper => self.own_residual(),
            Mode::Calibrated if self.baseline.len() < needed => return None,
            Mode::Calibrated => self.baseline.mean(),
        };
        let relative = distance / mean.max(floor);
        let cusum = match (self.last, mode) {
            (Some(last), _) => (last.cusum + relative - last.relative - self.parameters.drift()).max(0.0),
            (None, Mode::Paper) => relative,
            (None, Mode::Calibrated) => 0.0,
        };
        let was_alarm = self.last.is_some_and(|last| last.is_alarm);
        let lasts = mode == Mode::Calibrated && was_alarm && relative - self.level > threshold;
        let is_alarm = cusum > threshold || lasts;
        if !is_alarm && cusum <= 0.0 {
            self.level = relative;
        }
        Some(Point { distance, relative, cusum, is_alarm })
    }

    /// The paper's μ: the base window's mean squared distance from its own subspace.
    #[expect(clippy::cast_precision_loss, reason = "windows have at most 512 samples")]
    fn own_residual(&mut self) -> f64 {
        self.subspace.residual(&self.base) / (self.parameters.lag * self.parameters.base()) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise without a library: the fractional parts of multiples of the golden ratio, spread to ±1.
    fn noise(n: u32) -> f64 {
        let spread = |n: u32| (f64::from(n) * 0.618_033_988_749_894_9).fract() - 0.5;
        spread(n) + spread(n.wrapping_mul(2_654_435_761) >> 7)
    }

    fn run(parameters: Parameters, series: impl IntoIterator<Item = f64>) -> Vec<Option<Point>> {
        let mut detector = Detector::new(parameters).unwrap();
        series.into_iter().map(|value| detector.push(value).unwrap().point()).collect()
    }

    #[test]
    fn a_doubling_is_found_within_four_samples_and_is_over_when_the_new_level_fills_the_windows() {
        let series = (0..500).map(|n| if n >= 300 { 200.0 } else { 100.0 } + noise(n));
        let points = run(Parameters::calibrated(), series);
        let first = points.iter().position(|point| point.is_some_and(|point| point.is_alarm)).unwrap();
        assert!((300..304).contains(&first), "{first}");
        assert!(points[first..first + 15].iter().all(|point| point.unwrap().is_alarm));
        // A level is a multiple of another one: it lies in the same subspace.
        assert!(points[340..].iter().all(|point| !point.unwrap().is_alarm));
    }

    #[test]
    fn after_a_change_that_passed_it_watches_as_before() {
        let series = (0..900).map(|n| if (300..400).contains(&n) { 150.0 } else { 100.0 } + noise(n));
        let points = run(Parameters::calibrated(), series);
        let alarms: Vec<_> = (0..900).filter(|&n| points[n].is_some_and(|point| point.is_alarm)).collect();
        assert!(alarms.iter().all(|n| (300..430).contains(n)), "{alarms:?}");
        assert!(points[600].unwrap().relative < 3.0);
    }

    #[test]
    fn a_bad_value_leaves_it_as_it_was() {
        let mut detector = Detector::new(Parameters::calibrated()).unwrap();
        let mut spared = detector.clone();
        for n in 0..200 {
            for bad in [f64::NAN, f64::INFINITY, -1.0, 100_001.0] {
                assert!(detector.push(bad).is_err());
            }
            let value = 100.0 + noise(n);
            assert_eq!(detector.push(value), spared.push(value));
        }
    }

    #[test]
    fn a_constant_series_is_quiet() {
        assert!(run(Parameters::calibrated(), [100.0; 400]).iter().flatten().all(|point| !point.is_alarm));
        assert!(run(Parameters::calibrated(), [0.0; 400]).iter().flatten().all(|point| point.cusum <= 0.0));
    }

    #[test]
    fn the_first_verdict_comes_when_enough_is_learnt() {
        let parameters = Parameters::calibrated();
        let points = run(parameters, (0..300).map(|n| 100.0 + noise(n)));
        let first = points.iter().position(Option::is_some).unwrap();
        assert_eq!(first, parameters.span() + 36 + parameters.needed - 1);
    }

    #[test]
    fn following_and_decomposing_agree_but_for_noise() {
        let series: Vec<_> = (0..2000).map(|n| if n < 1500 { 100.0 } else { 130.0 } + noise(n)).collect();
        let followed = run(Parameters::calibrated(), series.iter().copied());
        let exact = run(Parameters { eigen: crate::Eigen::Exact, ..Parameters::calibrated() }, series);
        let pairs: Vec<_> = followed.iter().flatten().zip(exact.iter().flatten()).collect();
        let apart: f64 = pairs.iter().map(|(a, b)| (a.relative - b.relative).abs() / b.relative.max(1.0)).sum();
        assert!(apart / f64::from(u32::try_from(pairs.len()).unwrap()) < 0.1, "{}", apart / pairs.len() as f64);
        assert!(pairs.iter().all(|(a, b)| a.is_alarm == b.is_alarm));
    }

    #[test]
    fn renewing_the_sums_changes_nothing_but_rounding() {
        let mut detector = Detector::new(Parameters { eigen: crate::Eigen::Exact, ..Parameters::paper() }).unwrap();
        let mut last = None;
        for n in 0..RENEWED_EVERY + 40 {
            last = detector.push(100.0 + noise(n)).unwrap().point();
        }
        let fresh = run(*detector.parameters(), (RENEWED_EVERY..RENEWED_EVERY + 40).map(|n| 100.0 + noise(n)));
        let (last, fresh) = (last.unwrap(), fresh.last().copied().flatten().unwrap());
        assert!((last.distance - fresh.distance).abs() < 1e-9 * fresh.distance.max(1.0), "{last:?} {fresh:?}");
    }
}
