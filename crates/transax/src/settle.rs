//! Settling: money and assets follow what became final.

use std::{borrow::Cow, collections::BTreeMap};

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, OfferId, WattHours};

use crate::past::add;
use crate::{Event, Evidence, Inconsistent, Leg, LegTree, Market, Offer, Refusal, SettledOffer, Side, range};

/// Asks to settle one offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The offer.
    pub offer: OfferId,
    /// Every interval from where its settlement stands up to this one, exclusive.
    pub until: IntervalIndex,
    /// One entry for each of these intervals that was finalised with trades, in order.
    pub evidence: Vec<Evidence>,
}

/// What settling sets free: production and consumption, by group and interval.
type Freed = BTreeMap<GroupId, BTreeMap<IntervalIndex, (WattHours, WattHours)>>;

/// `settle`, `deposit`.
impl Market {
    /// Settles offers of `account`. Anybody may ask for it.
    pub fn settle(&self, account: Address, now: u64, settlements: &[Settlement]) -> Result<Vec<Event>, Refusal> {
        Ok(self.settle_all(account, now, settlements, self.credits(account))?.0)
    }

    /// Settles offers of `account`, then moves all its assets of `group` in the final intervals `first..=last` to its meter.
    pub fn deposit(
        &self,
        account: Address,
        now: u64,
        group: GroupId,
        settlements: &[Settlement],
        first: IntervalIndex,
        last: IntervalIndex,
    ) -> Result<Vec<Event>, Refusal> {
        let meter = self.account(account).and_then(|account| account.meter).filter(|meter| !meter.is_zero());
        let meter = meter.ok_or(Refusal::NoMeter { account })?;
        self.check_deposit(account, now, (meter, group), settlements, (first, last), self.credits(account))
    }

    /// Depositing the account's assets of a group to a meter; `credits` are what the account has before.
    pub(crate) fn check_deposit(
        &self,
        account: Address,
        now: u64,
        (meter, group): (Address, GroupId),
        settlements: &[Settlement],
        (first, last): (IntervalIndex, IntervalIndex),
        credits: Money,
    ) -> Result<Vec<Event>, Refusal> {
        range::span(first, last)?;
        if first > last {
            return Err(Refusal::InvertedRange { first, last });
        }
        let next_interval = self.next_interval(now);
        if last >= next_interval {
            return Err(Refusal::NotFinal { interval: last, next_interval });
        }
        let (mut events, mut freed) = self.settle_all(account, now, settlements, credits)?;
        let mut freed = freed.remove(&group).unwrap_or_default();
        let assets = range::intervals(first, last).map(|interval| {
            let (production, consumption) = freed.remove(&interval).unwrap_or_default();
            let free = |side| self.free_assets_in(group, account, side, interval);
            (sum(production, free(Side::Sell)), sum(consumption, free(Side::Buy)))
        });
        events.push(Event::Deposited { account, meter, group, first, assets: assets.collect() });
        Ok(events)
    }

    /// Everything of `account` that can be settled at `now` for intervals before `up_to`, with its evidence. Hashes the
    /// legs of each of these intervals once.
    pub fn settlements(&self, account: Address, now: u64, up_to: IntervalIndex) -> Vec<Settlement> {
        let up_to = up_to.min(self.next_interval(now));
        let mut trees = BTreeMap::new();
        let due = self.offers_of(account).filter_map(|(id, offer)| {
            let until = up_to.min(offer.end.next());
            (offer.next < until).then(|| Settlement {
                offer: id,
                until,
                evidence: self.evidence(&mut trees, id, offer.next, until),
            })
        });
        due.collect()
    }

    /// Of every interval in which something was traded; there is nothing to show of the others.
    fn evidence(
        &self,
        trees: &mut BTreeMap<IntervalIndex, LegTree>,
        offer: OfferId,
        first: IntervalIndex,
        until: IntervalIndex,
    ) -> Vec<Evidence> {
        let traded = self.finals.range(first..until).filter(|(_, last)| !last.legs.is_empty());
        let evidence = traded.map(|(interval, last)| {
            let tree = trees.entry(*interval).or_insert_with(|| LegTree::new(*interval, &last.legs));
            tree.evidence(&last.legs, offer)
        });
        evidence.collect()
    }

    fn settle_all(
        &self,
        account: Address,
        now: u64,
        settlements: &[Settlement],
        credits: Money,
    ) -> Result<(Vec<Event>, Freed), Refusal> {
        settlements.iter().try_for_each(|settlement| range::interval(settlement.until))?;
        let next_interval = self.next_interval(now);
        let (mut settled, mut freed, mut gained) = (Vec::new(), Freed::new(), Money(0));
        // Offers as they stand when they have been settled once in this call.
        let mut reached = BTreeMap::new();
        for settlement in settlements {
            let id = settlement.offer;
            let offer = reached.get(&id).map(Cow::Borrowed).or_else(|| self.offers.find(id));
            let offer = offer.ok_or(Refusal::UnknownOffer { offer: id })?;
            if self.owner(account) != Some(offer.owner) {
                return Err(Refusal::NotOwner { offer: id, account });
            }
            let (until, next) = (settlement.until, offer.next);
            if until <= next || next > offer.end {
                return Err(Refusal::AlreadySettled { offer: id, next });
            }
            let last = IntervalIndex(until.0.saturating_sub(1));
            if until > next_interval {
                return Err(Refusal::NotFinal { interval: last, next_interval });
            }
            if last > offer.end {
                return Err(Refusal::OutsideOffer { offer: id, interval: last });
            }
            let (energy, payment) = self.settle_offer(&offer, settlement, &mut freed)?;
            let after = offer.settled_until(until, energy, payment);
            let (offer, gain) = after.ok_or(Refusal::OutOfRange { what: "a payment" })?;
            gained = Money(gained.0.saturating_add(gain.0));
            reached.insert(id, offer);
            settled.push(SettledOffer { offer: id, until, energy, payment });
        }
        range::check_room(credits, gained)?;
        let is_any = !settled.is_empty();
        Ok((is_any.then_some(Event::Settled { account, settled }).into_iter().collect(), freed))
    }

    /// Reads the evidence interval by interval; returns what the offer traded and what is paid for it.
    fn settle_offer(
        &self,
        offer: &Offer,
        settlement: &Settlement,
        freed: &mut Freed,
    ) -> Result<(WattHours, Money), Refusal> {
        let id = settlement.offer;
        let (mut energy, mut payment) = (WattHours(0), Money(0));
        let mut evidence = settlement.evidence.iter();
        for interval in (offer.next.0..settlement.until.0).map(IntervalIndex) {
            let mut leg = Leg::default();
            if let Some(last) = self.finals.get(&interval).filter(|last| !last.root.is_zero()) {
                let speaks = evidence.next().filter(|evidence| evidence.speaks_of(id, interval, last.root));
                let shown = Leg::from_word(speaks.ok_or(Refusal::BadEvidence { offer: id, interval })?.leg);
                if shown.offer == id {
                    leg = shown;
                }
            }
            (energy, payment) = (sum(energy, leg.energy), Money(payment.0.saturating_add(leg.payment.0)));
            let (production, consumption) = freed.entry(offer.group).or_default().entry(interval).or_default();
            let (sold, bought) = given(offer, leg.energy);
            (*production, *consumption) = (sum(*production, sold), sum(*consumption, bought));
        }
        if evidence.next().is_some() {
            return Err(Refusal::UnusedEvidence { offer: id });
        }
        Ok((energy, payment))
    }
}

/// Their events.
impl Market {
    pub(crate) fn settled(&mut self, settled: &SettledOffer) -> Result<(), Inconsistent> {
        let SettledOffer { offer: id, until, energy, payment } = *settled;
        let old = self.offer(id).ok_or(Inconsistent::UnknownOffer { offer: id })?.clone();
        let account = self.account_of(&old)?;
        let (mut all, mut paid) = (WattHours(0), Money(0));
        for interval in (old.next.0..until.0).map(IntervalIndex) {
            let leg = self.finals.get(&interval).and_then(|last| last.leg(id)).copied().unwrap_or_default();
            (all, paid) = (sum(all, leg.energy), Money(paid.0.saturating_add(leg.payment.0)));
            let (production, consumption) = given(&old, leg.energy);
            self.give_assets((account, old.group, Side::Sell, interval), production)?;
            self.give_assets((account, old.group, Side::Buy, interval), consumption)?;
            if let Some(share) = self.share_mut(account, old.side, interval).filter(|_| leg.energy.0 > 0) {
                add(&mut share.traded, leg.energy.0, u32::MAX);
                add(&mut share.payment, leg.payment.0, u64::MAX);
            }
        }
        if (all, paid) != (energy, payment) {
            return Err(Inconsistent::Settlement { offer: id });
        }
        let after = old.settled_until(until, energy, payment);
        let (new, credits) = after.ok_or(Inconsistent::Settlement { offer: id })?;
        self.give_credits(account, credits)?;
        if new.is_done()
            && let Some(share) = self.share_mut(account, old.side, old.end)
        {
            add(&mut share.left_over, old.unsettled().0.saturating_sub(energy.0), u32::MAX);
        }
        *self.offer_mut(id)? = new;
        Ok(())
    }
}

/// What an offer that locked its whole energy in an interval gives back when it traded some: production, consumption.
fn given(offer: &Offer, traded: WattHours) -> (WattHours, WattHours) {
    let own = WattHours(offer.energy.0.saturating_sub(traded.0));
    match offer.side {
        Side::Sell => (own, traded),
        Side::Buy => (traded, own),
    }
}

fn sum(one: WattHours, other: WattHours) -> WattHours {
    WattHours(one.0.saturating_add(other.0))
}
