//! Groups in an interval, and which of their limits can bind.

use transax::Side;

use crate::{Problem, book::Book, lots::Lot};

/// A group in an interval; sales first, then purchases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    /// The most it can sell and buy, Wh.
    pub most: [u64; 2],
    /// Where its internal limit (2.6) can bind.
    pub internal: [bool; 2],
    /// In which direction its external limit (2.7) can bind: exports first.
    pub external: [bool; 2],
}

impl Cell {
    /// Whether any limit can bind.
    pub fn binds(&self) -> bool {
        self.internal.iter().chain(&self.external).any(|binds| *binds)
    }
}

/// One for each of a book's groups.
pub(crate) fn cells_of(problem: &Problem, lots: &[Lot], book: &Book) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); book.groups.len()];
    for entry in &book.entries {
        let most = &mut cells[entry.group()].most[place(entry.side)];
        *most = most.saturating_add(lots[entry.lot()].remaining);
    }
    let offered = total(&cells);
    for (group, cell) in book.groups.iter().zip(&mut cells) {
        let internal = problem.limits(*group).internal.map_or(u64::MAX, |limit| limit.0);
        for side in [0, 1] {
            // No more is sold than is wanted, and the other way round.
            cell.most[side] = cell.most[side].min(offered[1 - side]);
            cell.internal[side] = cell.most[side] > internal;
            cell.most[side] = cell.most[side].min(internal);
        }
    }
    let moved = total(&cells);
    for (group, cell) in book.groups.iter().zip(&mut cells) {
        let Some(external) = problem.limits(*group).external else { continue };
        // What a group exports, others buy.
        cell.external = [0, 1].map(|side| cell.most[side].min(moved[1 - side] - cell.most[1 - side]) > external.0);
    }
    cells
}

fn total(cells: &[Cell]) -> [u64; 2] {
    [0, 1].map(|side| cells.iter().fold(0, |sum: u64, cell| sum.saturating_add(cell.most[side])))
}

/// Where a side stands in pairs.
pub(crate) const fn place(side: Side) -> usize {
    match side {
        Side::Sell => 0,
        Side::Buy => 1,
    }
}
