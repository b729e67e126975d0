//! Whole watt-hours for each pair of lots, brought within every bound.

use std::collections::BTreeMap;

use units::{GroupId, IntervalIndex};

use crate::{Problem, book::Deal, lots::Lot};

/// A group in an interval, Wh.
#[derive(Clone, Copy, Debug)]
struct Cell {
    sold: i64,
    bought: i64,
    internal: i64,
    external: i64,
}

/// What pairs trade, with running sums.
///
/// Offers and internal limits hold at all times; external ones hold once [`Allotment::repair`] has run.
pub(crate) struct Allotment {
    deals: Vec<Deal>,
    cells: Vec<Cell>,
    /// For each deal the cells of its seller and its buyer.
    places: Vec<(usize, usize)>,
}

impl Allotment {
    /// As much of `deals`, in their order, as offers and internal limits allow.
    pub fn new(problem: &Problem, lots: &[Lot], deals: &[Deal]) -> Self {
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
        let places: Vec<(usize, usize)> = deals
            .iter()
            .map(|deal| (place(deal.interval, lots[deal.seller].group), place(deal.interval, lots[deal.buyer].group)))
            .collect();
        let mut remaining: Vec<u64> = lots.iter().map(|lot| lot.remaining).collect();
        let mut allotment = Self { deals: deals.to_vec(), cells, places };
        for (place, Deal { seller, buyer, energy, .. }) in deals.iter().enumerate() {
            let (sells, buys) = allotment.places[place];
            let (sells, buys) = (allotment.cells[sells], allotment.cells[buys]);
            let inside = (sells.internal - sells.sold).min(buys.internal - buys.bought).max(0).unsigned_abs();
            let energy = inside.min(remaining[*seller]).min(remaining[*buyer]).min(*energy);
            remaining[*seller] -= energy;
            remaining[*buyer] -= energy;
            allotment.deals[place].energy = energy;
            allotment.count(place, amount(energy));
        }
        allotment
    }

    /// Takes energy from a pair that trades at least as much.
    fn take(&mut self, pair: usize, energy: u64) {
        self.deals[pair].energy -= energy;
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
                    let dropped = excess.max(0).unsigned_abs().min(self.deals[*pair].energy).min(allowed);
                    if dropped > 0 {
                        self.take(*pair, dropped);
                        waiting.push(if seller == cell { buyer } else { seller });
                    }
                }
            }
        }
    }

    /// What is left, in the order given.
    pub fn deals(&self) -> impl Iterator<Item = Deal> {
        self.deals.iter().copied().filter(|deal| deal.energy > 0)
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
