//! The dense linear program of the papers: one variable for each seller, buyer and interval.

use std::collections::BTreeMap;

use optimizer::{Comparison, LinearProgram, Solution, Variable};
use transax::Side;
use units::{GroupId, IntervalIndex};

use crate::{
    Problem,
    book::{Amounts, Book},
    lots::Lot,
    whole::whole,
};

/// The weight of an interval later, against that of an interval nearer to expiry.
pub(crate) const LATER: f64 = 0.1;

/// Two lots that may trade in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub interval: IntervalIndex,
    /// Places in the list of lots.
    pub seller: usize,
    pub buyer: usize,
}

/// Every pair whose prices and intervals meet, ascending by interval, seller, buyer. `suits` may rule lots out of an
/// interval.
pub(crate) fn pairs_of(problem: &Problem, lots: &[Lot], suits: impl Fn(IntervalIndex, &Lot) -> bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for interval in (problem.first.0..=problem.last.0).map(IntervalIndex) {
        let active = |side| {
            let covers = |lot: &Lot| lot.side == side && lot.start <= interval && interval <= lot.end;
            let places = lots.iter().enumerate().filter(|(_, lot)| covers(lot) && suits(interval, lot));
            places.map(|(place, lot)| (place, lot.price)).collect::<Vec<_>>()
        };
        let buyers = active(Side::Buy);
        for (seller, ask) in active(Side::Sell) {
            let meets = buyers.iter().filter(|(_, bid)| ask <= *bid);
            pairs.extend(meets.map(|(buyer, _)| Pair { interval, seller, buyer: *buyer }));
        }
    }
    pairs
}

/// The program over `pairs`, whose variables stand in their order.
///
/// With a tie-break, energy counts a little less the longer its offers could still have waited, and the later it is
/// traded, so that among optima one that uses up what expires first is found. The part that belongs to an offer alone
/// cancels along every exchange of one trade for another, which is why it does not cost energy while it stays well
/// below 1 in sum.
pub(crate) fn program_of(problem: &Problem, lots: &[Lot], pairs: &[Pair], tie_break: Option<f64>) -> LinearProgram {
    let mut program = LinearProgram::new();
    let mut of_lot: Vec<Vec<usize>> = vec![Vec::new(); lots.len()];
    for (place, pair) in pairs.iter().enumerate() {
        of_lot[pair.seller].push(place);
        of_lot[pair.buyer].push(place);
    }
    let mut variables: Vec<Variable> = Vec::with_capacity(pairs.len());
    for pair in pairs {
        // A lot with one variable bounds it; only those with several need a row.
        let alone = |lot: usize| if of_lot[lot].len() == 1 { wh(lots[lot].remaining) } else { f64::INFINITY };
        let most = alone(pair.seller).min(alone(pair.buyer));
        variables.push(program.add_variable(worth(problem, lots, *pair, tie_break), most));
    }
    for (lot, places) in lots.iter().zip(&of_lot).filter(|(_, places)| places.len() > 1) {
        let terms = places.iter().map(|place| (variables[*place], 1.0));
        program.add_row(terms, Comparison::AtMost, wh(lot.remaining));
    }
    for ((_, group), cell) in cells_of(lots, pairs) {
        cell.add_rows(problem, group, lots, &variables, &mut program);
    }
    program
}

/// What a watt-hour of a pair counts: 1, less the tie-break's weight for every interval its offers could wait.
fn worth(problem: &Problem, lots: &[Lot], pair: Pair, tie_break: Option<f64>) -> f64 {
    let since = |interval: IntervalIndex| f64::from(interval.0.saturating_sub(problem.first.0));
    let patience = since(lots[pair.seller].expiry) + since(lots[pair.buyer].expiry) + LATER * since(pair.interval);
    1.0 - tie_break.map_or(0.0, |weight| weight * patience)
}

/// A group in an interval: the places of its pairs.
#[derive(Default)]
struct Cell {
    sells: Vec<(usize, Pair)>,
    buys: Vec<(usize, Pair)>,
}

fn cells_of(lots: &[Lot], pairs: &[Pair]) -> BTreeMap<(IntervalIndex, GroupId), Cell> {
    let mut cells: BTreeMap<_, Cell> = BTreeMap::new();
    for (place, pair) in pairs.iter().enumerate() {
        cells.entry((pair.interval, lots[pair.seller].group)).or_default().sells.push((place, *pair));
        cells.entry((pair.interval, lots[pair.buyer].group)).or_default().buys.push((place, *pair));
    }
    cells
}

impl Cell {
    /// Rows (2.6) and (2.7), but for those that cannot bind.
    fn add_rows(
        &self,
        problem: &Problem,
        group: GroupId,
        lots: &[Lot],
        variables: &[Variable],
        program: &mut LinearProgram,
    ) {
        let limits = problem.limits(group);
        let most_sold = most(lots, self.sells.iter().map(|(_, pair)| pair.seller));
        let most_bought = most(lots, self.buys.iter().map(|(_, pair)| pair.buyer));
        let internal = limits.internal.map_or(u64::MAX, |limit| limit.0);
        for (side, most) in [(&self.sells, most_sold), (&self.buys, most_bought)] {
            if most > internal {
                let terms = side.iter().map(|(place, _)| (variables[*place], 1.0));
                program.add_row(terms, Comparison::AtMost, wh(internal));
            }
        }
        // What is traded within the group is no part of its net.
        let leaves = self.sells.iter().filter(|(_, pair)| lots[pair.buyer].group != group);
        let enters = self.buys.iter().filter(|(_, pair)| lots[pair.seller].group != group);
        let external = limits.external.map_or(u64::MAX, |limit| limit.0);
        for (most, sign) in [(most_sold, 1.0), (most_bought, -1.0)] {
            if most.min(internal) > external {
                let out = leaves.clone().map(|(place, _)| (variables[*place], sign));
                let into = enters.clone().map(|(place, _)| (variables[*place], -sign));
                program.add_row(out.chain(into), Comparison::AtMost, wh(external));
            }
        }
    }
}

/// What distinct lots have left together.
fn most(lots: &[Lot], places: impl Iterator<Item = usize>) -> u64 {
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| lots[place].remaining).sum()
}

/// What each entry of each book trades by a solution, in whole watt-hours, rounded down.
pub(crate) fn amounts_of(lots: &[Lot], books: &[Book], pairs: &[Pair], solution: &Solution) -> Amounts {
    let mut pairs = pairs.iter().zip(&solution.values).peekable();
    let amounts = books.iter().map(|book| {
        let mut traded = vec![0.0; lots.len()];
        while let Some((pair, energy)) = pairs.next_if(|(pair, _)| pair.interval <= book.interval) {
            traded[pair.seller] += energy;
            traded[pair.buyer] += energy;
        }
        book.entries.iter().map(|entry| whole(traded[entry.lot()])).collect()
    });
    amounts.collect()
}

/// Exact up to 2^53 Wh, far beyond what a market can offer.
#[expect(clippy::cast_precision_loss, reason = "energies stay below 2^53 Wh")]
pub(crate) fn wh(energy: u64) -> f64 {
    energy as f64
}
