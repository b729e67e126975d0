//! Simulated time.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub},
};

use serde::{Deserialize, Serialize};

const A_SECOND: f64 = 1e6;

/// A time since the start of a simulation, or a duration, in whole microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// The start.
    pub const ZERO: Self = Self(0);

    /// The nearest whole microsecond; negative and undefined durations are none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates, as it should")]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * A_SECOND).round() as u64)
    }

    /// In seconds; exact below 285 years.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 microseconds")]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / A_SECOND
    }

    /// What is left of `self` after `other`, or nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Micros {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Micros {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_to_the_nearest_microsecond_and_never_negative() {
        assert_eq!(Micros::from_seconds(1.000_000_6), Micros(1_000_001));
        assert_eq!(Micros::from_seconds(-3.0), Micros::ZERO);
        assert_eq!(Micros(2_500_000).to_string(), "2.5 s");
    }
}
