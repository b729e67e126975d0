//! From amounts near an optimum in real numbers to a plan in whole watt-hours.

use crate::{
    Problem,
    allotment::Allotment,
    book::{Amounts, Book, Deal},
    circulation::raise,
    lots::Lot,
};

/// Taken for a whole number when less than this short of it, Wh.
const TOLERANCE: f64 = 1e-6;

/// A feasible plan near amounts: what pairs up, less what offers do not hold and what breaks a limit, plus what then
/// fits into single intervals.
pub(crate) fn feasible(problem: &Problem, lots: &[Lot], books: &[Book], amounts: &Amounts) -> Amounts {
    let mut allotment = Allotment::new(problem, lots, &deals_of(books, amounts));
    allotment.repair();
    let mut amounts = amounts_of(lots, books, allotment.deals());
    raise(problem, lots, books, &mut amounts);
    amounts
}

/// Who trades with whom.
pub(crate) fn deals_of(books: &[Book], amounts: &Amounts) -> Vec<Deal> {
    let mut deals = Vec::new();
    books.iter().zip(amounts).for_each(|(book, amounts)| book.deal(&book.traders(amounts), &mut deals));
    deals
}

/// Who trades with whom in the end: equal amounts with each other first, since such a pair needs one trade for two lots.
pub(crate) fn final_deals(books: &[Book], amounts: &Amounts) -> Vec<Deal> {
    let mut deals = Vec::new();
    for (book, amounts) in books.iter().zip(amounts) {
        let mut traders = book.traders(amounts);
        book.deal_equals(&mut traders, &mut deals);
        book.deal(&traders, &mut deals);
    }
    deals
}

/// The energy of a plan, Wh.
pub(crate) fn value_of(amounts: &Amounts) -> u64 {
    // Every watt-hour is sold once and bought once.
    amounts.iter().flatten().sum::<u64>() / 2
}

/// What each entry trades. Deals and books ascend by interval.
fn amounts_of(lots: &[Lot], books: &[Book], deals: impl Iterator<Item = Deal>) -> Amounts {
    let mut deals = deals.peekable();
    let mut traded = vec![0; lots.len()];
    let amounts = books.iter().map(|book| {
        while let Some(deal) = deals.next_if(|deal| deal.interval == book.interval) {
            traded[deal.seller] += deal.energy;
            traded[deal.buyer] += deal.energy;
        }
        book.entries.iter().map(|entry| std::mem::take(&mut traded[entry.lot()])).collect()
    });
    amounts.collect()
}

/// The whole watt-hours of a value; zero for what is negative or no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors, and saturates by intent")]
pub(crate) fn whole(value: f64) -> u64 {
    (value + TOLERANCE).floor() as u64
}
