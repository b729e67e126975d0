//! Prices and amounts chosen at once, by a program in whole numbers.

use std::collections::BTreeMap;

use optimizer::{Comparison, LinearProgram, Status, Variable};
use transax::Side;
use units::{GroupId, IntervalIndex, Price};

use crate::{
    book::Book,
    cells::place,
    dense::wh,
    task::{Task, whole_bound},
    uniform::Prices,
};

/// The most amounts and prices of a program.
const MOST_AMOUNTS: usize = 1_500;
const MOST_PRICES: usize = 400;

/// The prices of a plan of most energy with one price an interval, and a bound on that energy where it is the optimum.
/// `None` where the problem is too large, or the optimizer fails or is late.
pub(crate) fn choose(
    task: &Task<'_>,
    candidates: &BTreeMap<IntervalIndex, Vec<Price>>,
) -> Option<(Prices, Option<u64>)> {
    let amounts: usize = task.books.iter().map(|book| book.entries.len()).sum();
    if amounts > MOST_AMOUNTS || candidates.values().map(Vec::len).sum::<usize>() > MOST_PRICES || task.is_late() {
        return None;
    }
    let mut choice =
        Choice { program: LinearProgram::new(), of_lot: vec![Vec::new(); task.lots.len()], prices: Vec::new() };
    for book in task.books {
        choice.add_book(task, book, candidates.get(&book.interval)?);
    }
    for (lot, terms) in task.lots.iter().zip(std::mem::take(&mut choice.of_lot)) {
        choice.program.add_row(terms, Comparison::AtMost, wh(lot.remaining));
    }
    let solution = task.optimizer?.solve(&choice.program, task.left()).ok()?;
    let chosen = choice.prices.iter().filter(|(.., variable)| solution.value(*variable) > 0.5);
    let prices = chosen.map(|(interval, price, _)| (*interval, *price)).collect();
    let bound = (solution.status == Status::Optimal).then(|| whole_bound(solution.objective));
    Some((prices, bound))
}

struct Choice {
    program: LinearProgram,
    of_lot: Vec<Vec<(Variable, f64)>>,
    /// One where the interval has this price.
    prices: Vec<(IntervalIndex, Price, Variable)>,
}

impl Choice {
    fn add_book(&mut self, task: &Task<'_>, book: &Book, candidates: &[Price]) {
        let prices: Vec<(Price, Variable)> =
            candidates.iter().map(|price| (*price, self.program.add_integer(0.0, 0.0, 1.0))).collect();
        self.prices.extend(prices.iter().map(|(price, variable)| (book.interval, *price, *variable)));
        self.program.add_row(prices.iter().map(|(_, variable)| (*variable, 1.0)), Comparison::AtMost, 1.0);
        let mut balance = Vec::new();
        let mut groups: Vec<[Vec<Variable>; 2]> = vec![Default::default(); book.groups.len()];
        for entry in &book.entries {
            let lot = &task.lots[entry.lot()];
            let internal = task.problem.limits(book.groups[entry.group()]).internal.map_or(u64::MAX, |limit| limit.0);
            let most = wh(lot.remaining.min(internal));
            let is_sell = entry.side == Side::Sell;
            let variable = self.program.add_integer(if is_sell { 1.0 } else { 0.0 }, 0.0, most);
            self.of_lot[entry.lot()].push((variable, 1.0));
            balance.push((variable, if is_sell { 1.0 } else { -1.0 }));
            groups[entry.group()][place(entry.side)].push(variable);
            let suits = |price: Price| if is_sell { lot.price <= price } else { lot.price >= price };
            let suiting = prices.iter().filter(|(price, _)| suits(*price)).map(|(_, chosen)| (*chosen, -most));
            self.program.add_row(suiting.chain([(variable, 1.0)]), Comparison::AtMost, 0.0);
        }
        self.program.add_row(balance, Comparison::Equal, 0.0);
        for (group, [sold, bought]) in book.groups.iter().zip(groups) {
            self.add_limits(task, *group, &sold, &bought);
        }
    }

    fn add_limits(&mut self, task: &Task<'_>, group: GroupId, sold: &[Variable], bought: &[Variable]) {
        let limits = task.problem.limits(group);
        let terms = |variables: &[Variable], sign: f64| variables.iter().map(|variable| (*variable, sign)).collect();
        if let Some(internal) = limits.internal {
            for side in [sold, bought] {
                let terms: Vec<_> = terms(side, 1.0);
                self.program.add_row(terms, Comparison::AtMost, wh(internal.0));
            }
        }
        if let Some(external) = limits.external {
            for sign in [1.0, -1.0] {
                let (sold, bought): (Vec<_>, Vec<_>) = (terms(sold, sign), terms(bought, -sign));
                self.program.add_row(sold.into_iter().chain(bought), Comparison::AtMost, wh(external.0));
            }
        }
    }
}
