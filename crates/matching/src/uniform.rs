//! One price an interval: which offers may be matched.

use std::collections::BTreeMap;

use transax::Side;
use units::{IntervalIndex, Price};

use crate::{book::Deal, lots::Lot};

/// What an interval trades, by price.
#[derive(Default)]
struct Book {
    /// Sold at each seller's price, and bought at each buyer's, Wh.
    sold: BTreeMap<Price, u64>,
    bought: BTreeMap<Price, u64>,
}

/// For each interval with deals, a price that keeps as much as possible of what they trade: the sellers at or below it
/// against the buyers at or above it. The lowest of the best, so the answer is one.
pub(crate) fn prices_of(lots: &[Lot], deals: &[Deal]) -> BTreeMap<IntervalIndex, Price> {
    let mut books: BTreeMap<IntervalIndex, Book> = BTreeMap::new();
    for deal in deals {
        let book = books.entry(deal.interval).or_default();
        *book.sold.entry(lots[deal.seller].price).or_default() += deal.energy;
        *book.bought.entry(lots[deal.buyer].price).or_default() += deal.energy;
    }
    books.into_iter().filter_map(|(interval, book)| Some((interval, book.best_price()?))).collect()
}

impl Book {
    fn best_price(&self) -> Option<Price> {
        let kept = |price: Price| {
            let sold: u64 = self.sold.range(..=price).map(|(_, energy)| energy).sum();
            let bought: u64 = self.bought.range(price..).map(|(_, energy)| energy).sum();
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
