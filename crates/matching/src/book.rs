//! Who may trade in an interval, in the order of prices.

use std::collections::BTreeMap;

use transax::Side;
use units::{GroupId, IntervalIndex, Price};

use crate::lots::Lot;

/// A lot in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its place in the list of lots.
    pub lot: usize,
    pub side: Side,
    pub group: GroupId,
    /// Its place on the ladder: a seller meets every buyer of its own rung and of those above.
    pub rung: usize,
}

/// The lots of an interval that have somebody to trade with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Book {
    pub interval: IntervalIndex,
    /// Ascending by price, sellers before buyers at equal prices.
    pub entries: Vec<Entry>,
    pub rungs: usize,
}

/// What the entries of each book trade, Wh.
pub(crate) type Amounts = Vec<Vec<u64>>;

/// A trade between lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deal {
    pub interval: IntervalIndex,
    pub seller: usize,
    pub buyer: usize,
    pub energy: u64,
}

/// The books in which anything can be traded, ascending by interval. `suits` may rule lots out of an interval.
///
/// Sellers dearer than every buyer are left out, and buyers who pay less than every seller asks.
pub(crate) fn books_of(lots: &[Lot], suits: impl Fn(IntervalIndex, &Lot) -> bool) -> Vec<Book> {
    let mut places: Vec<usize> = (0..lots.len()).collect();
    places.sort_by_key(|place| (lots[*place].price, lots[*place].side == Side::Buy, *place));
    let mut covering: BTreeMap<IntervalIndex, Vec<usize>> = BTreeMap::new();
    for place in places {
        let lot = &lots[place];
        for interval in (lot.start.0..=lot.end.0).map(IntervalIndex).filter(|interval| suits(*interval, lot)) {
            covering.entry(interval).or_default().push(place);
        }
    }
    covering.into_iter().filter_map(|(interval, places)| Book::new(interval, lots, places)).collect()
}

impl Book {
    /// `places` ascend by price, sellers first.
    fn new(interval: IntervalIndex, lots: &[Lot], places: Vec<usize>) -> Option<Self> {
        let is = |side: Side| move |place: &&usize| lots[**place].side == side;
        let lowest: Price = lots[*places.iter().find(is(Side::Sell))?].price;
        let highest: Price = lots[*places.iter().rfind(is(Side::Buy))?].price;
        let mut book = Self { interval, entries: Vec::new(), rungs: 0 };
        let mut after_buyer = true;
        for place in places {
            let Lot { side, group, price, .. } = lots[place];
            if price < lowest || price > highest {
                continue;
            }
            // A rung starts where a seller follows a buyer.
            book.rungs += usize::from(after_buyer && side == Side::Sell);
            after_buyer = side == Side::Buy;
            book.entries.push(Entry { lot: place, side, group, rung: book.rungs.saturating_sub(1) });
        }
        (book.rungs > 0).then_some(book)
    }

    /// How many pairs of a seller and a buyer agree on a price.
    #[cfg(test)]
    pub fn pairs(&self) -> usize {
        let counts = self.entries.iter().fold((0, 0), |(sellers, pairs), entry| match entry.side {
            Side::Sell => (sellers + 1, pairs),
            Side::Buy => (sellers, pairs + sellers),
        });
        counts.1
    }

    /// Pairs that trade all that both have, and takes it from `amounts`; what is left can be paired as before, since at
    /// no price a pair uses more of what is sold at or below it than is over.
    pub fn deal_equals(&self, amounts: &mut [u64]) -> Vec<Deal> {
        // Energy, rung and place of whoever sells, ascending.
        let mut sellers: Vec<(u64, usize, usize)> = Vec::new();
        // What is sold at or below each rung, less what is bought there.
        let mut over = vec![0_i128; self.rungs];
        for (place, (entry, energy)) in self.entries.iter().zip(amounts.iter()).enumerate() {
            if entry.side == Side::Sell && *energy > 0 {
                sellers.push((*energy, entry.rung, place));
            }
            over[entry.rung] += if entry.side == Side::Sell { i128::from(*energy) } else { -i128::from(*energy) };
        }
        (1..self.rungs).for_each(|rung| over[rung] += over[rung - 1]);
        sellers.sort_unstable();
        let mut deals = Vec::new();
        for (place, buyer) in self.entries.iter().enumerate().filter(|(_, entry)| entry.side == Side::Buy) {
            let energy = amounts[place];
            // The dearest of the sellers leaves the most to others.
            let past = sellers.partition_point(|(sold, rung, _)| (*sold, *rung) <= (energy, buyer.rung));
            let Some((_, rung, seller)) =
                past.checked_sub(1).map(|last| sellers[last]).filter(|seller| seller.0 == energy)
            else {
                continue;
            };
            let between = rung..buyer.rung;
            if over[between.clone()].iter().any(|over| *over < i128::from(energy)) {
                continue;
            }
            over[between].iter_mut().for_each(|over| *over -= i128::from(energy));
            sellers.remove(past - 1);
            (amounts[place], amounts[seller]) = (0, 0);
            deals.push(Deal { interval: self.interval, seller: self.entries[seller].lot, buyer: buyer.lot, energy });
        }
        deals
    }

    /// Pairs sellers with buyers, both ascending by price, until one side is used up: at most as many deals as sellers
    /// and buyers together, less one.
    ///
    /// Everything is dealt where at every price the energy sold at or below it covers what is bought at or below it:
    /// then the seller of a watt-hour is never dearer than its buyer. Elsewhere what does not fit is left out.
    pub fn deal(&self, amounts: &[u64]) -> Vec<Deal> {
        let side = |side: Side| self.entries.iter().zip(amounts).filter(move |(entry, _)| entry.side == side);
        let mut sellers = side(Side::Sell).map(|(entry, energy)| (entry, *energy)).peekable();
        let mut deals = Vec::new();
        for (buyer, wanted) in side(Side::Buy) {
            let mut wanted = *wanted;
            while wanted > 0 {
                let Some((seller, left)) = sellers.peek_mut().filter(|(seller, _)| seller.rung <= buyer.rung) else {
                    break;
                };
                let energy = wanted.min(*left);
                wanted -= energy;
                *left -= energy;
                if energy > 0 {
                    deals.push(Deal { interval: self.interval, seller: seller.lot, buyer: buyer.lot, energy });
                }
                sellers.next_if(|(_, left)| *left == 0);
            }
        }
        deals
    }
}
