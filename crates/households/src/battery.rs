//! A battery's limits, and its state of charge under them, in whole watt-hours.

use units::WattHours;

/// What a battery can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Battery {
    /// The most it holds.
    pub capacity: WattHours,
    /// The most it takes in, and the most it gives out, during an interval, measured at its terminals.
    pub per_interval: WattHours,
    /// What it holds at the start.
    pub initial: WattHours,
    /// Of 1000 Wh put in, how many it holds; of 1000 Wh drained, how many it gives. 1 to 1000.
    pub efficiency_permille: u64,
}

/// A battery with what it holds. Losses round against the owner, so that energy is never created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    battery: Battery,
    charge: u64,
}

impl Storage {
    /// The battery in its initial state.
    pub fn new(battery: Battery) -> Self {
        Self { battery, charge: battery.initial.0.min(battery.capacity.0) }
    }

    /// What it holds: never more than the capacity.
    pub const fn state_of_charge(&self) -> WattHours {
        WattHours(self.charge)
    }

    /// What it can do.
    pub const fn battery(&self) -> Battery {
        self.battery
    }

    /// Takes in up to `offered` during one interval; returns what it took.
    pub fn charge(&mut self, offered: WattHours) -> WattHours {
        let taken = offered.0.min(self.battery.per_interval.0).min(self.intake_to_hold(self.battery.capacity).0);
        self.charge += self.held_of(taken);
        WattHours(taken)
    }

    /// Gives out up to `wanted` during one interval; returns what it gave.
    pub fn discharge(&mut self, wanted: WattHours) -> WattHours {
        let given = wanted.0.min(self.battery.per_interval.0).min(self.yield_above(WattHours(0)).0);
        self.charge -= self.drained_for(given);
        WattHours(given)
    }

    /// The most it could give, over however many intervals, without holding less than `floor`.
    pub fn yield_above(&self, floor: WattHours) -> WattHours {
        let spare = self.charge.saturating_sub(floor.0);
        WattHours(spare * self.battery.efficiency_permille / 1000)
    }

    /// The most it could take, over however many intervals, without holding more than `level` or its capacity.
    pub fn intake_to_hold(&self, level: WattHours) -> WattHours {
        let room = level.0.min(self.battery.capacity.0).saturating_sub(self.charge);
        // ⌈room·1000/η⌉·η/1000 lies in room..room + 1, so what is held of it is exactly `room`.
        WattHours((room * 1000).div_ceil(self.battery.efficiency_permille))
    }

    fn held_of(&self, taken: u64) -> u64 {
        taken * self.battery.efficiency_permille / 1000
    }

    fn drained_for(&self, given: u64) -> u64 {
        (given * 1000).div_ceil(self.battery.efficiency_permille)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn storage(initial: u64) -> Storage {
        let battery = Battery {
            capacity: WattHours(10_000),
            per_interval: WattHours(2_500),
            initial: WattHours(initial),
            efficiency_permille: 950,
        };
        Storage::new(battery)
    }

    #[test]
    fn power_limits_what_goes_in_and_out() {
        let mut storage = storage(5_000);
        assert_eq!(storage.charge(WattHours(9_999)), WattHours(2_500));
        assert_eq!(storage.state_of_charge(), WattHours(7_375));
        assert_eq!(storage.discharge(WattHours(9_999)), WattHours(2_500));
        assert_eq!(storage.state_of_charge(), WattHours(4_743));
    }

    #[test]
    fn it_fills_to_the_brim_and_empties_to_the_dregs() {
        let mut full = storage(9_999);
        assert_eq!(full.charge(WattHours(100)), WattHours(2));
        assert_eq!(full.state_of_charge(), WattHours(10_000));
        let mut empty = storage(100);
        assert_eq!(empty.discharge(WattHours(200)), WattHours(95));
        assert_eq!(empty.state_of_charge(), WattHours(0));
    }

    proptest! {
        #[test]
        fn no_sequence_leaves_the_limits_or_creates_energy(
            capacity in 1_u64..50_000, per_interval in 0_u64..6_000, initial in 0_u64..60_000,
            efficiency_permille in 1_u64..=1000, steps in prop::collection::vec((any::<bool>(), 0_u64..9_000), 0..60),
        ) {
            let (capacity, initial) = (WattHours(capacity), WattHours(initial));
            let battery = Battery { capacity, per_interval: WattHours(per_interval), initial, efficiency_permille };
            let mut storage = Storage::new(battery);
            let (mut taken, mut given) = (storage.state_of_charge().0, 0);
            for (charging, energy) in steps {
                let moved = if charging { storage.charge(WattHours(energy)) } else { storage.discharge(WattHours(energy)) };
                prop_assert!(moved.0 <= energy.min(per_interval));
                if charging { taken += moved.0 } else { given += moved.0 }
                prop_assert!(storage.state_of_charge() <= capacity);
                prop_assert!(given + storage.state_of_charge().0 <= taken);
            }
        }
    }
}
