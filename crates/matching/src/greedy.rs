//! A first plan: what ends first is matched first, one interval after the other.

use transax::Side;

use crate::{
    Problem,
    book::{Amounts, Book},
    circulation::fill,
    flow::amount,
    groups::Groups,
    lots::Lot,
};

/// A feasible plan to which no interval can add anything alone. On large markets it comes within a few thousandths of
/// the optimum, since what could have waited is kept for later intervals.
pub(crate) fn soonest_first(problem: &Problem, lots: &[Lot], books: &[Book]) -> Amounts {
    let mut left: Vec<u64> = lots.iter().map(|lot| lot.remaining).collect();
    let plan = books.iter().map(|book| {
        let mut amounts = vec![0; book.entries.len()];
        pair_up(problem, lots, book, &mut left, &mut amounts);
        fill(problem, lots, book, &mut left, &mut amounts);
        amounts
    });
    plan.collect()
}

/// Pairs those that end first as prices and limits allow; what they trade is taken from what their lots have left.
fn pair_up(problem: &Problem, lots: &[Lot], book: &Book, left: &mut [u64], amounts: &mut [u64]) {
    let mut groups = Groups::new(problem, book);
    let (mut sellers, buyers) = (queue(lots, book, left, Side::Sell), queue(lots, book, left, Side::Buy));
    for buyer in buyers {
        let bid = book.entries[buyer];
        let to = bid.group();
        let mut is_used_up = false;
        for seller in &sellers {
            if left[bid.lot()] == 0 || groups.at(to).is_full(Side::Buy) {
                break;
            }
            let ask = book.entries[*seller];
            if ask.rung() > bid.rung() {
                continue;
            }
            let from = ask.group();
            let room = groups.room_between(from, to).max(0).unsigned_abs();
            let energy = room.min(left[bid.lot()]).min(left[ask.lot()]);
            for (side, place, group) in [(Side::Sell, *seller, from), (Side::Buy, buyer, to)] {
                left[book.entries[place].lot()] -= energy;
                amounts[place] += energy;
                groups.add(group, side, amount(energy));
            }
            is_used_up |= left[ask.lot()] == 0 || groups.at(from).is_full(Side::Sell);
        }
        if is_used_up {
            sellers.retain(|seller| {
                let ask = book.entries[*seller];
                left[ask.lot()] > 0 && !groups.at(ask.group()).is_full(Side::Sell)
            });
        }
    }
}

/// The entries of a side that have energy left: what ends first, and of these the ones that the fewest of the other
/// side accept.
fn queue(lots: &[Lot], book: &Book, left: &[u64], side: Side) -> Vec<usize> {
    let entries = book.entries.iter().enumerate();
    let waiting = entries.filter(|(_, entry)| entry.side == side && left[entry.lot()] > 0);
    let mut places: Vec<usize> = waiting.map(|(place, _)| place).collect();
    places.sort_by_key(|place| {
        let entry = &book.entries[*place];
        let others = if side == Side::Sell { book.rungs - entry.rung() } else { entry.rung() };
        (lots[entry.lot()].end, others, *place)
    });
    places
}
