//! Problems that are flows: with one price, or with limits that cannot bind. Their optimum is whole.
//!
//! Energy runs from the source through a selling lot into an interval, and through a buying lot to the sink. Within
//! the interval it climbs the ladder of prices, or it passes the limits: sales, hub and purchases of a group, which
//! meet other groups at the interval's hub. A watt-hour that had to pass both would be in two places at once.

use std::collections::BTreeSet;

use transax::Side;

use crate::{
    Problem,
    book::{Amounts, Book},
    groups::{Group, Groups},
    lots::Lot,
    network::{AMPLE, Network},
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

/// A network, and what its arcs stand for.
pub(crate) struct Flow<'a> {
    lots: &'a [Lot],
    network: Network,
    /// For each book and entry its arc.
    entries: Vec<Vec<usize>>,
    variables: usize,
}

impl<'a> Flow<'a> {
    /// The network of `books`. The arcs of lots come first, in their order.
    pub fn new(problem: &Problem, lots: &'a [Lot], books: &[Book], passage: Passage) -> Self {
        let mut plan = Plan { nodes: LOTS + lots.len(), arcs: Vec::new() };
        for (lot, place) in lots.iter().zip(LOTS..) {
            match lot.side {
                Side::Sell => plan.arcs.push((SOURCE, place, amount(lot.remaining))),
                Side::Buy => plan.arcs.push((place, SINK, amount(lot.remaining))),
            }
        }
        let entries: Vec<Vec<usize>> = books
            .iter()
            .map(|book| match passage {
                Passage::Prices => plan.add_ladder(book),
                Passage::Limits => plan.add_limits(problem, book),
            })
            .collect();
        let variables = entries.iter().map(Vec::len).sum();
        Self { lots, network: Network::new(plan.nodes, &plan.arcs), entries, variables }
    }

    /// How many lots can trade in how many intervals, together.
    pub fn variables(&self) -> usize {
        self.variables
    }

    /// The most that can be traded, Wh.
    pub fn most(&mut self) -> u64 {
        self.network.drain();
        self.network.augment(SOURCE, SINK).unsigned_abs()
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
        let amount = |arc: &usize| self.network.flow(*arc).unsigned_abs();
        self.entries.iter().map(|arcs| arcs.iter().map(amount).collect()).collect()
    }
}

struct Plan {
    nodes: usize,
    arcs: Vec<(usize, usize, i64)>,
}

impl Plan {
    fn add_node(&mut self) -> usize {
        self.nodes += 1;
        self.nodes - 1
    }

    fn connect(&mut self, tail: usize, head: usize, capacity: i64) -> usize {
        self.arcs.push((tail, head, capacity));
        self.arcs.len() - 1
    }

    /// Entries meet their rungs, and energy may climb.
    fn add_ladder(&mut self, book: &Book) -> Vec<usize> {
        let rungs: Vec<usize> = (0..book.rungs).map(|_| self.add_node()).collect();
        for pair in rungs.windows(2) {
            self.connect(pair[0], pair[1], AMPLE);
        }
        let arc = |entry: &crate::book::Entry| match entry.side {
            Side::Sell => self.connect(LOTS + entry.lot, rungs[entry.rung], AMPLE),
            Side::Buy => self.connect(rungs[entry.rung], LOTS + entry.lot, AMPLE),
        };
        book.entries.iter().map(arc).collect()
    }

    /// Entries meet their group's sales or purchases.
    fn add_limits(&mut self, problem: &Problem, book: &Book) -> Vec<usize> {
        let meeting = self.add_node();
        let groups = Groups::new(problem, book);
        let mut ends: Vec<[usize; 2]> = Vec::with_capacity(groups.len());
        for Group { internal, external, .. } in groups.each() {
            let [sales, hub, purchases] = [(); 3].map(|()| self.add_node());
            self.connect(sales, hub, internal);
            self.connect(hub, purchases, internal);
            self.connect(hub, meeting, external);
            self.connect(meeting, hub, external);
            ends.push([sales, purchases]);
        }
        let arc = |entry: &crate::book::Entry| match entry.side {
            Side::Sell => self.connect(LOTS + entry.lot, ends[groups.place_of(entry.group)][0], AMPLE),
            Side::Buy => self.connect(ends[groups.place_of(entry.group)][1], LOTS + entry.lot, AMPLE),
        };
        book.entries.iter().map(arc).collect()
    }
}

/// Energies stay far below 2^61 Wh; one that does not is as good as no bound.
pub(crate) fn amount(energy: u64) -> i64 {
    i64::try_from(energy).unwrap_or(AMPLE).min(AMPLE)
}
