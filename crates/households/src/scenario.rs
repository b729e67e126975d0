//! Households with measured load, PV and batteries on feeders with limits.

use units::{GroupId, IntervalIndex, WattHours};

use crate::Battery;

/// Length of an interval in all profile folders, minutes.
pub const INTERVAL_MINUTES: u64 = 15;

/// A settlement of homes and the intervals their profiles cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The homes, in the order of `homes.csv`.
    pub homes: Vec<Home>,
    /// The feeders, in the order of `feeders.csv`; a feeder's place is its group.
    pub feeders: Vec<Feeder>,
    /// The first interval of the profiles; interval 0 of a day is midnight.
    pub first_interval: IntervalIndex,
    /// How many intervals the profiles cover.
    pub intervals: u32,
}

/// What hangs behind one line, and how much it may carry in an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feeder {
    /// Its name in the data.
    pub name: String,
    /// C^i: the most that may be sold, and the most that may be bought, within it.
    pub internal_limit: WattHours,
    /// C^e: the most that sold and bought may differ by.
    pub external_limit: WattHours,
}

/// One home and what really happened there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Its name in the data.
    pub id: String,
    /// Its feeder, a place in [`Scenario::feeders`].
    pub feeder: GroupId,
    /// What it consumed, each interval from [`Scenario::first_interval`] on.
    pub load: Vec<WattHours>,
    /// What its PV produced; zeros where it has none.
    pub pv: Vec<WattHours>,
    /// Its battery.
    pub battery: Option<Battery>,
    /// Rated peak of its load over an interval.
    pub load_peak: WattHours,
    /// Rated peak of its PV over an interval, zero where it has none.
    pub pv_peak: WattHours,
}

impl Home {
    /// `L_u^+`: what PV and battery together can give in an interval.
    pub fn production_limit(&self) -> WattHours {
        WattHours(self.pv_peak.0 + self.battery_power())
    }

    /// `L_u^−`: what load and battery together can take in an interval.
    pub fn consumption_limit(&self) -> WattHours {
        WattHours(self.load_peak.0 + self.battery_power())
    }

    fn battery_power(&self) -> u64 {
        self.battery.map_or(0, |battery| battery.per_interval.0)
    }
}

impl Scenario {
    /// The last interval of the profiles.
    pub const fn last_interval(&self) -> IntervalIndex {
        IntervalIndex(self.first_interval.0 + self.intervals - 1)
    }
}
