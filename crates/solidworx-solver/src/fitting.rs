//! What of an allocation fits a transaction.

use std::collections::BTreeSet;

use solidworx::{Assignment, Market, packing};

/// What a transaction may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Gas, by the estimate of [`fit`].
    pub gas: u64,
    /// Bytes of offers and assignments.
    pub bytes: usize,
}

impl Default for Room {
    /// A little less than the 2^24 gas and the 128 KiB that there are.
    fn default() -> Self {
        Self { gas: 15_500_000, bytes: 130_000 }
    }
}

/// What a transaction takes whatever it proposes.
const GAS_BASE: u64 = 80_000;
/// What an offer takes beside its bytes: a cold word of storage, and its hash.
const GAS_OFFER: u64 = 3_600;
/// What an assignment takes beside its bytes.
const GAS_ASSIGNMENT: u64 = 3_300;
/// What a byte takes: 16 gas where it is not zero, and most are.
const GAS_BYTE: u64 = 16;

/// Assignments in their order, but for those that `room` is not enough for: the ones that are worth least go first.
/// Estimates are above what the contract's snapshots measure. Sorts once; linear otherwise.
pub fn fit(market: &Market, assignments: Vec<Assignment>, room: Room) -> Vec<Assignment> {
    let mut by_worth: Vec<usize> = (0..assignments.len()).collect();
    let worth =
        |place: &usize| assignments.get(*place).map_or(0, |one| market.verify(std::slice::from_ref(one)).unwrap_or(0));
    by_worth.sort_by_cached_key(|place| std::cmp::Reverse(worth(place)));
    let (mut offers, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let (mut gas, mut bytes) = (GAS_BASE, 0);
    for place in by_worth {
        let Some(one) = assignments.get(place) else { continue };
        let both = [one.providing_offer, one.consuming_offer];
        let new: Vec<u64> = both.into_iter().filter(|id| !offers.contains(id)).collect();
        let sizes = new.iter().filter_map(|id| market.offer(*id));
        let size = packing::ASSIGNMENT + sizes.map(packing::size_in_solution).sum::<usize>();
        let takes = GAS_ASSIGNMENT + GAS_OFFER * new.len() as u64 + GAS_BYTE * size as u64;
        if gas + takes > room.gas || bytes + size > room.bytes {
            continue;
        }
        (gas, bytes) = (gas + takes, bytes + size);
        offers.extend(new);
        kept.insert(place);
    }
    let numbered = assignments.into_iter().enumerate();
    numbered.filter(|(place, _)| kept.contains(place)).map(|(_, one)| one).collect()
}
