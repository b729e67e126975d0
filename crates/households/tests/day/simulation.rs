//! A day of the market, with its own timing and the simplest matcher.

use std::collections::BTreeMap;

use households::{Household, Metered, Policy, Posted, Scenario, Tariff, Traded, Wanted};
use transax::Side;
use units::{IntervalIndex, Price};

use crate::matcher::{Open, matched};

/// `T_clear`: while interval t passes, t + CLEAR + 1 is traded and the readings of t - 1 are known.
const CLEAR: u32 = 1;

/// A day's record.
#[derive(Default)]
pub struct Day {
    /// All offers: whose, when it was made (the interval traded then), what.
    pub wanted: Vec<(usize, IntervalIndex, Wanted)>,
    /// What every home did in every interval.
    pub metered: Vec<(usize, Metered)>,
    /// Energy traded over the day.
    pub traded: u64,
    /// In how many intervals each feeder stood at a limit.
    pub binding: Vec<usize>,
}

struct Market<'a> {
    scenario: &'a Scenario,
    households: Vec<Household>,
    trades: Vec<BTreeMap<IntervalIndex, Traded>>,
    open: Vec<Open>,
    day: Day,
}

/// Trades every interval in turn; each household learns a reading only once its interval has passed.
pub fn trade(scenario: &Scenario) -> Day {
    let tariff = Tariff::new(Price(300_000), Price(80_000)).expect("a wide tariff");
    let first = scenario.first_interval;
    let household = |(at, home): (usize, &households::Home)| {
        Household::new(home.clone(), first, Policy::spread(scenario, at, tariff))
    };
    let mut market = Market {
        scenario,
        households: scenario.homes.iter().enumerate().map(household).collect(),
        trades: vec![BTreeMap::new(); scenario.homes.len()],
        open: Vec::new(),
        day: Day { binding: vec![0; scenario.feeders.len()], ..Day::default() },
    };
    for next in first.0..=scenario.last_interval().0 + CLEAR + 2 {
        if let Some(passed) = next.checked_sub(CLEAR + 2).filter(|passed| *passed >= first.0) {
            market.pass(IntervalIndex(passed));
        }
        market.post(IntervalIndex(next));
        market.finalize(IntervalIndex(next));
    }
    market.day
}

impl Market<'_> {
    fn pass(&mut self, interval: IntervalIndex) {
        for (at, household) in self.households.iter_mut().enumerate() {
            let traded = self.trades[at].remove(&interval).unwrap_or_default();
            self.day.metered.push((at, household.run(interval, traded).expect("intervals pass in order")));
        }
    }

    fn post(&mut self, next: IntervalIndex) {
        for (at, household) in self.households.iter().enumerate() {
            let own = self.open.iter().filter(|offer| offer.home == at && offer.posted.end >= next);
            let posted: Vec<Posted> = own.map(|offer| offer.posted).collect();
            let feeder = usize::from(self.scenario.homes[at].feeder.0);
            for wanted in household.wanted(next, &self.trades[at], &posted) {
                let Wanted { side, energy, start, end, .. } = wanted;
                self.open.push(Open { home: at, feeder, posted: Posted { side, remaining: energy, start, end } });
                self.day.wanted.push((at, next, wanted));
            }
        }
    }

    fn finalize(&mut self, next: IntervalIndex) {
        let result = matched(&self.open, &self.scenario.feeders, next.0);
        for (count, binding) in self.day.binding.iter_mut().zip(&result.binding) {
            *count += usize::from(*binding);
        }
        for (at, energy) in result.energy {
            let offer = &mut self.open[at];
            offer.posted.remaining.0 -= energy;
            let traded = self.trades[offer.home].entry(next).or_default();
            match offer.posted.side {
                Side::Sell => {
                    traded.sold.0 += energy;
                    self.day.traded += energy;
                }
                Side::Buy => traded.bought.0 += energy,
            }
        }
    }
}
