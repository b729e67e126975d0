//! From an optimum in real numbers to whole watt-hours.

use crate::{
    Problem,
    allotment::Allotment,
    book::{Amounts, Book, Deal},
    circulation::raise,
    lots::Lot,
};

/// Taken for a whole number when less than this short of it, Wh.
const TOLERANCE: f64 = 1e-6;

/// A feasible plan near amounts that were rounded down: what pairs up, less what breaks an external limit, plus what
/// then fits into single intervals.
pub(crate) fn deals_of(problem: &Problem, lots: &[Lot], books: &[Book], rounded: &Amounts) -> Vec<Deal> {
    let paired: Vec<Deal> = books.iter().zip(rounded).flat_map(|(book, amounts)| book.deal(amounts)).collect();
    let mut allotment = Allotment::new(problem, lots, &paired);
    allotment.repair();
    let mut amounts = amounts_of(lots, books, allotment.deals());
    raise(problem, lots, books, &mut amounts);
    books.iter().zip(&amounts).flat_map(|(book, amounts)| book.deal(amounts)).collect()
}

/// What each entry trades. Deals and books ascend by interval.
fn amounts_of(lots: &[Lot], books: &[Book], deals: impl Iterator<Item = Deal>) -> Amounts {
    let mut deals = deals.peekable();
    let amounts = books.iter().map(|book| {
        let mut traded = vec![0; lots.len()];
        while let Some(deal) = deals.next_if(|deal| deal.interval == book.interval) {
            traded[deal.seller] += deal.energy;
            traded[deal.buyer] += deal.energy;
        }
        book.entries.iter().map(|entry| traded[entry.lot]).collect()
    });
    amounts.collect()
}

/// The whole watt-hours of a value; zero for what is negative or no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors, and saturates by intent")]
pub(crate) fn whole(value: f64) -> u64 {
    (value + TOLERANCE).floor() as u64
}
