//! Most of a maximum flow through limits, in one go through the intervals.

use crate::{
    Problem,
    book::{Amounts, Book, Entry},
    cells::place,
    flow::amount,
    groups::{Group, Groups},
    lots::Lot,
};

/// A plan in which each interval trades the most that it could alone with what earlier ones left, whatever its prices.
/// Of each group those trade first who come first in the book, which at one price are those that expire first: so as
/// little as possible is kept that nobody can use later, and hardly more lots and groups trade than are done with.
pub(crate) fn start(problem: &Problem, lots: &[Lot], books: &[Book]) -> Amounts {
    let mut left: Vec<i64> = lots.iter().map(|lot| amount(lot.remaining)).collect();
    let plan = books.iter().map(|book| {
        let mut open = most_alone(problem, book, &left);
        let trade = |entry: &Entry| {
            let (left, open) = (&mut left[entry.lot()], &mut open[entry.group()][place(entry.side)]);
            let energy = (*left).min(*open);
            *left -= energy;
            *open -= energy;
            energy.unsigned_abs()
        };
        book.entries.iter().map(trade).collect()
    });
    plan.collect()
}

/// What each group sells and buys in an interval that trades the most: with itself what it can, then with others.
fn most_alone(problem: &Problem, book: &Book, left: &[i64]) -> Vec<[i64; 2]> {
    let mut sums = vec![[0_i64; 2]; book.groups.len()];
    for entry in &book.entries {
        let sum = &mut sums[entry.group()][place(entry.side)];
        *sum = sum.saturating_add(left[entry.lot()]);
    }
    // Never more than a group can exchange.
    let mut over: Vec<[i64; 2]> = Vec::with_capacity(sums.len());
    for (Group { internal, external, .. }, sums) in Groups::new(problem, book).each().zip(&mut sums) {
        let [sells, buys] = sums.map(|sum| sum.min(internal));
        let within = sells.min(buys);
        over.push([sells, buys].map(|energy| external.min(energy - within)));
        *sums = [within; 2];
    }
    let [exports, imports] = [0, 1].map(|side| over.iter().fold(0_i64, |sum, over| sum.saturating_add(over[side])));
    for side in [0, 1] {
        let mut exchanged = exports.min(imports);
        for (sums, over) in sums.iter_mut().zip(&over) {
            let part = exchanged.min(over[side]);
            sums[side] += part;
            exchanged -= part;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        book::books_of,
        flow::{Flow, Passage},
        lots::{lots_of, trades_of},
        random,
        whole::{final_deals, value_of},
    };

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_flow_that_starts_with_it_moves_as_much_as_one_that_starts_with_nothing(problem in random::problems()) {
            let (lots, _) = lots_of(&problem);
            let books = books_of(&lots, |_, _| true);
            let begun = Flow::begun(&problem, &lots, &books).most();
            prop_assert_eq!(begun, Flow::new(&problem, &lots, &books, Passage::Limits).most());
        }

        #[test]
        fn at_one_price_it_keeps_every_rule(mut problem in random::problems()) {
            for offer in problem.offers.values_mut() {
                offer.price = units::Price(1);
            }
            let (lots, members) = lots_of(&problem);
            let books = books_of(&lots, |_, _| true);
            let amounts = start(&problem, &lots, &books);
            let trades = trades_of(&lots, &members, &final_deals(&books, &amounts));
            prop_assert_eq!(problem.check(&trades).map(|energy| energy.0), Ok(value_of(&amounts)));
            prop_assert_eq!(trades.is_empty(), Flow::begun(&problem, &lots, &books).most() == 0);
        }
    }
}
