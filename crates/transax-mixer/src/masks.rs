//! The anonymous accounts that a home has in the market.

use std::collections::BTreeMap;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use coin_shuffle::{Digest, Output};
use transax::{Market, Side};
use units::GroupId;

use crate::{AnonymousAccounts, Period, Schedule, Tier};

/// Where what is mixed goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// From the registered account to the one that trades.
    Out,
    /// From the one that traded to one that may show whose it is.
    Home,
}

impl Way {
    /// Which mix of a period it is.
    pub(crate) const fn mix(self, side: Side, tier: Tier) -> u32 {
        let way = match self {
            Self::Out => 0,
            Self::Home => 4,
        };
        let side = match side {
            Side::Sell => 0,
            Side::Buy => 2,
        };
        let tier = match tier {
            Tier::All => 0,
            Tier::Large => 1,
        };
        way + side + tier
    }
}

/// One of a home's accounts: whatever it does is signed with its key.
#[derive(Clone, Debug)]
pub struct Mask {
    /// When it trades.
    pub period: Period,
    /// Which assets it was given.
    pub side: Side,
    /// Of which mix.
    pub tier: Tier,
    /// Its key.
    pub key: PrivateKeySigner,
}

impl Mask {
    /// Its address.
    pub const fn account(&self) -> Address {
        self.key.address()
    }
}

/// Finds a home's accounts again, from its seed and what the market shows; so a restart loses nothing.
#[derive(Debug)]
pub struct Masks {
    accounts: AnonymousAccounts,
    schedule: Schedule,
    /// By period and mix.
    keys: BTreeMap<(Period, u32), Vec<PrivateKeySigner>>,
    /// What was found of mixes of periods that are over.
    over: BTreeMap<(Period, u32), Option<PrivateKeySigner>>,
}

impl Masks {
    /// Of these accounts, with periods as this schedule has them.
    pub const fn new(accounts: AnonymousAccounts, schedule: Schedule) -> Self {
        Self { accounts, schedule, keys: BTreeMap::new(), over: BTreeMap::new() }
    }

    /// All accounts that mixes have given anything to, of every period for which `prosumer` has withdrawn assets; in order.
    pub fn known(&mut self, market: &Market, prosumer: Address) -> Vec<Mask> {
        let meter = market.account(prosumer).and_then(|account| account.meter);
        let Some(meter) = meter.and_then(|meter| market.smart_meter(meter)) else { return Vec::new() };
        let reached = market.params().offer_horizon_after(market.stored_next());
        let mut known = Vec::new();
        for period in (0..=self.schedule.period(reached).0).map(Period) {
            let Some(group) = self.schedule.group(meter, period) else { continue };
            for side in [Side::Sell, Side::Buy] {
                if market.withdrawn_assets(prosumer, side, self.schedule.first(period)).0 > 0 {
                    known.extend(self.of(market, group, period, side));
                }
            }
        }
        known
    }

    /// The accounts of a period and side to which mixes of the group have given anything, in the order of the tiers.
    pub fn of(&mut self, market: &Market, group: GroupId, period: Period, side: Side) -> Vec<Mask> {
        Tier::BOTH.iter().filter_map(|tier| self.found(market, group, (period, side, *tier), Way::Out)).collect()
    }

    /// The account to which a mix has given anything. Of several it is that of the last run: whoever saw the accounts of a
    /// run that failed can have sent something there. Those of later runs nobody has seen, so that it stays the last; what is
    /// sent to an account of a mix that failed once its period is over is not looked for.
    pub fn found(
        &mut self,
        market: &Market,
        group: GroupId,
        (period, side, tier): (Period, Side, Tier),
        way: Way,
    ) -> Option<Mask> {
        let mix = way.mix(side, tier);
        let key = match self.over.get(&(period, mix)) {
            Some(found) => found.clone(),
            None => self.find(market, group, (period, mix)),
        };
        Some(Mask { period, side, tier, key: key? })
    }

    fn find(&mut self, market: &Market, group: GroupId, mix: (Period, u32)) -> Option<PrivateKeySigner> {
        let keys = self.keys.entry(mix).or_default();
        let first = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let runs = first..self.schedule.runs(market, group, mix.0);
        keys.extend(runs.map(|run| self.accounts.output(mix.0, mix.1, run)));
        let found = keys.iter().rev().find(|key| market.account(key.address()).is_some()).cloned();
        if self.schedule.is_over(market, mix.0) {
            self.keys.remove(&mix);
            self.over.insert(mix, found.clone());
        }
        found
    }

    /// The account to which a run of a mix pays out.
    pub fn output(
        &self,
        (period, side, tier): (Period, Side, Tier),
        way: Way,
    ) -> impl FnMut(u32) -> Output + Send + 'static {
        let accounts = self.accounts.clone();
        move |run| Output(accounts.output(period, way.mix(side, tier), run).address().0.0)
    }

    /// What all chance in a mix follows from: after a restart a participant says again what it has said, word for word.
    pub fn chance(&self, session: &Digest) -> [u8; 32] {
        self.accounts.chance(session)
    }
}
