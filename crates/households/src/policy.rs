//! What a household decides for one interval, from what it expects and what its battery is expected to hold.

use units::{IntervalIndex, WattHours};

use crate::{Reading, Reservation, Scenario, Storage, Tariff};

const INTERVALS_A_DAY: u32 = 96;
/// Of what a battery can spare, one offer takes this part: it is meant to last about as many windows.
const SHARES_OF_STOCK: u64 = 8;

/// How a household trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it asks and bids.
    pub reservation: Reservation,
    /// Of the battery's capacity, what is kept for the home's own night.
    pub reserve_permille: u64,
    /// Of the battery's capacity, what the household wants to have stored by the evening.
    pub target_permille: u64,
    /// How many intervals an offer backed by the battery spans; at least 1.
    pub window: u32,
    /// The interval of the day (0 is midnight) from which on no sun is counted on.
    pub evening: u32,
    /// The last interval that is traded.
    pub last: IntervalIndex,
}

/// What a household would trade, Wh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    /// PV to sell in the interval itself.
    pub(crate) surplus: u64,
    /// Load to buy for in the interval itself.
    pub(crate) deficit: u64,
    /// Stock to sell from the battery over a window.
    pub(crate) stock: u64,
    /// Charge to buy for the battery over a window.
    pub(crate) charge: u64,
}

/// What bears on a decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    /// The interval to trade.
    pub(crate) interval: IntervalIndex,
    /// Expected PV and load.
    pub(crate) expected: Reading,
    /// Whether the PV is expected to give a good part of its rating.
    pub(crate) is_bright: bool,
    /// The battery as expected at the interval's start.
    pub(crate) storage: Option<Storage>,
    /// What posted sell offers may still take from it.
    pub(crate) promised: u64,
    /// What posted buy offers may still bring.
    pub(crate) awaited: u64,
}

impl Policy {
    /// The policy of home `place` of a scenario: prices and storage targets are spread over the homes, so that owners
    /// differ; a quarter of the battery is kept for the night, offers from it span an hour, no sun after 19:00.
    pub fn spread(scenario: &Scenario, place: usize, tariff: Tariff) -> Self {
        let homes = scenario.homes.len().max(1);
        // The stride keeps the targets of neighbours, who share a feeder, apart.
        let rank = place * 7 % homes;
        let share = u64::try_from(rank * 600 / homes).expect("below 600");
        Self {
            reservation: tariff.reservation(place, homes),
            reserve_permille: 250,
            target_permille: 400 + share,
            window: 4,
            evening: 76,
            last: scenario.last_interval(),
        }
    }

    /// What to trade. Without a battery: what is expected. With one: in dim light stock is sold, in bright light stored.
    pub(crate) fn decide(&self, outlook: Outlook) -> Decision {
        let Reading { load, pv } = outlook.expected;
        let (surplus, deficit) = (pv.0.saturating_sub(load.0), load.0.saturating_sub(pv.0));
        match outlook.storage {
            None => Decision { surplus, deficit, ..Decision::default() },
            Some(storage) if outlook.is_bright && surplus > 0 => self.store(storage, surplus, outlook),
            Some(storage) => self.sell_stock(storage, surplus, deficit, outlook),
        }
    }

    /// The battery serves the home, then a share of what it can spare is for sale; below the reserve, the home buys.
    fn sell_stock(&self, storage: Storage, surplus: u64, deficit: u64, outlook: Outlook) -> Decision {
        let power = storage.battery().per_interval.0;
        let spare = storage.yield_above(share(storage, self.reserve_permille)).0.saturating_sub(outlook.promised);
        let served = deficit.min(spare).min(power);
        let free = spare.saturating_sub(served * u64::from(self.window));
        let stock = (free / SHARES_OF_STOCK).min(power - served);
        Decision { surplus, deficit: deficit - served, stock, charge: 0 }
    }

    /// Sun that would fill the battery anyway by the evening is for sale; where it would not, the rest is bought.
    fn store(&self, storage: Storage, surplus: u64, outlook: Outlook) -> Decision {
        let power = storage.battery().per_interval.0;
        let target = share(storage, self.target_permille);
        let needed = storage.intake_to_hold(target).0.saturating_sub(outlook.awaited);
        let left = self.evening.saturating_sub(outlook.interval.0 % INTERVALS_A_DAY);
        // From what it gives now the sun goes down as (1 - x)², whose integral over the time left is a third.
        let coming = surplus * u64::from(left) / 3;
        if coming < needed {
            let charge = (needed - coming).min(power.saturating_sub(surplus));
            return Decision { charge, ..Decision::default() };
        }
        let kept = if needed == 0 { 0 } else { (surplus * needed).div_ceil(coming) };
        let spare = storage.yield_above(target).0.saturating_sub(outlook.promised);
        let stock = (spare / SHARES_OF_STOCK).min(power);
        Decision { surplus: surplus - kept, stock, ..Decision::default() }
    }
}

fn share(storage: Storage, permille: u64) -> WattHours {
    WattHours(storage.battery().capacity.0 * permille / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Battery;
    use units::Price;

    const POLICY: Policy = Policy {
        reservation: Reservation {
            surplus_ask: Price(1),
            stock_ask: Price(2),
            deficit_bid: Price(4),
            charge_bid: Price(3),
        },
        reserve_permille: 250,
        target_permille: 800,
        window: 4,
        evening: 76,
        last: IntervalIndex(95),
    };

    fn decide(pv: u64, load: u64, state_of_charge: Option<u64>) -> Decision {
        let storage = state_of_charge.map(|initial| {
            Storage::new(Battery {
                capacity: WattHours(10_000),
                per_interval: WattHours(2_000),
                initial: WattHours(initial),
                efficiency_permille: 1000,
            })
        });
        let expected = Reading { load: WattHours(load), pv: WattHours(pv) };
        let (interval, is_bright) = (IntervalIndex(46), pv >= 200);
        POLICY.decide(Outlook { interval, expected, is_bright, storage, promised: 0, awaited: 0 })
    }

    #[test]
    fn a_home_without_battery_trades_what_it_expects() {
        assert_eq!(decide(400, 100, None), Decision { surplus: 300, ..Decision::default() });
        assert_eq!(decide(0, 300, None), Decision { deficit: 300, ..Decision::default() });
    }

    #[test]
    fn stock_above_the_reserve_serves_the_home_and_an_eighth_of_the_rest_is_for_sale() {
        assert_eq!(decide(0, 100, Some(4_500)), Decision { stock: 200, ..Decision::default() });
    }

    #[test]
    fn a_home_at_its_reserve_buys_what_it_needs() {
        assert_eq!(decide(0, 100, Some(2_560)), Decision { deficit: 40, ..Decision::default() });
    }

    #[test]
    fn in_dim_light_surplus_and_stock_are_for_sale() {
        assert_eq!(decide(110, 100, Some(4_500)), Decision { surplus: 10, stock: 250, ..Decision::default() });
    }

    #[test]
    fn sun_that_fills_the_battery_anyway_is_for_sale() {
        // 30 intervals from 400 Wh down bring 4,000 Wh, half of which the battery needs.
        assert_eq!(decide(500, 100, Some(6_000)), Decision { surplus: 200, ..Decision::default() });
    }

    #[test]
    fn a_shortfall_of_sun_is_bought() {
        assert_eq!(decide(200, 100, Some(6_000)), Decision { charge: 1_000, ..Decision::default() });
    }

    #[test]
    fn stock_above_the_target_is_for_sale_in_bright_light() {
        assert_eq!(decide(200, 100, Some(9_600)), Decision { surplus: 100, stock: 200, ..Decision::default() });
    }
}
