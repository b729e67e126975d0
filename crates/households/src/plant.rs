//! What physically happens in a home: PV produces, the load consumes, the battery makes up for the difference.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use transax::{Market, Position};
use units::{IntervalIndex, WattHours};

use crate::{Home, HouseholdError, Storage};

/// What a home measures behind its meter in one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Consumed by the load.
    pub load: WattHours,
    /// Produced by the PV.
    pub pv: WattHours,
}

/// What a home has traded for one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traded {
    /// Over all its sell offers.
    pub sold: WattHours,
    /// Over all its buy offers.
    pub bought: WattHours,
}

impl From<Position> for Traded {
    fn from(position: Position) -> Self {
        Self { sold: position.sold, bought: position.bought }
    }
}

impl Traded {
    /// What a home's accounts, each of which is named once, have traded together, interval by interval.
    pub fn of(market: &Market, accounts: &[Address]) -> BTreeMap<IntervalIndex, Self> {
        let positions = market.positions_together(accounts).into_iter();
        positions.map(|(interval, position)| (interval, position.into())).collect()
    }
}

/// What a home did in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metered {
    /// The interval.
    pub interval: IntervalIndex,
    /// Load and PV.
    pub reading: Reading,
    /// Taken by the battery.
    pub charged: WattHours,
    /// Given by the battery.
    pub discharged: WattHours,
    /// Held by the battery at the interval's end.
    pub state_of_charge: WattHours,
    /// What the meter reads: produced minus consumed, Wh; positive leaves the home.
    pub net_energy: i64,
    /// Net energy beyond what was traded, Wh; positive goes to the DSO, negative comes from it.
    pub residual: i64,
}

/// A home's machinery, run through the profiles interval by interval.
#[derive(Clone, Debug)]
pub struct Plant {
    home: Home,
    storage: Option<Storage>,
    first: IntervalIndex,
    next: IntervalIndex,
}

impl Plant {
    /// The home before its first interval.
    pub fn new(home: Home, first: IntervalIndex) -> Self {
        let storage = home.battery.map(Storage::new);
        Self { home, storage, first, next: first }
    }

    /// The home.
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// The battery as it stands, where there is one.
    pub const fn storage(&self) -> Option<Storage> {
        self.storage
    }

    /// The first interval that has not been run.
    pub const fn next_interval(&self) -> IntervalIndex {
        self.next
    }

    /// The first interval past the home's profile.
    pub fn profile_end(&self) -> IntervalIndex {
        let length = self.home.load.len().min(self.home.pv.len());
        IntervalIndex(self.first.0.saturating_add(u32::try_from(length).unwrap_or(u32::MAX)))
    }

    /// Runs one interval, which must be the next one, with what was traded for it.
    pub fn run(&mut self, interval: IntervalIndex, traded: Traded) -> Result<Metered, HouseholdError> {
        if interval != self.next {
            return Err(HouseholdError::OutOfOrder { found: interval, expected: self.next });
        }
        let place = usize::try_from(interval.0 - self.first.0).ok();
        let at = |series: &[WattHours]| place.and_then(|place| series.get(place).copied());
        let reading = match (at(&self.home.load), at(&self.home.pv)) {
            (Some(load), Some(pv)) => Reading { load, pv },
            _ => return Err(HouseholdError::BeyondProfile { interval }),
        };
        self.next = interval.next();
        Ok(operate(self.storage.as_mut(), interval, reading, traded))
    }

    /// [`run`](Self::run), reduced to what the meter reads: produced minus consumed, Wh.
    pub fn net_energy(
        &mut self,
        interval: IntervalIndex,
        sold: WattHours,
        bought: WattHours,
    ) -> Result<i64, HouseholdError> {
        Ok(self.run(interval, Traded { sold, bought })?.net_energy)
    }
}

/// The battery's controller: it makes net energy follow what was traded as closely as its limits allow.
pub(crate) fn operate(
    storage: Option<&mut Storage>,
    interval: IntervalIndex,
    reading: Reading,
    traded: Traded,
) -> Metered {
    let ahead = reading.pv.0 + traded.bought.0;
    let due = reading.load.0 + traded.sold.0;
    let (mut charged, mut discharged, mut state_of_charge) = (WattHours(0), WattHours(0), WattHours(0));
    if let Some(storage) = storage {
        charged = storage.charge(WattHours(ahead.saturating_sub(due)));
        discharged = storage.discharge(WattHours(due.saturating_sub(ahead)));
        state_of_charge = storage.state_of_charge();
    }
    let net_energy = signed(reading.pv.0 + discharged.0) - signed(reading.load.0 + charged.0);
    let residual = net_energy - signed(traded.sold.0) + signed(traded.bought.0);
    Metered { interval, reading, charged, discharged, state_of_charge, net_energy, residual }
}

pub(crate) fn signed(energy: u64) -> i64 {
    i64::try_from(energy).expect("energies of a home are sums of 32-bit numbers")
}
