#![doc = include_str!("../README.md")]

mod periods;
mod received;
mod source;

use alloy_primitives::Address;
use runtime::{Agent, Intent};
use transax::{Bill, Market, Metered, PriceSchedule, Side, bill_rounded_toward_zero};
use transax_mixer::{AnonymousAccounts, Mask, Masks, Schedule};
use units::{IntervalIndex, WattHours};

use received::Received;

pub use periods::Periods;
pub use source::Source;

/// Measures and bills.
pub struct Meter {
    name: String,
    prosumer: Address,
    masks: Option<Masks>,
    received: Option<Received>,
    source: Source,
    prices: Option<PriceSchedule>,
    periods: Option<Periods>,
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
            masks: None,
            received: None,
            source,
            prices: None,
            periods: None,
            report: Box::new(report),
            measured: None,
            reported: Bill::default(),
        }
    }

    /// Of a home that trades from anonymous accounts. The meter also counts what they deposit to its one-time accounts, of
    /// which `one_time` is the secret. `home` is the home's own secret: a meter that measures has no use for it, and one that
    /// simulates must know what is traded.
    #[must_use]
    pub fn of_private_home(self, one_time: AnonymousAccounts, home: AnonymousAccounts, schedule: Schedule) -> Self {
        let (masks, received) = (Masks::new(home, schedule), Received::new(one_time, schedule));
        Self { masks: Some(masks), received: Some(received), ..self }
    }

    /// Bills by these prices, instead of the two that the market's deployment fixed.
    #[must_use]
    pub fn with_prices(self, prices: PriceSchedule) -> Self {
        Self { prices: Some(prices), ..self }
    }

    /// Also makes bills of whole periods.
    #[must_use]
    pub fn with_periods(self, periods: Periods) -> Self {
        Self { periods: Some(periods), ..self }
    }

    /// The bill over every interval that has passed by `now`, Unix seconds.
    pub fn bill(&mut self, market: &Market, now: u64) -> Bill {
        let mut accounts = vec![self.prosumer];
        let known = self.masks.as_mut().map(|masks| masks.known(market, self.prosumer));
        accounts.extend(known.iter().flatten().map(Mask::account));
        let net = self.source.net_energy(market, &accounts, (running(market, now), now));
        let received = self.received.as_mut().map(|received| received.assets(market)).unwrap_or_default();
        let metered = |(interval, net_wh)| {
            let withdrawn = |side| market.withdrawn_assets(self.prosumer, side, interval);
            let deposited = |side| {
                let anonymous = received.get(&(interval, side)).map_or(0, |energy| energy.0);
                WattHours(market.deposited_assets(self.prosumer, side, interval).0.saturating_add(anonymous))
            };
            Metered {
                interval,
                net_wh,
                withdrawn: (withdrawn(Side::Sell), withdrawn(Side::Buy)),
                deposited: (deposited(Side::Sell), deposited(Side::Buy)),
            }
        };
        let metered: Vec<_> = net.into_iter().map(metered).collect();
        bill_rounded_toward_zero(market.params(), &self.prices(market), &metered)
    }

    fn prices(&self, market: &Market) -> PriceSchedule {
        self.prices.clone().unwrap_or_else(|| PriceSchedule::flat(market.params()))
    }
}

impl Agent for Meter {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        let running = running(market, now);
        let is_new_interval = self.measured.replace(running) != Some(running);
        if self.source.has_news() || is_new_interval {
            let bill = self.bill(market, now);
            let schedule = self.prices(market).hash();
            if let Some(periods) = &mut self.periods {
                periods.issue_due(self.prosumer, schedule, &bill, running);
            }
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
