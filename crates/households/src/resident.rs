//! A household that keeps up with a market's final trades, whatever becomes of them.

use std::collections::BTreeMap;

use units::IntervalIndex;

use crate::{Household, HouseholdError, Metered, Traded};

/// A household and all it has done so far. Where trades it ran with turn out to be others (the chain was reorganised) it
/// starts its day again, so what it does is a function of the trades alone.
#[derive(Clone, Debug)]
pub struct Resident {
    morning: Household,
    household: Household,
    ran: Vec<(Traded, Metered)>,
}

impl Resident {
    /// A household before its first interval.
    pub fn new(household: Household) -> Self {
        Self { morning: household.clone(), household, ran: Vec::new() }
    }

    /// The household as it stands.
    pub const fn household(&self) -> &Household {
        &self.household
    }

    /// Lets every interval before `until` pass with what was traded for it (nothing where `traded` has no entry), as far
    /// as the profile goes, and returns what the home did in each so far.
    pub fn catch_up(
        &mut self,
        until: IntervalIndex,
        traded: &BTreeMap<IntervalIndex, Traded>,
    ) -> Result<impl ExactSizeIterator<Item = &Metered>, HouseholdError> {
        let of = |interval| traded.get(&interval).copied().unwrap_or_default();
        if self.ran.iter().any(|(ran, metered)| *ran != of(metered.interval)) {
            self.household = self.morning.clone();
            self.ran.clear();
        }
        let end = until.min(self.morning.plant().profile_end());
        loop {
            let interval = self.household.plant().next_interval();
            if interval >= end {
                return Ok(self.ran.iter().map(|(_, metered)| metered));
            }
            let traded = of(interval);
            let metered = self.household.run(interval, traded)?;
            self.ran.push((traded, metered));
        }
    }
}
