//! Whole watt-hours for each pair, and what is left of every bound.

use std::collections::BTreeMap;

use units::{GroupId, IntervalIndex};

use crate::{Problem, lots::Lot, model::Pair};

/// A group in an interval, Wh.
#[derive(Clone, Copy, Debug)]
struct Cell {
    sold: i64,
    bought: i64,
    internal: i64,
    external: i64,
}

/// What each pair trades, with running sums, so that asking what fits and changing it take constant time.
///
/// Offers and internal limits hold at all times; external ones hold once [`Allotment::repair`] has run.
pub(crate) struct Allotment<'a> {
    pairs: &'a [Pair],
    amounts: Vec<u64>,
    remaining: Vec<u64>,
    cells: Vec<Cell>,
    /// For each pair the cells of its seller and its buyer.
    places: Vec<(usize, usize)>,
}

impl<'a> Allotment<'a> {
    /// Nothing is traded yet.
    pub fn new(problem: &Problem, lots: &[Lot], pairs: &'a [Pair]) -> Self {
        let mut cells = Vec::new();
        let mut known: BTreeMap<(IntervalIndex, GroupId), usize> = BTreeMap::new();
        let mut place = |interval, group| {
            *known.entry((interval, group)).or_insert_with(|| {
                let limits = problem.limits(group);
                let signed = |limit: Option<units::WattHours>| limit.map_or(i64::MAX, |limit| amount(limit.0));
                let (internal, external) = (signed(limits.internal), signed(limits.external));
                cells.push(Cell { sold: 0, bought: 0, internal, external });
                cells.len() - 1
            })
        };
        let places = pairs
            .iter()
            .map(|pair| (place(pair.interval, lots[pair.seller].group), place(pair.interval, lots[pair.buyer].group)))
            .collect();
        let remaining = lots.iter().map(|lot| lot.remaining).collect();
        Self { pairs, amounts: vec![0; pairs.len()], remaining, cells, places }
    }

    /// The most that offers and internal limits let a pair add.
    pub fn room_inside(&self, pair: usize) -> u64 {
        let (seller, buyer) = self.places[pair];
        let (seller, buyer) = (self.cells[seller], self.cells[buyer]);
        let cells = (seller.internal - seller.sold).min(buyer.internal - buyer.bought);
        let Pair { seller, buyer, .. } = self.pairs[pair];
        self.remaining[seller].min(self.remaining[buyer]).min(cells.max(0).unsigned_abs())
    }

    /// The most that a pair can add with every bound kept.
    pub fn room(&self, pair: usize) -> u64 {
        let (seller, buyer) = self.places[pair];
        if seller == buyer {
            return self.room_inside(pair);
        }
        let nets = self.cells[seller].export_room().min(self.cells[buyer].import_room());
        self.room_inside(pair).min(nets.max(0).unsigned_abs())
    }

    /// Adds energy to a pair; the caller has asked for room.
    pub fn add(&mut self, pair: usize, energy: u64) {
        self.amounts[pair] += energy;
        let Pair { seller, buyer, .. } = self.pairs[pair];
        self.remaining[seller] -= energy;
        self.remaining[buyer] -= energy;
        self.count(pair, amount(energy));
    }

    /// Takes energy from a pair that trades at least as much.
    pub fn take(&mut self, pair: usize, energy: u64) {
        self.amounts[pair] -= energy;
        let Pair { seller, buyer, .. } = self.pairs[pair];
        self.remaining[seller] += energy;
        self.remaining[buyer] += energy;
        self.count(pair, -amount(energy));
    }

    fn count(&mut self, pair: usize, energy: i64) {
        let (seller, buyer) = self.places[pair];
        self.cells[seller].sold += energy;
        self.cells[buyer].bought += energy;
    }

    /// Drops energy until every external limit holds. It ends, since every step lowers what is traded.
    ///
    /// Pairs that bring no other group out of bounds go first.
    pub fn repair(&mut self) {
        let mut of_cell: Vec<Vec<usize>> = vec![Vec::new(); self.cells.len()];
        for (pair, (seller, buyer)) in self.places.iter().enumerate() {
            if seller != buyer {
                of_cell[*seller].push(pair);
                of_cell[*buyer].push(pair);
            }
        }
        let mut waiting: Vec<usize> = (0..self.cells.len()).rev().collect();
        while let Some(cell) = waiting.pop() {
            if self.cells[cell].export_room().min(self.cells[cell].import_room()) >= 0 {
                continue;
            }
            for spare_others in [true, false] {
                for pair in &of_cell[cell] {
                    let (seller, buyer) = self.places[*pair];
                    let (excess, other) = if seller == cell {
                        (-self.cells[cell].export_room(), self.cells[buyer].export_room())
                    } else {
                        (-self.cells[cell].import_room(), self.cells[seller].import_room())
                    };
                    let allowed = if spare_others { other.max(0).unsigned_abs() } else { u64::MAX };
                    let dropped = excess.max(0).unsigned_abs().min(self.amounts[*pair]).min(allowed);
                    if dropped > 0 {
                        self.take(*pair, dropped);
                        waiting.push(if seller == cell { buyer } else { seller });
                    }
                }
            }
        }
    }

    /// What lots trade, by interval, seller, buyer.
    pub fn trades(&self) -> impl Iterator<Item = (IntervalIndex, usize, usize, u64)> {
        let all = self.pairs.iter().zip(&self.amounts).filter(|(_, energy)| **energy > 0);
        all.map(|(pair, energy)| (pair.interval, pair.seller, pair.buyer, *energy))
    }
}

impl Cell {
    /// How much the group may still sell to others; negative where it sells too much.
    fn export_room(self) -> i64 {
        self.external.saturating_sub(self.sold - self.bought)
    }

    /// How much the group may still buy from others; negative where it buys too much.
    fn import_room(self) -> i64 {
        self.external.saturating_add(self.sold - self.bought)
    }
}

/// Energies stay far below 2^63 Wh; one that does not is as good as no limit.
fn amount(energy: u64) -> i64 {
    i64::try_from(energy).unwrap_or(i64::MAX)
}
