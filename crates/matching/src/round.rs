//! From an optimum in real numbers to whole watt-hours.

use optimizer::Solution;

use crate::{Problem, allotment::Allotment, lots::Lot, model::Pair};

/// Taken for a whole number when less than this short of it, Wh.
const TOLERANCE: f64 = 1e-6;

/// Rounds down, drops what breaks an external limit, then adds what still fits.
pub(crate) fn round<'a>(
    problem: &Problem,
    lots: &[Lot],
    pairs: &'a [Pair],
    solution: &Solution,
    favour: impl Fn(Pair) -> f64,
) -> Allotment<'a> {
    let mut allotment = Allotment::new(problem, lots, pairs);
    for (pair, value) in solution.values.iter().enumerate() {
        let energy = whole(*value).min(allotment.room_inside(pair));
        allotment.add(pair, energy);
    }
    allotment.repair();
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|a, b| favour(pairs[*b]).total_cmp(&favour(pairs[*a])).then(a.cmp(b)));
    top_up(&mut allotment, &order);
    allotment
}

/// Adds to pairs in order until a whole round adds nothing: a trade one way makes room for one the other way.
fn top_up(allotment: &mut Allotment<'_>, order: &[usize]) {
    loop {
        let mut added = 0;
        for pair in order {
            let room = allotment.room(*pair);
            if room > 0 {
                allotment.add(*pair, room);
                added += room;
            }
        }
        if added == 0 {
            return;
        }
    }
}

/// The whole watt-hours of a value; zero for what is negative or no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "floors, and saturates by intent")]
pub(crate) fn whole(value: f64) -> u64 {
    (value + TOLERANCE).floor() as u64
}
