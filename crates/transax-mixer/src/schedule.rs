//! When homes mix, and what: all of it follows from what everybody can see.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use transax::{LEAST_CROWD, Market, Mixed, Params, Side, SmartMeter};
use units::{GroupId, IntervalIndex, Money, WattHours};

use crate::{MixTerms, Period};

/// Intervals that share a storage word of the contract; mixes begin with one.
const WORD: u32 = 8;
/// So many intervals before a period's first one is the next to trade, its assets are withdrawn. Each interval after it is
/// for the mixes of one side and tier: a home's mixes use one nonce after the other.
const WITHDRAWN_BEFORE: u32 = 5;

/// How trading is cut into periods with accounts of their own. Homes that are to mix with each other share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Intervals of a period; a multiple of eight, and not zero.
    pub length: u32,
    /// What each pays the relay of a mix, and of each order of its anonymous accounts; base units of credits.
    pub fee: Money,
    /// For how many orders an account is given fees.
    pub orders: u32,
}

/// Which of a group's two mixes of a side: in the first, all homes mix what each of them may withdraw; in the second, those
/// that may withdraw more mix what they may at least, so that a small home does not hold back the large ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Everybody's.
    All,
    /// Of those with larger limits.
    Large,
}

impl Tier {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::All, Self::Large];
}

/// What is done at a time, and for which period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Assets are withdrawn, which says that one takes part.
    Withdraw(Period),
    /// Assets of a side and tier are mixed, and credits with those to consume.
    Mix(Period, Side, Tier),
    /// The accounts of a side, which have deposited, mix credits that are to go home.
    MixHome(Period, Side),
}

impl Default for Schedule {
    /// Two hours of quarters, without fees.
    fn default() -> Self {
        Self { length: WORD, fee: Money(0), orders: 64 }
    }
}

impl Schedule {
    /// The period an interval is traded in.
    pub const fn period(&self, interval: IntervalIndex) -> Period {
        Period(interval.0 / self.length)
    }

    /// A period's first interval.
    pub const fn first(&self, period: Period) -> IntervalIndex {
        IntervalIndex(period.0.saturating_mul(self.length))
    }

    /// The last interval that offers of a period may reach.
    pub const fn last(&self, period: Period) -> IntervalIndex {
        IntervalIndex(self.first(period).0.saturating_add(self.length - 1))
    }

    /// How many intervals before the first one of a period its withdrawals begin.
    pub const fn lead(&self) -> u32 {
        WITHDRAWN_BEFORE
    }

    /// So many intervals after a period's first one is the next to trade, all that belongs to it has been done.
    pub const fn tail(&self) -> u32 {
        self.home_after(Side::Buy) + 1
    }

    /// How many intervals after a period's first one is the next to trade what came of a side is mixed and sent home.
    /// Deposits are made before, while the first interval past the period is the next.
    const fn home_after(&self, side: Side) -> u32 {
        match side {
            Side::Sell => self.length + 1,
            Side::Buy => self.length + 2,
        }
    }

    /// What there is to do at `now`, by the chain's clock.
    pub fn phases(&self, params: &Params, now: u64) -> Vec<Phase> {
        let next = upcoming(params, now);
        let is_first = |interval: u32| interval.is_multiple_of(self.length).then_some(Period(interval / self.length));
        let before = |intervals| is_first(next.saturating_add(intervals));
        let after = |intervals| is_first(next.checked_sub(intervals)?);
        let mix = |side, tier| before(mixed_before(side, tier)).map(|period| Phase::Mix(period, side, tier));
        let home = |side| after(self.home_after(side)).map(|period| Phase::MixHome(period, side));
        let phases = [
            before(WITHDRAWN_BEFORE).map(Phase::Withdraw),
            mix(Side::Sell, Tier::All),
            mix(Side::Sell, Tier::Large),
            mix(Side::Buy, Tier::All),
            mix(Side::Buy, Tier::Large),
            home(Side::Sell),
            home(Side::Buy),
        ];
        phases.into_iter().flatten().collect()
    }

    /// The group that a meter belongs to in every interval of a period; `None` where it moves within. A move is known before
    /// anything is withdrawn for what it divides.
    pub fn group(&self, meter: &SmartMeter, period: Period) -> Option<GroupId> {
        let (first, last) = (self.first(period), self.last(period));
        (meter.groups.stretch(first, last) == last).then(|| meter.groups.at(first))
    }

    /// How many runs a mix of a group can take at most: each leaves at least one home out.
    pub(crate) fn runs(&self, market: &Market, group: GroupId, period: Period) -> u32 {
        let homes = market.smart_meters().filter(|(_, meter)| self.group(meter, period) == Some(group)).count();
        u32::try_from(homes).unwrap_or(u32::MAX)
    }

    /// Whether no mix of a period can be carried out any more, nor be undone by the chain: a whole period has passed since
    /// all that belongs to it has been done.
    pub fn is_over(&self, market: &Market, period: Period) -> bool {
        let done = self.first(period).0.saturating_add(self.tail());
        market.stored_next().0 > done.saturating_add(self.length)
    }

    /// What homes of a group mix of a side for each interval of a period, by tier: the least that any of its meters allows; and
    /// what the third largest allows more than that. Nothing where that is nothing, or where no meter has such a limit.
    pub fn amount(
        &self,
        market: &Market,
        period: Period,
        group: GroupId,
        (side, tier): (Side, Tier),
    ) -> Option<WattHours> {
        let meters = market.smart_meters().filter(|(_, meter)| self.group(meter, period) == Some(group));
        let mut limits: Vec<u64> = meters.map(|(_, meter)| limit(meter, side).0).filter(|limit| *limit > 0).collect();
        limits.sort_unstable();
        let least = *limits.first()?;
        let amount = match tier {
            Tier::All => least,
            Tier::Large => limits.get(limits.len().checked_sub(LEAST_CROWD)?)? - least,
        };
        Some(WattHours(amount)).filter(|amount| amount.0 > 0)
    }

    /// What a home withdraws of a side for each interval of a period: what it can mix, of both tiers if it may; all that its
    /// meter allows where it moves within the period, and so mixes nothing.
    pub fn share(&self, market: &Market, meter: &SmartMeter, period: Period, side: Side) -> WattHours {
        let Some(group) = self.group(meter, period) else { return limit(meter, side) };
        let amount = |tier| self.amount(market, period, group, (side, tier)).map_or(0, |amount| amount.0);
        let (all, large) = (amount(Tier::All), amount(Tier::Large));
        match limit(meter, side).0 {
            0 => WattHours(0),
            limit if limit < all + large => WattHours(all),
            _ => WattHours(all + large),
        }
    }

    /// What homes of a group agree on that mix their assets of a side for a period; `None` where there is nothing to mix.
    /// Buyers are given credits for all that their assets can back at the DSO's price: nobody bids more.
    pub fn terms(
        &self,
        market: &Market,
        period: Period,
        group: GroupId,
        (side, tier): (Side, Tier),
    ) -> Option<MixTerms> {
        let amount = self.amount(market, period, group, (side, tier))?;
        let lane = u32::try_from(amount.0).ok()?;
        let amounts = (0..self.length / WORD).map(|_| [lane; 8]).collect();
        let (params, fee) = (market.params(), self.fee);
        let backed = WattHours(amount.0.saturating_mul(self.length.into()));
        let credits = match side {
            Side::Sell => Money(0),
            Side::Buy => params.grid_price.cost_rounded_up(backed),
        };
        let credits = Money(credits.0.saturating_add(fee.0.saturating_mul(self.orders.into())));
        let first = self.first(period);
        let next = first.0.checked_sub(mixed_before(side, tier))?;
        let deadline = last_second_before(params, next)?;
        Some(MixTerms { group, side, first, amounts, credits, fee, relay: None, deadline })
    }

    /// What the accounts to which a mix of a period paid out agree on that send credits home: as much as the one has that has
    /// the least, so that all can. `None` where that is nothing, or where the one at `account` came out of no mix. With who can
    /// take part, and the next nonce of each.
    pub fn terms_home(
        &self,
        market: &Market,
        period: Period,
        (side, tier): (Side, Tier),
        account: Address,
    ) -> Option<(MixTerms, BTreeMap<Address, u32>)> {
        let first = self.first(period);
        let came_of = |mixed: &&Mixed| mixed.side == side && mixed.first == first && mixed.outputs.contains(&account);
        let mixed = market.mixes().find(came_of)?;
        let credits = |account: &Address| market.account(*account).map_or(0, |account| account.credits.0);
        let least = mixed.outputs.iter().map(credits).min()?.checked_sub(self.fee.0)?;
        // What comes out pays for being sent on.
        if least <= self.fee.0 {
            return None;
        }
        let params = market.params();
        let next = first.0 + self.home_after(side);
        let terms = MixTerms {
            group: mixed.group,
            side,
            // No assets are mixed; the tiers' mixes must only differ.
            first: if tier == Tier::All { first } else { IntervalIndex(first.0 + WORD) },
            amounts: Vec::new(),
            credits: Money(least),
            fee: self.fee,
            relay: None,
            deadline: last_second_before(params, next)?,
        };
        let members = mixed.outputs.iter().map(|output| (*output, market.nonce(*output)));
        Some((terms, members.collect()))
    }

    /// Who can take part: those behind a meter of the group who have withdrawn and hold what is asked for, with the next
    /// nonce of each. All who mix with each other must see the same; once withdrawing is over, they do.
    pub fn members(terms: &MixTerms, market: &Market) -> BTreeMap<Address, u32> {
        let is_home = |account: &Address| market.group_at(*account, terms.first) == Some(terms.group);
        terms.eligible(market).into_iter().filter(|(account, _)| is_home(account)).collect()
    }
}

const fn limit(meter: &SmartMeter, side: Side) -> WattHours {
    match side {
        Side::Sell => meter.production_limit,
        Side::Buy => meter.consumption_limit,
    }
}

/// How many intervals before a period's first one is the next to trade these assets of its are mixed.
const fn mixed_before(side: Side, tier: Tier) -> u32 {
    match (side, tier) {
        (Side::Sell, Tier::All) => 4,
        (Side::Sell, Tier::Large) => 3,
        (Side::Buy, Tier::All) => 2,
        (Side::Buy, Tier::Large) => 1,
    }
}

/// The interval that is traded at `now` where every one is made final as soon as it may be.
fn upcoming(params: &Params, now: u64) -> u32 {
    params.first_not_begun(now).0.saturating_add(params.clear_intervals)
}

/// The last second at which `next` is the interval that is traded.
fn last_second_before(params: &Params, next: u32) -> Option<u64> {
    Some(params.start_of(IntervalIndex(next.checked_sub(params.clear_intervals)?)).saturating_sub(1))
}
