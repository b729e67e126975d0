#![doc = include_str!("../README.md")]

mod source;

use std::collections::BTreeMap;

use alloy_primitives::Address;
use runtime::{Agent, Intent};
use transax::{Bill, Market, Metered, Side, bill_rounded_toward_zero};
use units::IntervalIndex;

pub use source::Source;

/// Measures and bills.
pub struct Meter {
    name: String,
    prosumer: Address,
    source: Source,
    report: Box<dyn FnMut(&Bill) + Send>,
    /// The interval that went on when a bill was made last.
    measured: Option<IntervalIndex>,
    reported: Bill,
}

impl Meter {
    /// The meter of the prosumer at this address, under this name; `report` gets each new bill.
    pub fn new(
        name: impl Into<String>,
        prosumer: Address,
        source: Source,
        report: impl FnMut(&Bill) + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            prosumer,
            source,
            report: Box::new(report),
            measured: None,
            reported: Bill::default(),
        }
    }

    /// The bill over every interval that has passed by `now`, Unix seconds.
    pub fn bill(&mut self, market: &Market, now: u64) -> Bill {
        let net: BTreeMap<_, _> = self.source.net_energy(market, self.prosumer, running(market, now));
        let readings = net.into_iter().map(|(interval, net_wh)| self.metered(market, interval, net_wh));
        bill_rounded_toward_zero(market.params(), &readings.collect::<Vec<_>>())
    }

    fn metered(&self, market: &Market, interval: IntervalIndex, net_wh: i64) -> Metered {
        let withdrawn = |side| market.withdrawn_assets(self.prosumer, side, interval);
        let deposited = |side| market.deposited_assets(self.prosumer, side, interval);
        Metered {
            interval,
            net_wh,
            withdrawn: (withdrawn(Side::Sell), withdrawn(Side::Buy)),
            deposited: (deposited(Side::Sell), deposited(Side::Buy)),
        }
    }
}

impl Agent for Meter {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        // Readings come once an interval.
        let running = running(market, now);
        if self.measured.replace(running) != Some(running) {
            let bill = self.bill(market, now);
            if bill != self.reported {
                (self.report)(&bill);
                self.reported = bill;
            }
        }
        Vec::new()
    }
}

/// The last interval that has begun and goes on.
fn running(market: &Market, now: u64) -> IntervalIndex {
    IntervalIndex(market.params().first_not_begun(now).0.saturating_sub(1))
}
