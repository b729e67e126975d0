//! What anonymous accounts deposit to a meter.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use transax::{Market, Side};
use transax_mixer::{AnonymousAccounts, Period, Schedule};
use units::{IntervalIndex, WattHours};

/// Recognises deposits to one-time accounts of a meter. Each account has one of its own; that of another account does not
/// count, or whoever sees it used could send there what the home never had.
pub struct Received {
    one_time: AnonymousAccounts,
    schedule: Schedule,
    awaited: BTreeMap<(Period, Address), Address>,
}

impl Received {
    pub const fn new(one_time: AnonymousAccounts, schedule: Schedule) -> Self {
        Self { one_time, schedule, awaited: BTreeMap::new() }
    }

    /// All that came, by interval and side.
    pub fn assets(&mut self, market: &Market) -> BTreeMap<(IntervalIndex, Side), WattHours> {
        let mut all: BTreeMap<_, WattHours> = BTreeMap::new();
        for (account, meter) in market.deposits() {
            let Some((first, ..)) = market.deposited_to(account, meter).next() else { continue };
            if !self.is_awaited(account, meter, self.schedule.period(first)) {
                continue;
            }
            for (interval, side, energy) in market.deposited_to(account, meter) {
                let sum = all.entry((interval, side)).or_default();
                *sum = WattHours(sum.0.saturating_add(energy.0));
            }
        }
        all
    }

    /// Whether the meter has this account for what the other one deposits. An account's assets begin with its period, or
    /// within it.
    fn is_awaited(&mut self, account: Address, meter: Address, period: Period) -> bool {
        let of =
            self.awaited.entry((period, account)).or_insert_with(|| self.one_time.one_time(period, account).address());
        *of == meter
    }
}
