//! What an account has traded.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use serde::Serialize;
use units::{IntervalIndex, Money, OfferId, WattHours};

use crate::past::{Share, of_side};
use crate::{Leg, Market, Offer, Side};

/// What an account trades in one final interval, over all its offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Energy sold.
    pub sold: WattHours,
    /// Energy bought.
    pub bought: WattHours,
    /// Paid to it for what it sold.
    pub earned: Money,
    /// Paid by it for what it bought.
    pub paid: Money,
}

impl Position {
    fn add(&mut self, side: Side, energy: u64, payment: u128) {
        let (traded, paid) = match side {
            Side::Sell => (&mut self.sold, &mut self.earned),
            Side::Buy => (&mut self.bought, &mut self.paid),
        };
        *traded = WattHours(traded.0.saturating_add(energy));
        *paid = Money(paid.0.saturating_add(payment));
    }
}

impl Market {
    /// What `account` trades in every final interval in which it trades at all, settled or not. Linear in the intervals
    /// that its offers span. What is settled may be forgotten of an account that is none of [`Market::past`].
    pub fn positions(&self, account: Address) -> BTreeMap<IntervalIndex, Position> {
        self.positions_together(&[account])
    }

    /// What several accounts, each of which is named once, trade together.
    pub fn positions_together(&self, accounts: &[Address]) -> BTreeMap<IntervalIndex, Position> {
        let mut positions: BTreeMap<IntervalIndex, Position> = BTreeMap::new();
        for account in accounts {
            for (interval, side, share) in self.shares(*account).filter(|(.., share)| share.traded > 0) {
                positions.entry(interval).or_default().add(side, share.traded.into(), share.payment.into());
            }
            for (id, offer) in self.offers_of(*account) {
                for (interval, leg) in self.legs(id, offer) {
                    positions.entry(interval).or_default().add(offer.side, leg.energy.0, leg.payment.0);
                }
            }
        }
        positions
    }

    /// What an account offered and did not trade, by the last interval of the offers, past or not, and by side. What is
    /// settled may be forgotten of an account that is none of [`Market::past`].
    pub fn left_over(&self, account: Address) -> BTreeMap<(IntervalIndex, Side), WattHours> {
        let mut left: BTreeMap<_, WattHours> = BTreeMap::new();
        let mut add = |interval, side, energy: u64| {
            let sum = left.entry((interval, side)).or_default();
            *sum = WattHours(sum.0.saturating_add(energy));
        };
        for (interval, side, share) in self.shares(account).filter(|(.., share)| share.left_over > 0) {
            add(interval, side, share.left_over.into());
        }
        let is_counted = |offer: &Offer| offer.start > offer.end || (offer.is_done() && !self.past.is_whole());
        for (id, offer) in self.offers_of(account).filter(|(_, offer)| !is_counted(offer)) {
            let energy = if self.past.is_whole() { offer.energy } else { offer.unsettled() };
            let traded = self.legs(id, offer).fold(0_u64, |sum, (_, leg)| sum.saturating_add(leg.energy.0));
            add(offer.end, offer.side, energy.0.saturating_sub(traded));
        }
        left
    }

    /// What an offer traded; where the past is not remembered whole, only what is not settled of it.
    fn legs(&self, id: OfferId, offer: &Offer) -> impl Iterator<Item = (IntervalIndex, &Leg)> {
        let first = if self.past.is_whole() { offer.start } else { offer.next };
        let span = (first <= offer.end).then(|| self.finals.range(first..=offer.end));
        span.into_iter().flatten().filter_map(move |(interval, last)| Some((*interval, last.leg(id)?)))
    }

    /// What is remembered of an account otherwise.
    fn shares(&self, account: Address) -> impl Iterator<Item = (IntervalIndex, Side, Share)> {
        let records = self.records.get(&account).into_iter().flatten();
        records
            .flat_map(|(interval, shares)| [Side::Sell, Side::Buy].map(|side| (*interval, side, of_side(shares, side))))
    }
}
