//! Offers that nothing tells apart: same side, group, price and intervals. A lot of them is matched as one, which keeps
//! the model small, and what it trades is dealt to its members in the order of their numbers.

use transax::{Side, Trade};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{Problem, book::Deal};

/// One or more interchangeable offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lot {
    pub side: Side,
    pub group: GroupId,
    pub price: Price,
    /// First interval in which it may trade, within the problem.
    pub start: IntervalIndex,
    /// Last interval in which it may trade, within the problem.
    pub end: IntervalIndex,
    /// When its offers end, be it past the problem.
    pub expiry: IntervalIndex,
    /// What its members have left together, Wh.
    pub remaining: u64,
    /// What each has left, Wh, by number.
    members: Vec<(OfferId, u64)>,
}

/// Every lot of a problem; the order follows from the problem alone.
pub(crate) fn lots_of(problem: &Problem) -> Vec<Lot> {
    let offers = problem.offers.iter().filter_map(|(id, offer)| {
        let (start, end) = (offer.start.max(problem.first), offer.end.min(problem.last));
        let takes_part = start <= end && offer.remaining.0 > 0;
        takes_part.then_some(((offer.side, offer.group, offer.price, start, offer.end), (*id, offer.remaining.0)))
    });
    let mut offers: Vec<_> = offers.collect();
    offers.sort_unstable();
    let alike = offers.chunk_by(|one, other| one.0 == other.0);
    let lots = alike.map(|alike| {
        let (side, group, price, start, expiry) = alike[0].0;
        let members: Vec<(OfferId, u64)> = alike.iter().map(|(_, member)| *member).collect();
        let remaining = members.iter().map(|(_, remaining)| remaining).sum();
        Lot { side, group, price, start, end: expiry.min(problem.last), expiry, remaining, members }
    });
    lots.collect()
}

/// Turns what lots trade into trades of their members.
///
/// A pair of lots makes at most one trade fewer than it has members.
pub(crate) fn trades_of(lots: &[Lot], deals: &[Deal]) -> Vec<Trade> {
    // Whose turn it is in each lot, and what is gone of that member.
    let mut turns = vec![(0_usize, 0_u64); lots.len()];
    let mut trades = Vec::with_capacity(deals.len());
    for Deal { interval, seller, buyer, mut energy } in deals.iter().copied() {
        while energy > 0 {
            let at_hand = |lot: usize| {
                let (member, gone) = turns[lot];
                lots[lot].members.get(member).map(|(offer, remaining)| (*offer, remaining - gone))
            };
            let (Some((sell, sells)), Some((buy, buys))) = (at_hand(seller), at_hand(buyer)) else {
                break; // A lot that is allotted more than it has; the check after rounding tells.
            };
            let moved = energy.min(sells).min(buys);
            trades.push(Trade { interval, seller: sell, buyer: buy, energy: WattHours(moved) });
            energy -= moved;
            for (lot, left) in [(seller, sells), (buyer, buys)] {
                let (member, gone) = turns[lot];
                turns[lot] = if moved == left { (member + 1, 0) } else { (member, gone + moved) };
            }
        }
    }
    trades.sort_unstable();
    trades
}
