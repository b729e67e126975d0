//! The compact linear program: one variable for each lot and interval, and a ladder of prices for each interval.
//!
//! Energy enters the ladder at its seller's rung, may only move up, and leaves at its buyer's. That it never moves down
//! says that at every price the energy sold at or below it covers what is bought at or below it, which is when the
//! amounts can be paired so that no seller is dearer than its buyer. So the optimum is that of the dense program.

use std::collections::BTreeMap;

use optimizer::{Comparison, LinearProgram, Solution, Variable};
use transax::Side;
use units::GroupId;

use crate::{
    Problem,
    book::{Amounts, Book, Entry},
    dense::{LATER, wh},
    lots::Lot,
    whole::whole,
};

/// One variable: what entries of a book trade together.
struct Column {
    variable: Variable,
    book: usize,
    /// Places in the book. Several share a column where nothing tells them apart.
    entries: Vec<usize>,
    /// The most they can trade together, Wh.
    most: u64,
}

/// The program, and what its variables stand for.
pub(crate) struct Compact {
    pub program: LinearProgram,
    columns: Vec<Column>,
}

impl Compact {
    /// The program over `books`, with the dense program's objective: half of a pair's worth belongs to each side.
    pub fn new(problem: &Problem, lots: &[Lot], books: &[Book], tie_break: Option<f64>) -> Self {
        let mut uses = vec![0_u32; lots.len()];
        books.iter().flat_map(|book| &book.entries).for_each(|entry| uses[entry.lot] += 1);
        let mut model = Self { program: LinearProgram::new(), columns: Vec::new() };
        let mut of_lot: Vec<Vec<Variable>> = vec![Vec::new(); lots.len()];
        for (place, book) in books.iter().enumerate() {
            let first = model.columns.len();
            for (key, entries) in columns_of(lots, book, &uses) {
                let energy: u64 = entries.iter().map(|entry| lots[book.entries[*entry].lot].remaining).sum();
                let internal = problem.limits(key.group).internal.map_or(u64::MAX, |limit| limit.0);
                let value = worth(problem, lots, book, entries[0], tie_break);
                let variable = model.program.add_variable(value, wh(energy.min(internal)));
                for lot in entries.iter().map(|entry| book.entries[*entry].lot).filter(|lot| uses[*lot] > 1) {
                    of_lot[lot].push(variable);
                }
                model.columns.push(Column { variable, book: place, entries, most: energy });
            }
            model.add_ladder(book, first);
            model.add_limits(problem, book, first);
        }
        for (lot, variables) in lots.iter().zip(of_lot).filter(|(_, variables)| variables.len() > 1) {
            let terms = variables.into_iter().map(|variable| (variable, 1.0));
            model.program.add_row(terms, Comparison::AtMost, wh(lot.remaining));
        }
        model
    }

    /// Each rung passes on what it gets from below and its sellers, less what its buyers take; the last passes nothing.
    fn add_ladder(&mut self, book: &Book, first: usize) {
        let mut rungs: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); book.rungs];
        for column in &self.columns[first..] {
            let entry = book.entries[column.entries[0]];
            rungs[entry.rung].push((column.variable, sign(entry.side)));
        }
        let mut from_below = None;
        for (rung, mut terms) in rungs.into_iter().enumerate() {
            terms.extend(from_below.map(|flow| (flow, 1.0)));
            if rung + 1 < book.rungs {
                let flow = self.program.add_variable(0.0, f64::INFINITY);
                terms.push((flow, -1.0));
                from_below = Some(flow);
            }
            self.program.add_row(terms, Comparison::Equal, 0.0);
        }
    }

    /// Rows (2.6) and (2.7), but for those that cannot bind.
    fn add_limits(&mut self, problem: &Problem, book: &Book, first: usize) {
        let mut cells: BTreeMap<GroupId, Cell> = BTreeMap::new();
        for column in &self.columns[first..] {
            let Entry { side, group, .. } = book.entries[column.entries[0]];
            let cell = cells.entry(group).or_default();
            cell.most[place(side)] += column.most;
            cell.columns[place(side)].push(column.variable);
        }
        let offered = [0, 1].map(|side| cells.values().map(|cell| cell.most[side]).sum::<u64>());
        for (group, cell) in &mut cells {
            let internal = problem.limits(*group).internal.map_or(u64::MAX, |limit| limit.0);
            for side in [0, 1] {
                // No more is sold than is wanted, and the other way round.
                cell.most[side] = cell.most[side].min(offered[1 - side]);
                if cell.most[side] > internal {
                    let terms = cell.columns[side].iter().map(|variable| (*variable, 1.0));
                    self.program.add_row(terms, Comparison::AtMost, wh(internal));
                    cell.most[side] = internal;
                }
            }
        }
        let moved = [0, 1].map(|side| cells.values().map(|cell| cell.most[side]).sum::<u64>());
        for (group, cell) in &cells {
            let Some(external) = problem.limits(*group).external else { continue };
            // What a group exports, others buy.
            let binds = [0, 1].map(|side| cell.most[side].min(moved[1 - side] - cell.most[1 - side]) > external.0);
            cell.add_external(&mut self.program, wh(external.0), binds);
        }
    }

    /// The solution in whole watt-hours, rounded down. Columns are dealt to their entries in order.
    pub fn amounts(&self, lots: &[Lot], books: &[Book], solution: &Solution) -> Amounts {
        let mut amounts: Amounts = books.iter().map(|book| vec![0; book.entries.len()]).collect();
        for column in &self.columns {
            let mut energy = whole(solution.value(column.variable));
            for entry in &column.entries {
                let part = energy.min(lots[books[column.book].entries[*entry].lot].remaining);
                amounts[column.book][*entry] = part;
                energy -= part;
            }
        }
        amounts
    }

    /// What a solution sells, Wh.
    pub fn energy(&self, books: &[Book], solution: &Solution) -> f64 {
        let sells = |column: &&Column| books[column.book].entries[column.entries[0]].side == Side::Sell;
        self.columns.iter().filter(sells).map(|column| solution.value(column.variable)).sum()
    }
}

/// What tells columns of a book apart. Only lots that have no other interval share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rung: usize,
    is_buy: bool,
    group: GroupId,
    expiry: u32,
    alone: Option<usize>,
}

fn columns_of(lots: &[Lot], book: &Book, uses: &[u32]) -> BTreeMap<Key, Vec<usize>> {
    let mut columns: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (place, entry) in book.entries.iter().enumerate() {
        let alone = (uses[entry.lot] > 1).then_some(place);
        let (is_buy, expiry) = (entry.side == Side::Buy, lots[entry.lot].expiry.0);
        columns.entry(Key { rung: entry.rung, is_buy, group: entry.group, expiry, alone }).or_default().push(place);
    }
    columns
}

/// A group in an interval; sales first, then purchases.
#[derive(Default)]
struct Cell {
    columns: [Vec<Variable>; 2],
    /// The most they can come to, Wh.
    most: [u64; 2],
}

impl Cell {
    /// Where both directions bind, one row and a bounded variable say it.
    fn add_external(&self, program: &mut LinearProgram, limit: f64, binds: [bool; 2]) {
        let net = |sign: f64| {
            let sold = self.columns[0].iter().map(move |variable| (*variable, sign));
            sold.chain(self.columns[1].iter().map(move |variable| (*variable, -sign)))
        };
        match binds {
            [true, true] => {
                let net_and_limit = program.add_variable(0.0, 2.0 * limit);
                program.add_row(net(1.0).chain([(net_and_limit, -1.0)]), Comparison::Equal, -limit);
            }
            [true, false] => program.add_row(net(1.0), Comparison::AtMost, limit),
            [false, true] => program.add_row(net(-1.0), Comparison::AtMost, limit),
            [false, false] => {}
        }
    }
}

/// Half of what a pair is worth, less the entry's own part of the tie-break.
fn worth(problem: &Problem, lots: &[Lot], book: &Book, entry: usize, tie_break: Option<f64>) -> f64 {
    let since = |interval: u32| f64::from(interval.saturating_sub(problem.first.0));
    let patience = since(lots[book.entries[entry].lot].expiry.0) + LATER / 2.0 * since(book.interval.0);
    0.5 - tie_break.map_or(0.0, |weight| weight * patience)
}

const fn sign(side: Side) -> f64 {
    match side {
        Side::Sell => 1.0,
        Side::Buy => -1.0,
    }
}

const fn place(side: Side) -> usize {
    match side {
        Side::Sell => 0,
        Side::Buy => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use optimizer::{Backend, InProcess, Optimize};
    use proptest::prelude::*;
    use transax::{GroupLimits, PriceRule};
    use units::{IntervalIndex, OfferId, Price, WattHours};

    use super::*;
    use crate::{OpenOffer, book::books_of, dense, lots::lots_of};

    /// Few prices, groups and intervals, so that offers meet and limits bind.
    fn problems() -> impl Strategy<Value = Problem> {
        let offer = (any::<bool>(), 0_u16..3, 1_u64..6, 0_u32..4, 0_u32..4, 1_u64..40);
        let limit = || prop::option::weighted(0.9, (0_u64..40).prop_map(WattHours));
        let limits = (limit(), limit()).prop_map(|(internal, external)| GroupLimits { internal, external });
        (prop::collection::vec(offer, 0..20), prop::collection::vec(limits, 3)).prop_map(|(offers, limits)| {
            let offers = offers.into_iter().map(|(sells, group, price, start, length, energy)| OpenOffer {
                side: if sells { Side::Sell } else { Side::Buy },
                group: GroupId(group),
                price: Price(price),
                start: IntervalIndex(start),
                end: IntervalIndex(start + length),
                remaining: WattHours(energy),
            });
            Problem {
                first: IntervalIndex(0),
                last: IntervalIndex(3),
                offers: (1..).map(OfferId).zip(offers).collect(),
                groups: (0..).map(GroupId).zip(limits).collect(),
                price_rule: PriceRule::Midpoint,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn its_optimum_is_the_dense_programs(problem in problems(), tie_break in prop::option::of(Just(1e-4))) {
            let lots = lots_of(&problem);
            let books = books_of(&problem, &lots, |_, _| true);
            let pairs = dense::pairs_of(&problem, &lots, |_, _| true);
            prop_assert_eq!(books.iter().map(Book::pairs).sum::<usize>(), pairs.len());
            let compact = Compact::new(&problem, &lots, &books, tie_break).program;
            let dense = dense::program_of(&problem, &lots, &pairs, tie_break);
            let [compact, dense] = [compact, dense].map(|program| InProcess(Backend::Cbc).solve(&program, Duration::MAX));
            let (compact, dense) = (compact.expect("solved").objective, dense.expect("solved").objective);
            prop_assert!((compact - dense).abs() < 1e-6, "{} and {}", compact, dense);
        }
    }
}
