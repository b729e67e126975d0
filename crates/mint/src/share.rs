//! How much of its allotment a miner uses.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A part of an allotment, in parts per million: 1,000,000 is all of it, and more is more than was allotted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Share(u32);

/// A share beyond what any machine could use of an allotment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} ppm of an allotment is out of range; at most {max} ppm", max = Share::MOST.0)]
pub struct ShareTooLarge(
    /// The parts per million.
    pub u32,
);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(1_000_000);
    /// The most that a sample may claim: a thousand times the allotment.
    pub const MOST: Self = Self(1_000_000_000);

    /// So many parts per million.
    pub const fn from_ppm(ppm: u32) -> Result<Self, ShareTooLarge> {
        if ppm > Self::MOST.0 { Err(ShareTooLarge(ppm)) } else { Ok(Self(ppm)) }
    }

    /// `used` of `allotted` in the same unit, rounded down, at most [`Share::MOST`]; the most where nothing was
    /// allotted but something is used.
    pub fn of(used: u64, allotted: u64) -> Self {
        let most = u128::from(Self::MOST.0);
        let ppm = match (used, allotted) {
            (0, _) => 0,
            (_, 0) => most,
            (used, allotted) => u128::from(used)
                .saturating_mul(u128::from(Self::WHOLE.0))
                .checked_div(u128::from(allotted))
                .unwrap_or(most)
                .min(most),
        };
        u32::try_from(ppm).map_or(Self::MOST, Self)
    }

    /// In parts per million.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// Both together, at most [`Share::MOST`].
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0)).min(Self::MOST)
    }
}

impl TryFrom<u32> for Share {
    type Error = ShareTooLarge;

    fn try_from(ppm: u32) -> Result<Self, ShareTooLarge> {
        Self::from_ppm(ppm)
    }
}

impl From<Share> for u32 {
    fn from(share: Share) -> Self {
        share.0
    }
}

impl fmt::Display for Share {
    /// In per cent, with two places, rounded down.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} %", self.0 / 10_000, self.0 / 100 % 100)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_share_reads_in_per_cent() {
        assert_eq!(Share::of(3, 2).to_string(), "150.00 %");
        assert_eq!(Share::from_ppm(1_234_599).unwrap().to_string(), "123.45 %");
    }

    #[test]
    fn what_was_not_allotted_cannot_be_used_in_part() {
        assert_eq!(Share::of(0, 0), Share::NONE);
        assert_eq!(Share::of(1, 0), Share::MOST);
        assert_eq!(Share::of(u64::MAX, 1), Share::MOST);
    }

    #[test]
    fn a_share_out_of_range_is_refused() {
        assert_eq!(Share::from_ppm(1_000_000_001), Err(ShareTooLarge(1_000_000_001)));
    }

    proptest! {
        #[test]
        fn a_share_never_exceeds_what_it_is_of(used in 0_u64..1_000_000, allotted in 1_u64..1_000_000) {
            let ppm = u64::from(Share::of(used, allotted).ppm());
            if ppm < 1_000_000_000 {
                prop_assert!(ppm * allotted <= used * 1_000_000);
                prop_assert!((ppm + 1) * allotted > used * 1_000_000);
            }
        }
    }
}
