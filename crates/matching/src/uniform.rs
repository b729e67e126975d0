//! One price an interval: which offers may be matched.

use std::collections::BTreeMap;

use optimizer::Solution;
use transax::Side;
use units::{IntervalIndex, Price};

use crate::{lots::Lot, model::Pair};

/// What an interval trades, by price.
#[derive(Default)]
struct Book {
    /// Sold at each seller's price, and bought at each buyer's, Wh.
    sold: BTreeMap<Price, f64>,
    bought: BTreeMap<Price, f64>,
}

/// For each interval with pairs, a price that keeps as much as possible of what the solution trades: the sellers at or
/// below it against the buyers at or above it. The lowest of the best, so the answer is one.
pub(crate) fn prices_of(lots: &[Lot], pairs: &[Pair], solution: &Solution) -> BTreeMap<IntervalIndex, Price> {
    let mut books: BTreeMap<IntervalIndex, Book> = BTreeMap::new();
    for (pair, value) in pairs.iter().zip(&solution.values) {
        let book = books.entry(pair.interval).or_default();
        *book.sold.entry(lots[pair.seller].price).or_default() += value;
        *book.bought.entry(lots[pair.buyer].price).or_default() += value;
    }
    books.into_iter().filter_map(|(interval, book)| Some((interval, book.best_price()?))).collect()
}

impl Book {
    fn best_price(&self) -> Option<Price> {
        let kept = |price: Price| {
            let sold: f64 = self.sold.range(..=price).map(|(_, energy)| energy).sum();
            let bought: f64 = self.bought.range(price..).map(|(_, energy)| energy).sum();
            sold.min(bought)
        };
        let candidates = self.sold.keys().copied().map(|price| (price, kept(price)));
        candidates.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(price, _)| price)
    }
}

/// Whether a lot trades at its interval's price.
pub(crate) fn accepts(prices: &BTreeMap<IntervalIndex, Price>, interval: IntervalIndex, lot: &Lot) -> bool {
    prices.get(&interval).is_some_and(|price| match lot.side {
        Side::Sell => lot.price <= *price,
        Side::Buy => lot.price >= *price,
    })
}
