//! What a meter measures.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use households::{Resident, Traded};
use meter_readings::Readings;
use transax::{Market, Side};
use units::{IntervalIndex, WattHours};

/// Where readings come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A household's machinery, run with what was traded.
    Home(Box<Resident>),
    /// Deliveries as offered: what is traded in its interval, and what is not by the end of each offer.
    AsOffered,
    /// What a real meter read.
    Read(Measured),
}

/// Readings, and how many of them were billed.
#[derive(Clone, Debug)]
pub struct Measured {
    readings: Readings,
    billed: u64,
}

impl From<Readings> for Source {
    fn from(readings: Readings) -> Self {
        Self::Read(Measured { readings, billed: 0 })
    }
}

impl Source {
    /// Net energy (produced minus consumed, Wh) of each interval before `until` that has a reading at `now`, Unix seconds.
    /// Unless it was read, it is a simulation of what the home does with what it trades, with all of its `accounts`, of
    /// which the first is registered.
    pub fn net_energy(
        &mut self,
        market: &Market,
        accounts: &[Address],
        (until, now): (IntervalIndex, u64),
    ) -> BTreeMap<IntervalIndex, i64> {
        match self {
            Self::Home(resident) => home(resident, market, accounts, until),
            Self::AsOffered => as_offered(market, accounts, until),
            Self::Read(measured) => measured.readings.net_energy(until, now).unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "nothing is measured");
                BTreeMap::new()
            }),
        }
    }

    /// Whether something was read since it was asked last. What is simulated changes with the interval only.
    pub(crate) fn has_news(&mut self) -> bool {
        let Self::Read(Measured { readings, billed }) = self else { return false };
        let read = readings.changes();
        std::mem::replace(billed, read) != read
    }
}

fn home(
    resident: &mut Resident,
    market: &Market,
    accounts: &[Address],
    until: IntervalIndex,
) -> BTreeMap<IntervalIndex, i64> {
    match resident.catch_up(until, &Traded::of(market, accounts)) {
        Ok(metered) => metered.map(|metered| (metered.interval, metered.net_energy)).collect(),
        Err(error) => {
            tracing::error!(prosumer = ?accounts.first(), %error, "the home's profile cannot be run; nothing is measured");
            BTreeMap::new()
        }
    }
}

fn as_offered(market: &Market, accounts: &[Address], until: IntervalIndex) -> BTreeMap<IntervalIndex, i64> {
    let mut net: BTreeMap<IntervalIndex, i64> = BTreeMap::new();
    let signed = |energy: WattHours| i64::try_from(energy.0).expect("the contract counts energy in 32 bits");
    for (interval, position) in market.positions_together(accounts) {
        *net.entry(interval).or_default() += signed(position.sold) - signed(position.bought);
    }
    for ((interval, side), left) in accounts.iter().flat_map(|account| market.left_over(*account)) {
        *net.entry(interval).or_default() += if side == Side::Sell { signed(left) } else { -signed(left) };
    }
    // Where nothing was offered nothing is delivered, but assets may still be missing.
    let is_missing = |interval: &IntervalIndex| accounts.first().is_some_and(|one| is_missing(market, *one, *interval));
    for interval in (0..until.0).map(IntervalIndex).filter(is_missing) {
        net.entry(interval).or_default();
    }
    net.retain(|interval, _| *interval < until);
    net
}

/// Whether the account has withdrawn other assets than went to its meter.
fn is_missing(market: &Market, prosumer: Address, interval: IntervalIndex) -> bool {
    let sum = |of: fn(&Market, Address, Side, IntervalIndex) -> WattHours| {
        let [sold, bought] = [Side::Sell, Side::Buy].map(|side| of(market, prosumer, side, interval));
        sold.0 + bought.0
    };
    sum(Market::withdrawn_assets) != sum(Market::deposited_assets)
}
