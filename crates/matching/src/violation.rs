//! The exact check: may a contract accept these trades?

use std::{borrow::Cow, collections::BTreeMap};

use transax::{PriceRule, Side, Trade};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{OpenOffer, Problem};

/// The first rule that a list of trades breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// No such offer.
    #[error("there is no offer {0}")]
    UnknownOffer(OfferId),
    /// A buyer's offer sells, or a seller's buys.
    #[error("offer {0} is on the other side")]
    WrongSide(OfferId),
    /// Nothing is traded.
    #[error("offers {seller} and {buyer} trade nothing in interval {interval}")]
    ZeroTrade {
        /// When.
        interval: IntervalIndex,
        /// The seller's offer.
        seller: OfferId,
        /// The buyer's offer.
        buyer: OfferId,
    },
    /// One pair trades twice in an interval.
    #[error("offers {seller} and {buyer} trade twice in interval {interval}")]
    RepeatedTrade {
        /// When.
        interval: IntervalIndex,
        /// The seller's offer.
        seller: OfferId,
        /// The buyer's offer.
        buyer: OfferId,
    },
    /// The seller asks for more than the buyer pays.
    #[error("offer {seller} asks for more than offer {buyer} pays")]
    PriceConflict {
        /// The seller's offer.
        seller: OfferId,
        /// The buyer's offer.
        buyer: OfferId,
    },
    /// The problem does not reach this interval.
    #[error("interval {0} is not to be traded")]
    OutsideProblem(IntervalIndex),
    /// The offer does not span the interval.
    #[error("offer {offer} does not span interval {interval}")]
    OutsideOffer {
        /// The offer.
        offer: OfferId,
        /// When.
        interval: IntervalIndex,
    },
    /// More than the offer has left.
    #[error("offer {offer} trades {traded}, and has {remaining}")]
    ExceedsOffer {
        /// The offer.
        offer: OfferId,
        /// What it trades in all.
        traded: WattHours,
        /// What it has left.
        remaining: WattHours,
    },
    /// A group sells or buys more than its internal limit (2.6).
    #[error("group {group} trades {energy} in interval {interval}")]
    InternalLimitExceeded {
        /// The group.
        group: GroupId,
        /// When.
        interval: IntervalIndex,
        /// The greater of what it sells and what it buys.
        energy: WattHours,
    },
    /// A group's net exceeds its external limit (2.7).
    #[error("group {group} exchanges {net} with others in interval {interval}")]
    ExternalLimitExceeded {
        /// The group.
        group: GroupId,
        /// When.
        interval: IntervalIndex,
        /// What it sells less what it buys, without its sign.
        net: WattHours,
    },
    /// Under the uniform rule: no price suits every offer matched in the interval.
    #[error("no price between {highest_sell} and {lowest_buy} suits interval {interval}")]
    NoUniformPrice {
        /// When.
        interval: IntervalIndex,
        /// What the dearest matched seller asks for.
        highest_sell: Price,
        /// What the cheapest matched buyer pays.
        lowest_buy: Price,
    },
}

/// Sums over the trades looked at so far.
struct Tally<'a> {
    /// Every offer, and what it trades.
    offers: Vec<(OfferId, &'a OpenOffer, u64)>,
    /// Those with trades, ascending.
    intervals: Vec<Sums>,
    energy: u64,
    benefit: u128,
}

/// What is traded in an interval.
struct Sums {
    interval: IntervalIndex,
    /// Sold and bought.
    groups: BTreeMap<GroupId, (u64, u64)>,
    highest_sell: Price,
    lowest_buy: Price,
}

impl<'a> Tally<'a> {
    /// An offer of this side, and where it stands.
    fn offer_on(&self, id: OfferId, side: Side) -> Result<(usize, &'a OpenOffer), Violation> {
        let place = self.place_of(id).ok_or(Violation::UnknownOffer(id))?;
        let offer = self.offers[place].1;
        if offer.side == side { Ok((place, offer)) } else { Err(Violation::WrongSide(id)) }
    }

    fn place_of(&self, id: OfferId) -> Option<usize> {
        // Numbers mostly follow each other; elsewhere they ascend.
        let first = self.offers.first()?.0;
        let near = usize::try_from(id.0.checked_sub(first.0)?).ok()?;
        if self.offers.get(near).is_some_and(|(known, ..)| *known == id) {
            return Some(near);
        }
        self.offers.binary_search_by_key(&id, |(known, ..)| *known).ok()
    }

    /// Counts a trade in; intervals ascend.
    fn add(&mut self, Trade { interval, energy, .. }: Trade, ask: &OpenOffer, bid: &OpenOffer) {
        if self.intervals.last().is_none_or(|last| last.interval != interval) {
            let (highest_sell, lowest_buy) = (ask.price, bid.price);
            self.intervals.push(Sums { interval, groups: BTreeMap::new(), highest_sell, lowest_buy });
        }
        if let Some(sums) = self.intervals.last_mut() {
            sums.groups.entry(ask.group).or_default().0 += energy.0;
            sums.groups.entry(bid.group).or_default().1 += energy.0;
            sums.highest_sell = ask.price.max(sums.highest_sell);
            sums.lowest_buy = bid.price.min(sums.lowest_buy);
        }
        self.energy += energy.0;
        self.benefit += u128::from(energy.0) * u128::from(bid.price.0.saturating_sub(ask.price.0));
    }
}

impl Problem {
    /// The energy that `trades` move, if they keep every rule: (2.2), (2.3), (2.6), (2.7), the intervals and sides of
    /// their offers, and the price rule. Integers only, as the contract counts. The order of trades does not matter.
    pub fn check(&self, trades: &[Trade]) -> Result<WattHours, Violation> {
        self.audit(trades).map(|(energy, _)| energy)
    }

    /// The energy and the benefit of trades, if they keep every rule.
    pub(crate) fn audit(&self, trades: &[Trade]) -> Result<(WattHours, u128), Violation> {
        let mut ascending = Cow::Borrowed(trades);
        if !trades.is_sorted() {
            ascending.to_mut().sort_unstable();
        }
        let mut tally = Tally {
            offers: self.offers.iter().map(|(id, offer)| (*id, offer, 0)).collect(),
            intervals: Vec::new(),
            energy: 0,
            benefit: 0,
        };
        let mut before = None;
        for trade in ascending.iter() {
            self.check_trade(*trade, before.replace(*trade), &mut tally)?;
        }
        for sums in &tally.intervals {
            for (group, energy) in &sums.groups {
                self.check_limits(sums.interval, *group, *energy)?;
            }
        }
        for Sums { interval, highest_sell, lowest_buy, .. } in tally.intervals {
            if self.price_rule == PriceRule::Uniform && highest_sell > lowest_buy {
                return Err(Violation::NoUniformPrice { interval, highest_sell, lowest_buy });
            }
        }
        Ok((WattHours(tally.energy), tally.benefit))
    }

    /// The benefit (6.12) of trades that [`check`](Self::check) accepts: for each watt-hour what its buyer would have
    /// paid less what its seller asked for.
    pub fn benefit(&self, trades: &[Trade]) -> u128 {
        let price = |id| self.offers.get(&id).map_or(0, |offer| u128::from(offer.price.0));
        let margin = |trade: &Trade| price(trade.buyer).saturating_sub(price(trade.seller));
        trades.iter().map(|trade| u128::from(trade.energy.0) * margin(trade)).sum()
    }

    /// `before` is the trade before it.
    fn check_trade(&self, trade: Trade, before: Option<Trade>, tally: &mut Tally<'_>) -> Result<(), Violation> {
        let Trade { interval, seller, buyer, energy } = trade;
        let (asks, ask) = tally.offer_on(seller, Side::Sell)?;
        let (bids, bid) = tally.offer_on(buyer, Side::Buy)?;
        if energy.0 == 0 {
            return Err(Violation::ZeroTrade { interval, seller, buyer });
        }
        if before.is_some_and(|before| before == Trade { energy: before.energy, ..trade }) {
            return Err(Violation::RepeatedTrade { interval, seller, buyer });
        }
        if ask.price > bid.price {
            return Err(Violation::PriceConflict { seller, buyer });
        }
        if interval < self.first || interval > self.last {
            return Err(Violation::OutsideProblem(interval));
        }
        for (place, id, offer) in [(asks, seller, ask), (bids, buyer, bid)] {
            if interval < offer.start || interval > offer.end {
                return Err(Violation::OutsideOffer { offer: id, interval });
            }
            let traded = &mut tally.offers[place].2;
            *traded = traded.saturating_add(energy.0);
            if *traded > offer.remaining.0 {
                let traded = WattHours(*traded);
                return Err(Violation::ExceedsOffer { offer: id, traded, remaining: offer.remaining });
            }
        }
        tally.add(trade, ask, bid);
        Ok(())
    }

    fn check_limits(
        &self,
        interval: IntervalIndex,
        group: GroupId,
        (sold, bought): (u64, u64),
    ) -> Result<(), Violation> {
        let limits = self.limits(group);
        let energy = WattHours(sold.max(bought));
        if limits.internal.is_some_and(|limit| energy > limit) {
            return Err(Violation::InternalLimitExceeded { group, interval, energy });
        }
        let net = WattHours(sold.abs_diff(bought));
        if limits.external.is_some_and(|limit| net > limit) {
            return Err(Violation::ExternalLimitExceeded { group, interval, net });
        }
        Ok(())
    }
}
