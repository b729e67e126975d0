//! What a detector is set to.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::threshold::{T_ALARM, T_PAPER, threshold};

/// Which recipe the statistics follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The paper's, to the letter: S is relative to the residual of the base window itself, W begins with S and loses
    /// 1/(3LQ) a sample, and the base window moves on whatever happens.
    Paper,
    /// S is relative to the mean distance of earlier windows, W begins with 0 and loses 1/(3√(LQ)) a sample, and
    /// nothing is learnt in alarm.
    Calibrated,
}

/// How the leading eigenvectors are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eigen {
    /// By a full decomposition of every base window, O(L³) a sample.
    Exact,
    /// By following the subspace from sample to sample, O(L²·l), anchored to a full decomposition now and then.
    Followed,
}

/// A detector's parameters, in the paper's letters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// The recipe.
    pub mode: Mode,
    /// The way to the eigenvectors.
    pub eigen: Eigen,
    /// N: samples of the base window.
    pub window: usize,
    /// L: samples of a lagged vector.
    pub lag: usize,
    /// l: eigenvectors that span the signal.
    pub components: usize,
    /// p: how many places the test vectors begin after the base vectors.
    pub gap: usize,
    /// Q: test vectors.
    pub tests: usize,
    /// h: the alarm is raised when W exceeds it.
    pub threshold: f64,
    /// How many earlier windows μ is the mean of, at most; calibrated mode.
    pub remembered: usize,
    /// How many it needs before there is a verdict; calibrated mode.
    pub needed: usize,
    /// The least μ, in squared units of a sample: what is steadier is taken to be as steady as this.
    pub floor: f64,
}

/// Parameters that fit nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadParameters {
    /// The window has no two lagged vectors, or lagged vectors have no two samples.
    #[error("a lag of {lag} does not fit a window of {window}; take 2 <= lag < window <= 512")]
    Lag {
        /// L.
        lag: usize,
        /// N.
        window: usize,
    },
    /// The signal is nothing or everything.
    #[error("{components} components of vectors of {lag}; take at least 1 and fewer than the lag")]
    Components {
        /// l.
        components: usize,
        /// L.
        lag: usize,
    },
    /// Test vectors begin so early that they end before the base's, or there is none.
    #[error("{tests} test vectors from {gap} on end before the {base} base vectors do")]
    Tests {
        /// Q.
        tests: usize,
        /// p.
        gap: usize,
        /// K.
        base: usize,
    },
    /// A figure that must be positive and finite is not, or more windows are needed than remembered.
    #[error("threshold, floor and remembered windows must be positive, and no more windows needed than remembered")]
    Figures,
}

impl Parameters {
    /// The paper's: N = 24, L = 12, l = 4, p = 12, q = 24, t = 1.2815 (h = 0.60515; printed as 0.607).
    pub fn paper() -> Self {
        Self {
            mode: Mode::Paper,
            eigen: Eigen::Exact,
            window: 24,
            lag: 12,
            components: 4,
            gap: 12,
            tests: 12,
            threshold: threshold(T_PAPER, 12, 12),
            remembered: 60,
            needed: 24,
            floor: 0.01,
        }
    }

    /// What is used: p = K = 13, so that base and test share no vector, as the paper means to, and t = 2.3263.
    pub fn calibrated() -> Self {
        Self {
            mode: Mode::Calibrated,
            eigen: Eigen::Followed,
            gap: 13,
            threshold: threshold(T_ALARM, 12, 12),
            ..Self::paper()
        }
    }

    /// Checks that they fit each other.
    pub fn checked(self) -> Result<Self, BadParameters> {
        let Self { window, lag, components, gap, tests, .. } = self;
        if lag < 2 || window <= lag || window > 512 {
            return Err(BadParameters::Lag { lag, window });
        }
        if components == 0 || components >= lag {
            return Err(BadParameters::Components { components, lag });
        }
        if tests == 0 || tests > 512 || gap > 512 || gap + tests < self.base() {
            return Err(BadParameters::Tests { tests, gap, base: self.base() });
        }
        let positive = |x: f64| x.is_finite() && x > 0.0;
        if !positive(self.threshold) || !positive(self.floor) || self.needed == 0 || self.needed > self.remembered {
            return Err(BadParameters::Figures);
        }
        Ok(self)
    }

    /// K = N − L + 1: vectors of the base window.
    pub const fn base(&self) -> usize {
        self.window + 1 - self.lag
    }

    /// Samples from the first of the base window to the last of the test vectors.
    pub const fn span(&self) -> usize {
        self.lag + self.gap + self.tests - 1
    }

    /// By how many samples the end of the base window trails the newest one.
    pub(crate) const fn trail(&self) -> usize {
        self.gap + self.tests - self.base()
    }

    /// LQ, by which a distance is divided.
    #[expect(clippy::cast_precision_loss, reason = "windows have at most 512 samples")]
    pub(crate) const fn cells(&self) -> f64 {
        (self.lag * self.tests) as f64
    }

    /// What W loses a sample.
    pub(crate) fn drift(&self) -> f64 {
        match self.mode {
            Mode::Paper => 1.0 / (3.0 * self.cells()),
            Mode::Calibrated => 1.0 / (3.0 * self.cells().sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_parameters_fit() {
        let paper = Parameters::paper().checked().unwrap();
        assert_eq!((paper.base(), paper.span(), paper.trail()), (13, 35, 11));
        assert!(Parameters::calibrated().checked().is_ok());
        assert_eq!(Parameters::calibrated().span(), 36);
    }

    #[test]
    fn parameters_that_fit_nothing_are_refused() {
        let good = Parameters::calibrated();
        for bad in [
            Parameters { lag: 24, ..good },
            Parameters { lag: 1, ..good },
            Parameters { components: 12, ..good },
            Parameters { tests: 0, ..good },
            Parameters { gap: 0, tests: 12, ..good },
            Parameters { threshold: f64::NAN, ..good },
            Parameters { needed: 61, ..good },
        ] {
            assert!(bad.checked().is_err(), "{bad:?}");
        }
    }
}
