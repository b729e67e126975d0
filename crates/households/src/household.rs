//! A household's trading strategy: a pure state machine over readings and trades.

use std::collections::BTreeMap;

use thiserror::Error;
use transax::Side;
use units::{IntervalIndex, Price, WattHours};

use crate::forecast::persistence;
use crate::plant::operate;
use crate::policy::Outlook;
use crate::{Home, Metered, Plant, Policy, Reading, Storage, Traded};

/// From this part of its rating on, the PV counts as being in bright light.
const BRIGHT_SHARE: u64 = 10;

/// An offer that the household wants to have posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Sell or buy.
    pub side: Side,
    /// Energy in all, at least 1.
    pub energy: WattHours,
    /// Reservation price.
    pub price: Price,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
}

/// An offer that the household has posted, as the market shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Sell or buy.
    pub side: Side,
    /// What is not traded yet; 0 where all of it is.
    pub remaining: WattHours,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
}

/// A home run against its profile in a way the profile does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HouseholdError {
    /// Intervals are run one after the other.
    #[error("interval {found} was to be run where {expected} is next")]
    OutOfOrder {
        /// The one asked for.
        found: IntervalIndex,
        /// The one due.
        expected: IntervalIndex,
    },
    /// The profiles have ended.
    #[error("interval {interval} lies beyond the home's profile")]
    BeyondProfile {
        /// The one asked for.
        interval: IntervalIndex,
    },
}

/// One home: its machinery, the readings it has taken so far, and its policy.
///
/// Offers rest on readings of intervals that have been [`run`](Self::run) and on ratings; the profile behind the
/// machinery is never looked at ahead of time.
#[derive(Clone, Debug)]
pub struct Household {
    plant: Plant,
    policy: Policy,
    readings: Vec<Reading>,
}

impl Household {
    /// The household before the profile's first interval.
    pub fn new(home: Home, first: IntervalIndex, policy: Policy) -> Self {
        Self { plant: Plant::new(home, first), policy, readings: Vec::new() }
    }

    /// The home's machinery.
    pub const fn plant(&self) -> &Plant {
        &self.plant
    }

    /// Lets the next interval pass with what was traded for it, and learns its reading.
    pub fn run(&mut self, interval: IntervalIndex, traded: Traded) -> Result<Metered, HouseholdError> {
        let metered = self.plant.run(interval, traded)?;
        self.readings.push(metered.reading);
        Ok(metered)
    }

    /// The offers to post for `next`, the interval that becomes final next; asked once an interval.
    ///
    /// `scheduled` holds what was traded for final intervals that have not been run; `posted` are the household's
    /// offers that reach `next` or further, those traded out included. All that is returned and posted together locks
    /// no more assets in an interval than the home's limits.
    pub fn wanted(
        &self,
        next: IntervalIndex,
        scheduled: &BTreeMap<IntervalIndex, Traded>,
        posted: &[Posted],
    ) -> Vec<Wanted> {
        if next < self.plant.next_interval() || next > self.policy.last {
            return Vec::new();
        }
        let expected = persistence(self.plant.home(), &self.readings);
        let still_open = |side| {
            let open = posted.iter().filter(|offer| offer.side == side && offer.end >= next);
            open.map(|offer| offer.remaining.0).sum()
        };
        let mut decision = self.policy.decide(Outlook {
            interval: next,
            expected,
            is_bright: expected.pv.0 * BRIGHT_SHARE >= self.plant.home().pv_peak.0,
            storage: self.storage_at(next, expected, scheduled),
            promised: still_open(Side::Sell),
            awaited: still_open(Side::Buy),
        });
        if posted.iter().any(|offer| offer.start <= next && next <= offer.end) {
            // One offer from the battery at a time, or two would lock more than its power.
            (decision.stock, decision.charge) = (0, 0);
        }
        let window_end = IntervalIndex(next.0.saturating_add(self.policy.window.max(1) - 1)).min(self.policy.last);
        let prices = &self.policy.reservation;
        let offers = [
            (Side::Sell, decision.surplus, prices.surplus_ask, next),
            (Side::Buy, decision.deficit, prices.deficit_bid, next),
            (Side::Sell, decision.stock, prices.stock_ask, window_end),
            (Side::Buy, decision.charge, prices.charge_bid, window_end),
        ];
        let offers = offers.into_iter().filter(|(_, energy, ..)| *energy > 0);
        offers
            .map(|(side, energy, price, end)| Wanted { side, energy: WattHours(energy), price, start: next, end })
            .collect()
    }

    /// The battery as it will stand at the start of `next` if all goes as expected.
    fn storage_at(
        &self,
        next: IntervalIndex,
        expected: Reading,
        scheduled: &BTreeMap<IntervalIndex, Traded>,
    ) -> Option<Storage> {
        let mut storage = self.plant.storage()?;
        for interval in (self.plant.next_interval().0..next.0).map(IntervalIndex) {
            operate(Some(&mut storage), interval, expected, scheduled.get(&interval).copied().unwrap_or_default());
        }
        Some(storage)
    }
}
