//! Recognising what homes do with anonymous accounts, for views that forget what everybody else did.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use alloy::primitives::{Address, keccak256};
use transax::{Kin, Market, Past, Side};
use units::IntervalIndex;

use crate::{AnonymousAccounts, Period, Schedule, Tier, Way};

/// A home that trades without being seen.
#[derive(Clone, Debug)]
pub struct HiddenHome {
    /// Its registered account.
    pub prosumer: Address,
    /// Its own accounts.
    pub accounts: AnonymousAccounts,
    /// The one-time accounts of its meter.
    pub one_time: AnonymousAccounts,
}

/// Homes that trade without being seen, whose agents or meters read the same view.
#[derive(Debug)]
pub struct HiddenHomes {
    homes: Vec<HiddenHome>,
    schedule: Schedule,
    /// Of periods that are not over, by side.
    outputs: Mutex<BTreeMap<(Period, Side), Outputs>>,
}

/// The accounts to which mixes may pay out.
#[derive(Debug, Default)]
struct Outputs {
    accounts: BTreeSet<Address>,
    /// How many runs they are of, by home.
    runs: Vec<u32>,
}

impl HiddenHomes {
    /// Of these homes, with periods as this schedule has them.
    pub fn new(homes: impl IntoIterator<Item = HiddenHome>, schedule: Schedule) -> Self {
        Self { homes: homes.into_iter().collect(), schedule, outputs: Mutex::default() }
    }

    /// Adds what more runs of a mix may pay out to, since more homes came to a group.
    fn extend(&self, outputs: &mut Outputs, market: &Market, (period, side): (Period, Side)) {
        outputs.runs.resize(self.homes.len(), 0);
        for (home, known) in self.homes.iter().zip(&mut outputs.runs) {
            let meter = market.account(home.prosumer).and_then(|account| market.smart_meter(account.meter?));
            // One that moves within the period mixes nothing.
            let Some(group) = meter.and_then(|meter| self.schedule.group(meter, period)) else { continue };
            let runs = self.schedule.runs(market, group, period);
            for run in *known..runs {
                let of = |tier| home.accounts.output(period, Way::Out.mix(side, tier), run).address();
                outputs.accounts.extend(Tier::BOTH.map(of));
            }
            *known = runs.max(*known);
        }
    }
}

impl Kin for HiddenHomes {
    fn past(&self) -> Past {
        // Of accounts that are never used, since no interval is that far.
        let never = Period(u32::MAX);
        let names = self.homes.iter().map(|HiddenHome { prosumer, accounts, one_time }| {
            let unused = [accounts.output(never, 0, 0), one_time.one_time(never, *prosumer)].map(|key| key.address());
            [*prosumer, unused[0], unused[1]].concat()
        });
        Past::Unseen {
            accounts: self.homes.iter().map(|home| home.prosumer).collect::<BTreeSet<_>>(),
            mixes_for: self.schedule.tail(),
            secrets: keccak256(names.collect::<Vec<_>>().concat()),
        }
    }

    fn trades(&self, market: &Market, account: Address, side: Side, start: IntervalIndex) -> bool {
        let of = (self.schedule.period(start), side);
        let mut all = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&of) {
            all.retain(|(period, _), _| !self.schedule.is_over(market, *period));
        }
        let outputs = all.entry(of).or_default();
        if !outputs.accounts.contains(&account) {
            self.extend(outputs, market, of);
        }
        outputs.accounts.contains(&account)
    }

    fn deposits(&self, account: Address, meter: Address, first: IntervalIndex) -> bool {
        let period = self.schedule.period(first);
        self.homes.iter().any(|home| home.one_time.one_time(period, account).address() == meter)
    }
}

#[cfg(test)]
mod tests {
    use bindings::Domain;

    use super::*;
    use crate::Seed;

    fn secret(number: u8) -> AnonymousAccounts {
        AnonymousAccounts::new(Seed::new([number; 32]), Domain { chain_id: 1, market: Address::repeat_byte(7) })
    }

    fn homes(secrets: impl IntoIterator<Item = (u8, u8)>) -> HiddenHomes {
        let home = |(own, meter)| HiddenHome {
            prosumer: Address::repeat_byte(1),
            accounts: secret(own),
            one_time: secret(meter),
        };
        HiddenHomes::new(secrets.into_iter().map(home), Schedule::default())
    }

    #[test]
    fn every_secret_has_a_past_of_its_own() {
        let of = |own, meter| homes([(own, meter)]).past();
        assert_eq!(of(1, 2), of(1, 2));
        let all = [of(1, 2), of(2, 2), of(1, 1), of(2, 1), homes([(1, 2), (1, 2)]).past()];
        assert!((0..all.len()).all(|at| !all[at + 1..].contains(&all[at])));
    }

    #[test]
    fn what_somebody_else_sends_to_a_one_time_account_is_not_the_homes() {
        let (homes, own, first) = (homes([(1, 2)]), Address::repeat_byte(5), IntervalIndex(17));
        let of = |account, period| secret(2).one_time(Period(period), account).address();
        assert!(homes.deposits(own, of(own, 2), first));
        assert!(!homes.deposits(Address::repeat_byte(6), of(own, 2), first));
        assert!(!homes.deposits(own, of(own, 1), first));
        assert!(!homes.deposits(own, secret(3).one_time(Period(2), own).address(), first));
    }
}
