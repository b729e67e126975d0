//! Offers that nothing tells apart: same side, group, price and intervals. A lot of them is matched as one, which keeps
//! the model small, and what it trades is dealt to its members in the order of their numbers.

use std::ops::Range;

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
    /// Their places in the list of members.
    members: Range<usize>,
}

/// Offers by lot and number, and what each has left, Wh.
pub(crate) type Members = Vec<(OfferId, u64)>;

/// Every lot of a problem, and their members. Of one side, group and price, lots that expire sooner come first; the order
/// follows from the problem alone.
pub(crate) fn lots_of(problem: &Problem) -> (Vec<Lot>, Members) {
    let mut offers = Vec::with_capacity(problem.offers.len());
    for (id, offer) in &problem.offers {
        let (start, end) = (offer.start.max(problem.first), offer.end.min(problem.last));
        if start <= end && offer.remaining.0 > 0 {
            let key = (offer.side, offer.group, offer.price, offer.end, start);
            offers.push((key, (*id, offer.remaining.0)));
        }
    }
    offers.sort_unstable();
    let mut lots = Vec::with_capacity(offers.len());
    let mut first = 0;
    for alike in offers.chunk_by(|one, other| one.0 == other.0) {
        let (side, group, price, expiry, start) = alike[0].0;
        let (remaining, members) = (alike.iter().map(|(_, member)| member.1).sum(), first..first + alike.len());
        first = members.end;
        lots.push(Lot { side, group, price, start, end: expiry.min(problem.last), expiry, remaining, members });
    }
    (lots, offers.into_iter().map(|(_, member)| member).collect())
}

/// Turns what lots trade into trades of their members. `deals` ascend by interval.
///
/// A pair of lots makes at most one trade fewer than it has members.
pub(crate) fn trades_of(lots: &[Lot], members: &Members, deals: &[Deal]) -> Vec<Trade> {
    // Whose turn it is in each lot, and what is gone of that member.
    let mut turns: Vec<(usize, u64)> = lots.iter().map(|lot| (lot.members.start, 0)).collect();
    let mut trades = Vec::with_capacity(deals.len());
    for Deal { interval, seller, buyer, mut energy } in deals.iter().copied() {
        while energy > 0 {
            let at_hand = |lot: usize| {
                let (member, gone) = turns[lot];
                let (offer, remaining) = *members[..lots[lot].members.end].get(member)?;
                Some((offer, remaining - gone))
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
    for at_once in trades.chunk_by_mut(|one, other| one.interval == other.interval) {
        at_once.sort_unstable();
    }
    trades
}
