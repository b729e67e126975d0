//! Making an allocation fit the contract's rounding.

use solidworx::{Assignment, Market};

/// Takes up assignments one after another, each with as many of its units as the exact verifier still accepts: what was
/// wanted, but for units that rounding leaves no room for.
pub(crate) fn fit(market: &Market, wanted: Vec<Assignment>) -> Vec<Assignment> {
    if market.verify(&wanted).is_ok() {
        return wanted;
    }
    let mut taken: Vec<Assignment> = Vec::with_capacity(wanted.len());
    for assignment in wanted {
        // What does not touch its offers cannot refuse it.
        let touches = |one: &&Assignment| {
            one.providing_offer == assignment.providing_offer || one.consuming_offer == assignment.consuming_offer
        };
        let mut beside: Vec<Assignment> = taken.iter().filter(touches).copied().collect();
        let mut fits = |quantity| {
            beside.push(Assignment { quantity, ..assignment });
            let is_fine = market.verify(&beside).is_ok();
            beside.pop();
            is_fine
        };
        let quantity = greatest(assignment.quantity, &mut fits);
        if quantity > 0 {
            taken.push(Assignment { quantity, ..assignment });
        }
    }
    taken
}

/// The greatest number from 1 to `most` that fits, where all below one that fits do; 0 where none does.
fn greatest(most: u64, fits: &mut impl FnMut(u64) -> bool) -> u64 {
    if fits(most) {
        return most;
    }
    let (mut fitting, mut failing) = (0, most);
    while failing - fitting > 1 {
        let middle = fitting.midpoint(failing);
        if fits(middle) { fitting = middle } else { failing = middle }
    }
    fitting
}
