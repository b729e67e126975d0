//! Problems that are flows: with one price, or with limits that cannot bind. Their optimum is whole.
//!
//! Energy runs from the source through a selling lot into an interval, and through a buying lot to the sink. Within
//! the interval it climbs the ladder of prices, or it passes the limits: sales, hub and purchases of a group, which
//! meet other groups at the interval's hub. A watt-hour that had to pass both would be in two places at once.

use std::{collections::BTreeSet, ops::Range};

use transax::Side;

use crate::{
    Problem,
    book::{Amounts, Book, Entry},
    cells::place,
    groups::{Group, Groups},
    lots::Lot,
    network::{AMPLE, Arcs, Network},
    start::start,
};

const SOURCE: usize = 0;
const SINK: usize = 1;
/// Where the lots' nodes begin.
const LOTS: usize = 2;

/// What energy passes within an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// The ladder of prices; limits are left out.
    Prices,
    /// The limits of groups; prices are left out.
    Limits,
}

/// A network, and what its arcs stand for. The arcs of lots come first, in their order.
pub(crate) struct Flow<'a> {
    lots: &'a [Lot],
    network: Network,
    /// For each book the arcs of its entries.
    entries: Vec<Range<usize>>,
}

impl<'a> Flow<'a> {
    /// The network of `books`, in which nothing flows yet.
    pub fn new(problem: &Problem, lots: &'a [Lot], books: &[Book], passage: Passage) -> Self {
        Self::with(problem, lots, books, passage, None)
    }

    /// The network through limits, in which most of what can flow flows.
    pub fn begun(problem: &Problem, lots: &'a [Lot], books: &[Book]) -> Self {
        Self::with(problem, lots, books, Passage::Limits, Some(&start(problem, lots, books)))
    }

    /// `begun`, if any, keeps within what `passage` lets through.
    fn with(problem: &Problem, lots: &'a [Lot], books: &[Book], passage: Passage, begun: Option<&Amounts>) -> Self {
        let mut flows = vec![0; lots.len()];
        for (book, amounts) in books.iter().zip(begun.into_iter().flatten()) {
            book.entries.iter().zip(amounts).for_each(|(entry, energy)| flows[entry.lot()] += amount(*energy));
        }
        let mut plan = Plan { nodes: LOTS + lots.len(), arcs: Arcs::default() };
        let places: usize = books.iter().map(|book| book.entries.len() + book.rungs + 4 * book.groups.len()).sum();
        plan.arcs.reserve(lots.len() + places);
        for ((lot, flow), place) in lots.iter().zip(flows).zip(LOTS..) {
            let ends = if lot.side == Side::Sell { [SOURCE, place] } else { [place, SINK] };
            plan.arcs.add(ends, amount(lot.remaining), flow);
        }
        let entries = books.iter().enumerate().map(|(number, book)| {
            let begun = begun.map(|amounts| amounts[number].as_slice());
            match passage {
                Passage::Prices => plan.add_ladder(book),
                Passage::Limits => plan.add_limits(problem, book, begun),
            }
        });
        let entries = entries.collect();
        Self { lots, network: Network::new(plan.nodes, plan.arcs), entries }
    }

    /// How many lots can trade in how many intervals, together.
    pub fn variables(&self) -> usize {
        self.entries.iter().map(Range::len).sum()
    }

    /// The most that can be traded, Wh.
    pub fn most(&mut self) -> u64 {
        self.network.augment(SOURCE, SINK);
        let sellers = self.lots.iter().enumerate().filter(|(_, lot)| lot.side == Side::Sell);
        sellers.map(|(lot, _)| self.network.flow(lot).unsigned_abs()).sum()
    }

    /// The most that can be traded with what expires first: sellers join in the order of their expiry, and so do
    /// buyers while sellers keep what they have. Neither costs the other anything, since augmenting paths take nothing
    /// back from lots that joined before.
    pub fn most_expiring_first(&mut self) -> u64 {
        self.network.drain();
        let both: Vec<usize> = (0..self.lots.len()).collect();
        let buyers = both.iter().copied().filter(|lot| self.lots[*lot].side == Side::Buy);
        let buyers: Vec<usize> = buyers.collect();
        let sellers: Vec<usize> = both.into_iter().filter(|lot| self.lots[*lot].side == Side::Sell).collect();
        let ample: Vec<i64> = self.lots.iter().map(|lot| amount(lot.remaining)).collect();
        self.join(&sellers, &ample);
        let sold: Vec<i64> = (0..self.lots.len()).map(|lot| self.network.flow(lot)).collect();
        self.network.drain();
        for lot in &sellers {
            self.network.set_capacity(*lot, sold[*lot]);
        }
        self.join(&buyers, &ample);
        sellers.iter().map(|lot| self.network.flow(*lot).unsigned_abs()).sum()
    }

    /// Lets lots in by expiry, and trades the most each time.
    fn join(&mut self, joining: &[usize], capacities: &[i64]) {
        for lot in joining {
            self.network.set_capacity(*lot, 0);
        }
        let expiries: BTreeSet<u32> = joining.iter().map(|lot| self.lots[*lot].expiry.0).collect();
        for expiry in expiries {
            for lot in joining.iter().filter(|lot| self.lots[**lot].expiry.0 == expiry) {
                self.network.set_capacity(*lot, capacities[*lot]);
            }
            self.network.augment(SOURCE, SINK);
        }
    }

    /// What entries trade.
    pub fn amounts(&self) -> Amounts {
        let amount = |arc: usize| self.network.flow(arc).unsigned_abs();
        self.entries.iter().map(|arcs| arcs.clone().map(amount).collect()).collect()
    }
}

struct Plan {
    nodes: usize,
    arcs: Arcs,
}

impl Plan {
    fn add_node(&mut self) -> usize {
        self.nodes += 1;
        self.nodes - 1
    }

    /// Entries meet their rungs, and energy may climb.
    fn add_ladder(&mut self, book: &Book) -> Range<usize> {
        let rungs: Vec<usize> = (0..book.rungs).map(|_| self.add_node()).collect();
        for pair in rungs.windows(2) {
            self.arcs.add([pair[0], pair[1]], AMPLE, 0);
        }
        self.add_entries(book, None, |entry| rungs[entry.rung()])
    }

    /// Entries meet their group's sales or purchases.
    fn add_limits(&mut self, problem: &Problem, book: &Book, begun: Option<&[u64]>) -> Range<usize> {
        let mut groups = Groups::new(problem, book);
        for (entry, energy) in book.entries.iter().zip(begun.into_iter().flatten()) {
            groups.add(entry.group(), entry.side, amount(*energy));
        }
        let meeting = self.add_node();
        let mut ends: Vec<[usize; 2]> = Vec::with_capacity(groups.len());
        for Group { sums: [sold, bought], internal, external } in groups.each() {
            let [sales, hub, purchases] = [(); 3].map(|()| self.add_node());
            self.arcs.add([sales, hub], internal, sold);
            self.arcs.add([hub, purchases], internal, bought);
            self.arcs.add([hub, meeting], external, (sold - bought).max(0));
            self.arcs.add([meeting, hub], external, (bought - sold).max(0));
            ends.push([sales, purchases]);
        }
        self.add_entries(book, begun, |entry| ends[entry.group()][place(entry.side)])
    }

    fn add_entries(&mut self, book: &Book, begun: Option<&[u64]>, end: impl Fn(Entry) -> usize) -> Range<usize> {
        let first = self.arcs.len();
        let ends = book.entries.iter().map(|entry| {
            let (lot, end) = (LOTS + entry.lot(), end(*entry));
            if entry.side == Side::Sell { [lot, end] } else { [end, lot] }
        });
        match begun {
            Some(amounts) => self.arcs.extend(ends, AMPLE, amounts.iter().map(|energy| amount(*energy))),
            None => self.arcs.extend(ends, AMPLE, std::iter::repeat_n(0, book.entries.len())),
        }
        first..self.arcs.len()
    }
}

/// Energies stay far below 2^61 Wh; one that does not is as good as no bound.
pub(crate) fn amount(energy: u64) -> i64 {
    i64::try_from(energy).unwrap_or(AMPLE).min(AMPLE)
}
