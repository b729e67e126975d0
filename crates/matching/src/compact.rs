//! The compact linear program: one variable for each lot and interval, and a ladder of prices for each interval.
//!
//! Energy enters the ladder at its seller's rung, may only move up, and leaves at its buyer's. That it never moves down
//! says that at every price the energy sold at or below it covers what is bought at or below it, which is when the
//! amounts can be paired so that no seller is dearer than its buyer. So the optimum is that of the dense program.

use std::collections::BTreeMap;

use optimizer::{Comparison, LinearProgram, Solution, Variable};
use transax::Side;
use units::Price;

use crate::{
    Problem,
    book::{Amounts, Book},
    cells::{Cell, cells_of, place},
    dense::wh,
    ladder::rising,
    lots::Lot,
    objective::Worth,
    whole::whole,
};

/// One variable: what entries of a book trade together.
struct Column {
    variable: Variable,
    book: usize,
    /// Places in the book. Several share a column where nothing tells them apart.
    entries: Vec<usize>,
    /// The most of it, Wh.
    most: u64,
}

/// Which amounts a program may choose.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Domain<'a> {
    /// Real numbers.
    Real,
    /// Whole watt-hours.
    Whole,
    /// Whole watt-hours, so many more or fewer than those of a plan.
    Near(&'a Amounts, u64),
}

/// The program, and what its variables and rows stand for.
pub(crate) struct Compact {
    pub program: LinearProgram,
    columns: Vec<Column>,
    /// For each book its first ladder row and how many there are.
    ladders: Vec<(usize, usize)>,
    /// Lots with several columns: their row.
    lot_rows: Vec<(usize, usize)>,
    /// For each column its lot where that has a row.
    shared: Vec<Option<usize>>,
}

impl Compact {
    /// The program over `books`.
    pub fn new(problem: &Problem, lots: &[Lot], books: &[Book], worth: Worth, domain: Domain<'_>) -> Self {
        let mut uses = vec![0_u32; lots.len()];
        books.iter().flat_map(|book| &book.entries).for_each(|entry| uses[entry.lot()] += 1);
        let mut model = Self {
            program: LinearProgram::new(),
            columns: Vec::new(),
            ladders: Vec::new(),
            lot_rows: Vec::new(),
            shared: Vec::new(),
        };
        let mut of_lot: Vec<Vec<Variable>> = vec![Vec::new(); lots.len()];
        for (number, book) in books.iter().enumerate() {
            let first = model.columns.len();
            for (key, entries) in columns_of(lots, book, &uses, worth) {
                let energy: u64 = entries.iter().map(|entry| lots[book.entries[*entry].lot()].remaining).sum();
                let internal = problem.limits(book.groups[key.group]).internal.map_or(u64::MAX, |limit| limit.0);
                let value = worth.of(problem, lots, book, entries[0]);
                let variable = model.add_column(domain, number, &entries, value, energy.min(internal));
                let shared = key.alone.map(|entry| book.entries[entry].lot());
                if let Some(lot) = shared {
                    of_lot[lot].push(variable);
                }
                model.shared.push(shared);
                model.columns.push(Column { variable, book: number, entries, most: energy.min(internal) });
            }
            model.add_ladder(book, first);
            model.add_limits(problem, lots, book, first);
        }
        for (lot, variables) in of_lot.into_iter().enumerate().filter(|(_, variables)| variables.len() > 1) {
            model.lot_rows.push((model.program.rows(), lot));
            let terms = variables.into_iter().map(|variable| (variable, 1.0));
            model.program.add_row(terms, Comparison::AtMost, wh(lots[lot].remaining));
        }
        model
    }

    fn add_column(&mut self, domain: Domain<'_>, book: usize, entries: &[usize], value: f64, most: u64) -> Variable {
        match domain {
            Domain::Real => self.program.add_variable(value, wh(most)),
            Domain::Whole => self.program.add_integer(value, 0.0, wh(most)),
            Domain::Near(amounts, radius) => {
                let amount: u64 = entries.iter().map(|entry| amounts[book][*entry]).sum();
                let (least, most) = (amount.saturating_sub(radius), amount.saturating_add(radius).min(most));
                self.program.add_integer(value, wh(least.min(most)), wh(most))
            }
        }
    }

    /// Each rung passes on what it gets from below and its sellers, less what its buyers take; the last passes nothing.
    fn add_ladder(&mut self, book: &Book, first: usize) {
        self.ladders.push((self.program.rows(), book.rungs));
        let mut rungs: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); book.rungs];
        for column in &self.columns[first..] {
            let entry = book.entries[column.entries[0]];
            rungs[entry.rung()].push((column.variable, sign(entry.side)));
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
    fn add_limits(&mut self, problem: &Problem, lots: &[Lot], book: &Book, first: usize) {
        let mut variables: Vec<[Vec<Variable>; 2]> = vec![Default::default(); book.groups.len()];
        for column in &self.columns[first..] {
            let entry = book.entries[column.entries[0]];
            variables[entry.group()][place(entry.side)].push(column.variable);
        }
        for ((group, cell), variables) in book.groups.iter().zip(cells_of(problem, lots, book)).zip(&variables) {
            let limits = problem.limits(*group);
            let [internal, external] =
                [limits.internal, limits.external].map(|limit| limit.map_or(f64::INFINITY, |limit| wh(limit.0)));
            for side in [0, 1].into_iter().filter(|side| cell.internal[*side]) {
                let terms = variables[side].iter().map(|variable| (*variable, 1.0));
                self.program.add_row(terms, Comparison::AtMost, internal);
            }
            self.add_external(variables, external, &cell);
        }
    }

    /// Where both directions bind, one row and a bounded variable say it.
    fn add_external(&mut self, variables: &[Vec<Variable>; 2], limit: f64, cell: &Cell) {
        let net = |sign: f64| {
            let sold = variables[0].iter().map(move |variable| (*variable, sign));
            sold.chain(variables[1].iter().map(move |variable| (*variable, -sign)))
        };
        match cell.external {
            [true, true] => {
                let net_and_limit = self.program.add_variable(0.0, 2.0 * limit);
                self.program.add_row(net(1.0).chain([(net_and_limit, -1.0)]), Comparison::Equal, -limit);
            }
            [true, false] => self.program.add_row(net(1.0), Comparison::AtMost, limit),
            [false, true] => self.program.add_row(net(-1.0), Comparison::AtMost, limit),
            [false, false] => {}
        }
    }

    /// Requires that so much is sold, Wh.
    pub fn sell_at_least(&mut self, books: &[Book], energy: u64) {
        let sells = |column: &&Column| books[column.book].entries[column.entries[0]].side == Side::Sell;
        let terms: Vec<_> = self.columns.iter().filter(sells).map(|column| (column.variable, 1.0)).collect();
        self.program.add_row(terms, Comparison::AtLeast, wh(energy));
    }

    /// The solution in whole watt-hours, rounded down. Columns are dealt to their entries in order.
    pub fn amounts(&self, lots: &[Lot], books: &[Book], values: &[f64]) -> Amounts {
        let mut amounts: Amounts = books.iter().map(|book| vec![0; book.entries.len()]).collect();
        for column in &self.columns {
            let mut energy = whole(values[column.variable.index()]);
            for entry in &column.entries {
                let part = energy.min(lots[books[column.book].entries[*entry].lot()].remaining);
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

    /// A bound on the objective that any prices of the rows prove, however they were found: `duals` in the order of the
    /// rows, as they should be at an optimum.
    ///
    /// They are mended first: prices on a ladder rise, and limits cost nothing or something. Lots with several columns
    /// then fill the best of these, as far as they go: the best answer to the other prices, which makes their own.
    pub fn bound(&self, lots: &[Lot], duals: &[f64]) -> f64 {
        let mut duals = duals.to_vec();
        self.ladders.iter().for_each(|(first, rungs)| rising(&mut duals[*first..first + rungs]));
        self.lot_rows.iter().for_each(|(row, _)| duals[*row] = 0.0);
        self.program.clamp_duals(&mut duals);
        let mut chances: Vec<Vec<(f64, u64)>> = vec![Vec::new(); lots.len()];
        let mut reduced = self.program.reduced_objective(&duals);
        for (column, lot) in self.columns.iter().zip(&self.shared) {
            if let Some(lot) = lot {
                chances[*lot].push((reduced[column.variable.index()], column.most));
                reduced[column.variable.index()] = 0.0;
            }
        }
        let of_lots = lots.iter().zip(chances).map(|(lot, chances)| best_use(lot.remaining, chances));
        self.program.lagrangian(&duals, &reduced) + of_lots.sum::<f64>()
    }
}

/// The most that so much energy can contribute, by chances of so much a watt-hour for at most so many.
fn best_use(mut energy: u64, mut chances: Vec<(f64, u64)>) -> f64 {
    chances.retain(|(worth, _)| *worth > 0.0);
    chances.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let used = chances.into_iter().map(|(worth, most)| {
        let part = most.min(energy);
        energy -= part;
        worth * wh(part)
    });
    used.sum()
}

/// What tells columns of a book apart. Only lots that have no other interval share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rung: usize,
    is_buy: bool,
    /// Its place in the book.
    group: usize,
    expiry: u32,
    /// Where the price itself counts.
    price: Option<Price>,
    alone: Option<usize>,
}

fn columns_of(lots: &[Lot], book: &Book, uses: &[u32], worth: Worth) -> BTreeMap<Key, Vec<usize>> {
    let mut columns: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (number, entry) in book.entries.iter().enumerate() {
        let lot = &lots[entry.lot()];
        let key = Key {
            rung: entry.rung(),
            is_buy: entry.side == Side::Buy,
            group: entry.group(),
            expiry: lot.expiry.0,
            price: (worth == Worth::Benefit).then_some(lot.price),
            alone: (uses[entry.lot()] > 1).then_some(number),
        };
        columns.entry(key).or_default().push(number);
    }
    columns
}

const fn sign(side: Side) -> f64 {
    match side {
        Side::Sell => 1.0,
        Side::Buy => -1.0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use optimizer::{Backend, InProcess, Optimize};
    use proptest::prelude::*;

    use super::*;
    use crate::{book::books_of, dense, lots::lots_of, random};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn its_optimum_is_the_dense_programs(problem in random::problems(), tie_break in prop::option::of(Just(1e-4))) {
            let (lots, _) = lots_of(&problem);
            let books = books_of(&lots, |_, _| true);
            let pairs = dense::pairs_of(&problem, &lots, |_, _| true);
            prop_assert_eq!(books.iter().map(Book::pairs).sum::<usize>(), pairs.len());
            let compact = Compact::new(&problem, &lots, &books, Worth::Energy(tie_break), Domain::Real).program;
            let dense = dense::program_of(&problem, &lots, &pairs, tie_break);
            let [compact, dense] = [compact, dense].map(|program| InProcess(Backend::Cbc).solve(&program, Duration::MAX));
            let (compact, dense) = (compact.expect("solved").objective, dense.expect("solved").objective);
            prop_assert!((compact - dense).abs() < 1e-6, "{} and {}", compact, dense);
        }
    }
}
