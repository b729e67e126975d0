//! One price an interval.
//!
//! With the prices fixed, only lots that accept them take part, no price keeps anybody apart, and the problem is a flow
//! with a whole optimum. So a plan is found by its prices: those that suit a plan without the rule, then better ones
//! one interval at a time; where the problem is small, by a program that chooses prices and amounts at once.

use std::collections::BTreeMap;

use transax::{PriceRule, Side};
use units::{IntervalIndex, Price};

use crate::{
    book::{Book, Deal, books_of},
    consolidation::consolidate,
    flow::Flow,
    lots::Lot,
    prices,
    shape::Shape,
    task::{Found, Task},
    whole::{deals_of, final_deals, value_of},
};

/// How many lists of prices are tried one by one.
const MOST_TRIALS: usize = 4_000;

/// A price for each interval; nothing is traded in the others.
pub(crate) type Prices = BTreeMap<IntervalIndex, Price>;

/// The plan, guided by `found`, whose bound is lowered where it is proved that no prices reach it.
pub(crate) fn deals(task: &Task<'_>, found: &mut Found) -> Vec<Deal> {
    debug_assert_eq!(task.problem.price_rule, PriceRule::Uniform, "nothing else asks for one price");
    let mut search = Search { task, candidates: candidates_of(task), trials: 0 };
    let mut prices = prices_of(task.lots, &deals_of(task.books, &found.amounts));
    search.complete(&mut prices);
    let mut value = search.climb(&mut prices);
    if value < found.bound
        && let Some((chosen, bound)) = prices::choose(task, &search.candidates)
    {
        found.bound = bound.unwrap_or(found.bound).min(found.bound);
        let reached = search.value(&chosen);
        if reached > value {
            (prices, value) = (chosen, reached);
        }
    }
    let books = books_at(task, &prices);
    let mut amounts = Shape::OnePrice.solve(&Task { books: &books, ..*task }).amounts;
    debug_assert_eq!(value_of(&amounts), value, "prices decide what is traded");
    consolidate(task, &books, &mut amounts);
    final_deals(&books, &amounts)
}

struct Search<'a> {
    task: &'a Task<'a>,
    candidates: BTreeMap<IntervalIndex, Vec<Price>>,
    trials: usize,
}

impl Search<'_> {
    /// The most energy at these prices.
    fn value(&mut self, prices: &Prices) -> u64 {
        self.trials += 1;
        let books = books_at(self.task, prices);
        Flow::begun(self.task.problem, self.task.lots, &books).most()
    }

    /// Gives intervals without a price the one at which most could be traded if they stood alone.
    fn complete(&self, prices: &mut Prices) {
        for book in self.task.books {
            let Some(candidates) = self.candidates.get(&book.interval) else { continue };
            let could = |price: Price| {
                let sum = |side| {
                    let accepting = book.entries.iter().map(|entry| &self.task.lots[entry.lot()]);
                    let accepting = accepting.filter(|lot| lot.side == side && agrees(price, lot));
                    accepting.fold(0_u64, |sum, lot| sum.saturating_add(lot.remaining))
                };
                sum(Side::Sell).min(sum(Side::Buy))
            };
            prices.entry(book.interval).or_insert_with(|| best_of(candidates.iter().copied(), could));
        }
    }

    /// Moves prices to neighbouring ones, one interval at a time, while that trades more; what is traded then.
    fn climb(&mut self, prices: &mut Prices) -> u64 {
        let mut value = self.value(prices);
        loop {
            let before = value;
            let intervals: Vec<IntervalIndex> = prices.keys().copied().collect();
            for interval in intervals {
                for is_up in [true, false] {
                    while self.trials < MOST_TRIALS && !self.task.is_late() {
                        let Some(next) = self.neighbour(interval, prices[&interval], is_up) else { break };
                        let mut tried = prices.clone();
                        tried.insert(interval, next);
                        let reached = self.value(&tried);
                        if reached <= value {
                            break;
                        }
                        (*prices, value) = (tried, reached);
                    }
                }
            }
            if value == before {
                return value;
            }
        }
    }

    fn neighbour(&self, interval: IntervalIndex, price: Price, is_up: bool) -> Option<Price> {
        let candidates = self.candidates.get(&interval)?;
        let place = candidates.binary_search(&price).ok()?;
        candidates.get(if is_up { place + 1 } else { place.checked_sub(1)? }).copied()
    }
}

/// The asking prices of each interval, ascending: lowering a price to the dearest seller's that accepts it loses no
/// seller and no buyer.
fn candidates_of(task: &Task<'_>) -> BTreeMap<IntervalIndex, Vec<Price>> {
    let candidates = task.books.iter().map(|book| {
        let sellers = book.entries.iter().filter(|entry| entry.side == Side::Sell);
        let mut prices: Vec<Price> = sellers.map(|entry| task.lots[entry.lot()].price).collect();
        prices.dedup();
        (book.interval, prices)
    });
    candidates.collect()
}

fn books_at(task: &Task<'_>, prices: &Prices) -> Vec<Book> {
    books_of(task.lots, |interval, lot| prices.get(&interval).is_some_and(|price| agrees(*price, lot)))
}

/// Whether a lot trades at a price.
fn agrees(price: Price, lot: &Lot) -> bool {
    match lot.side {
        Side::Sell => lot.price <= price,
        Side::Buy => lot.price >= price,
    }
}

/// For each interval with deals, the price that keeps as much as possible of what they trade: the sellers at or below
/// it against the buyers at or above it.
fn prices_of(lots: &[Lot], deals: &[Deal]) -> Prices {
    let mut by_interval: BTreeMap<IntervalIndex, Vec<Deal>> = BTreeMap::new();
    for deal in deals {
        by_interval.entry(deal.interval).or_default().push(*deal);
    }
    let prices = by_interval.into_iter().map(|(interval, deals)| {
        let kept = |price: Price| {
            let sold = deals.iter().filter(|deal| lots[deal.seller].price <= price).map(|deal| deal.energy);
            let bought = deals.iter().filter(|deal| lots[deal.buyer].price >= price).map(|deal| deal.energy);
            sold.sum::<u64>().min(bought.sum())
        };
        let mut asked: Vec<Price> = deals.iter().map(|deal| lots[deal.seller].price).collect();
        asked.sort_unstable();
        asked.dedup();
        (interval, best_of(asked.into_iter(), kept))
    });
    prices.collect()
}

/// The lowest of the best.
fn best_of(candidates: impl Iterator<Item = Price>, merit: impl Fn(Price) -> u64) -> Price {
    let judged = candidates.map(|price| (price, merit(price)));
    judged.reduce(|best, next| if next.1 > best.1 { next } else { best }).map_or(Price(0), |(price, _)| price)
}
