//! Who may trade in an interval, in the order of prices.

use std::collections::BTreeMap;

use transax::Side;
use units::{GroupId, IntervalIndex, Price};

use crate::lots::Lot;

/// A lot in an interval. Small, since there are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    lot: u32,
    rung: u32,
    group: u16,
    pub side: Side,
}

impl Entry {
    /// Its place in the list of lots.
    pub fn lot(self) -> usize {
        self.lot as usize
    }

    /// Its group's place among the book's groups.
    pub fn group(self) -> usize {
        self.group.into()
    }

    /// Its place on the ladder: a seller meets every buyer of its own rung and of those above.
    pub fn rung(self) -> usize {
        self.rung as usize
    }
}

/// The lots of an interval that have somebody to trade with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Book {
    pub interval: IntervalIndex,
    /// Ascending by price, sellers before buyers at equal prices.
    pub entries: Vec<Entry>,
    pub rungs: usize,
    /// Those of its lots, ascending.
    pub groups: Vec<GroupId>,
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
    let mut places: Vec<u32> = (0..).zip(lots).map(|(place, _)| place).collect();
    places.sort_by_key(|place| (lots[*place as usize].price, lots[*place as usize].side == Side::Buy, *place));
    let intervals = intervals_of(lots);
    let mut covering: Vec<Vec<u32>> = vec![Vec::new(); intervals.len()];
    for place in places {
        let lot = &lots[place as usize];
        // No interval between a lot's first and last is left out.
        let from = intervals.partition_point(|interval| *interval < lot.start);
        let to = from + (lot.end.0 - lot.start.0) as usize;
        for (interval, covering) in intervals[from..=to].iter().zip(&mut covering[from..=to]) {
            if suits(*interval, lot) {
                covering.push(place);
            }
        }
    }
    let mut ranks = Ranks::new(lots);
    let books = intervals.into_iter().zip(covering);
    books.filter_map(|(interval, places)| Book::new(interval, lots, &places, &mut ranks)).collect()
}

/// Every interval that a lot spans, ascending.
fn intervals_of(lots: &[Lot]) -> Vec<IntervalIndex> {
    let mut ends: BTreeMap<u32, u32> = BTreeMap::new();
    for lot in lots {
        let end = ends.entry(lot.start.0).or_default();
        *end = lot.end.0.max(*end);
    }
    let mut intervals: Vec<IntervalIndex> = Vec::new();
    for (start, end) in ends {
        let known = intervals.last().copied();
        let fresh = |interval: &IntervalIndex| known.is_none_or(|known| *interval > known);
        intervals.extend((start..=end).map(IntervalIndex).filter(fresh));
    }
    intervals
}

/// The groups of lots, each with its place in the book at hand, so that none is looked up for an entry.
struct Ranks {
    groups: Vec<GroupId>,
    /// For each lot the rank of its group.
    of_lot: Vec<u16>,
    /// For each rank the book that saw it last, and its place there.
    places: Vec<(u32, u16)>,
    book: u32,
}

impl Ranks {
    fn new(lots: &[Lot]) -> Self {
        let mut groups: Vec<GroupId> = lots.iter().map(|lot| lot.group).collect();
        groups.dedup();
        groups.sort_unstable();
        groups.dedup();
        let ranks: BTreeMap<GroupId, u16> = groups.iter().copied().zip(0..).collect();
        let of_lot = lots.iter().map(|lot| ranks[&lot.group]).collect();
        let places = vec![(0, 0); groups.len()];
        Self { groups, of_lot, places, book: 0 }
    }

    /// Puts the places of groups in the book that has these entries where their ranks stand, and tells which groups
    /// these are.
    fn place(&mut self, entries: &mut [Entry]) -> Vec<GroupId> {
        self.book += 1;
        let mut known = Vec::new();
        for entry in entries.iter() {
            let seen = &mut self.places[entry.group()].0;
            if *seen != self.book {
                *seen = self.book;
                known.push(entry.group);
            }
        }
        known.sort_unstable();
        for (rank, place) in known.iter().zip(0..) {
            self.places[usize::from(*rank)].1 = place;
        }
        for entry in entries {
            entry.group = self.places[entry.group()].1;
        }
        known.into_iter().map(|rank| self.groups[usize::from(rank)]).collect()
    }
}

impl Book {
    /// `places` ascend by price, sellers first.
    fn new(interval: IntervalIndex, lots: &[Lot], places: &[u32], ranks: &mut Ranks) -> Option<Self> {
        let at = |place: &u32| &lots[*place as usize];
        let is = |side: Side| move |place: &&u32| at(place).side == side;
        let lowest: Price = at(places.iter().find(is(Side::Sell))?).price;
        let highest: Price = at(places.iter().rfind(is(Side::Buy))?).price;
        let mut entries = Vec::with_capacity(places.len());
        let (mut rungs, mut after_buyer) = (0, true);
        for place in places {
            let Lot { side, price, .. } = *at(place);
            if price < lowest || price > highest {
                continue;
            }
            // A rung starts where a seller follows a buyer.
            rungs += u32::from(after_buyer && side == Side::Sell);
            after_buyer = side == Side::Buy;
            let group = ranks.of_lot[*place as usize];
            entries.push(Entry { lot: *place, side, group, rung: rungs.saturating_sub(1) });
        }
        let groups = ranks.place(&mut entries);
        (rungs > 0).then_some(Self { interval, entries, rungs: rungs as usize, groups })
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

    /// The entries that trade anything, and how much, Wh.
    pub fn traders(&self, amounts: &[u64]) -> Vec<(Entry, u64)> {
        let entries = self.entries.iter().copied().zip(amounts.iter().copied());
        entries.filter(|(_, energy)| *energy > 0).collect()
    }

    /// Pairs that trade all that both have, and takes it from `traders`; what is left can be paired as before, since at
    /// no price a pair uses more of what is sold at or below it than is over.
    pub fn deal_equals(&self, traders: &mut [(Entry, u64)], deals: &mut Vec<Deal>) {
        // Energy, rung and place of whoever sells, ascending.
        let mut sellers: Vec<(u64, usize, usize)> = Vec::with_capacity(traders.len());
        // What is sold at or below each rung, less what is bought there.
        let mut over = vec![0_i128; self.rungs];
        for (place, (entry, energy)) in traders.iter().enumerate() {
            if entry.side == Side::Sell {
                sellers.push((*energy, entry.rung(), place));
            }
            over[entry.rung()] += if entry.side == Side::Sell { i128::from(*energy) } else { -i128::from(*energy) };
        }
        (1..self.rungs).for_each(|rung| over[rung] += over[rung - 1]);
        sellers.sort_unstable();
        for place in 0..traders.len() {
            let (buyer, energy) = traders[place];
            if buyer.side == Side::Sell {
                continue;
            }
            // The dearest of the sellers leaves the most to others.
            let past = sellers.partition_point(|(sold, rung, _)| (*sold, *rung) <= (energy, buyer.rung()));
            let Some((_, rung, seller)) =
                past.checked_sub(1).map(|last| sellers[last]).filter(|seller| seller.0 == energy)
            else {
                continue;
            };
            let between = rung..buyer.rung();
            if over[between.clone()].iter().any(|over| *over < i128::from(energy)) {
                continue;
            }
            over[between].iter_mut().for_each(|over| *over -= i128::from(energy));
            sellers.remove(past - 1);
            (traders[place].1, traders[seller].1) = (0, 0);
            deals.push(self.deal_of(traders[seller].0, buyer, energy));
        }
    }

    /// Pairs sellers with buyers, both ascending by price, until one side is used up: at most as many deals as sellers
    /// and buyers together, less one.
    ///
    /// Everything is dealt where at every price the energy sold at or below it covers what is bought at or below it:
    /// then the seller of a watt-hour is never dearer than its buyer. Elsewhere what does not fit is left out.
    pub fn deal(&self, traders: &[(Entry, u64)], deals: &mut Vec<Deal>) {
        let side = |side: Side| traders.iter().copied().filter(move |(entry, _)| entry.side == side);
        let mut sellers = side(Side::Sell).peekable();
        for (buyer, mut wanted) in side(Side::Buy) {
            while wanted > 0 {
                let Some((seller, left)) = sellers.peek_mut().filter(|(seller, _)| seller.rung() <= buyer.rung())
                else {
                    break;
                };
                let energy = wanted.min(*left);
                wanted -= energy;
                *left -= energy;
                if energy > 0 {
                    deals.push(self.deal_of(*seller, buyer, energy));
                }
                sellers.next_if(|(_, left)| *left == 0);
            }
        }
    }

    fn deal_of(&self, seller: Entry, buyer: Entry, energy: u64) -> Deal {
        Deal { interval: self.interval, seller: seller.lot(), buyer: buyer.lot(), energy }
    }
}
