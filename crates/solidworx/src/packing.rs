//! The byte layouts of the packed interface; see the header of `ISolidWorx.sol`. All numbers are big-endian.

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};

use crate::{Alternative, Assignment, Market, Offer, Side};

/// Bytes of an alternative.
pub const ALTERNATIVE: usize = 24;
/// Bytes of an assignment in a solution.
pub const ASSIGNMENT: usize = 22;
/// Bytes of a record.
pub const RECORD: usize = 40;
/// The most alternatives of an offer.
pub const MOST_ALTERNATIVES: usize = 256;

/// What `postPackedOffer` takes.
pub fn alternatives(offer: &Offer) -> Vec<u8> {
    let words = offer.alternatives.iter().flat_map(|listed| {
        let Alternative { resource_type, quantity, price } = *listed;
        [resource_type, quantity, price]
    });
    words.flat_map(u64::to_be_bytes).collect()
}

/// Contents of an offer. `None` for one that has more alternatives than any offer may have.
pub fn contents(offer: &Offer) -> Option<Vec<u8>> {
    let count = u16::try_from(offer.alternatives.len()).ok()?;
    let mut bytes = offer.owner.to_vec();
    bytes.push(u8::from(offer.side == Side::Providing));
    bytes.extend(count.to_be_bytes());
    bytes.extend(alternatives(offer));
    Some(bytes)
}

/// What `postSolution` takes beside the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// The offers in use, each with its contents.
    pub offers: Vec<u8>,
    /// The assignments, which name offers and alternatives by their places.
    pub assignments: Vec<u8>,
}

/// An allocation as `postSolution` takes it. `None` where an assignment names an offer that is not in the market or a
/// type that it does not list, and where places do not fit their fields: past 65,536 offers.
pub fn solution(market: &Market, assignments: &[Assignment]) -> Option<Solution> {
    let mut places: BTreeMap<u64, (u16, &Offer)> = BTreeMap::new();
    for id in assignments.iter().flat_map(|one| [one.providing_offer, one.consuming_offer]) {
        places.insert(id, (0, market.offer(id)?));
    }
    let mut packed = Solution::default();
    for (number, (id, (place, offer))) in places.iter_mut().enumerate() {
        *place = u16::try_from(number).ok()?;
        packed.offers.extend(id.to_be_bytes());
        packed.offers.extend(contents(offer)?);
    }
    for assignment in assignments {
        let (from, given) = place_of(&places, assignment.providing_offer, assignment.resource_type)?;
        let (to, taken) = place_of(&places, assignment.consuming_offer, assignment.resource_type)?;
        packed.assignments.extend(from.to_be_bytes());
        packed.assignments.extend(to.to_be_bytes());
        packed.assignments.extend([given, taken]);
        packed.assignments.extend(assignment.quantity.to_be_bytes());
        packed.assignments.extend(assignment.price.to_be_bytes());
    }
    Some(packed)
}

fn place_of(places: &BTreeMap<u64, (u16, &Offer)>, id: u64, resource_type: u64) -> Option<(u16, u8)> {
    let (place, offer) = places.get(&id)?;
    let (number, _) = offer.alternative(resource_type)?;
    Some((*place, u8::try_from(number).ok()?))
}

/// Assignments as records, which `finalize` takes.
pub fn records(assignments: &[Assignment]) -> Vec<u8> {
    assignments.iter().flat_map(record).collect()
}

/// The chain over the records of an allocation; zero for none.
pub fn chain(assignments: &[Assignment]) -> B256 {
    assignments.iter().fold(B256::ZERO, |chain, one| keccak256([&chain[..], &record(one)].concat()))
}

fn record(assignment: &Assignment) -> Vec<u8> {
    let Assignment { providing_offer, consuming_offer, resource_type, quantity, price } = *assignment;
    [providing_offer, consuming_offer, resource_type, quantity, price].into_iter().flat_map(u64::to_be_bytes).collect()
}

/// What one call of `finalize` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The chain of what is left after it.
    pub rest: B256,
    /// The records that it makes final.
    pub records: Vec<u8>,
}

/// The calls of `finalize` that end a cycle, at most `most` (1 where it is 0) assignments each: the last assignments
/// first, and one empty page where nothing was allocated.
pub fn pages(assignments: &[Assignment], most: usize) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut left = assignments;
    loop {
        let (before, page) = left.split_at(left.len().saturating_sub(most.max(1)));
        pages.push(Page { rest: chain(before), records: records(page) });
        left = before;
        if left.is_empty() {
            return pages;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(count: u64) -> Vec<Assignment> {
        let one =
            |quantity| Assignment { providing_offer: 1, consuming_offer: 2, resource_type: 3, quantity, price: 4 };
        (1..=count).map(one).collect()
    }

    #[test]
    fn pages_open_the_chain_from_its_end() {
        let all = some(7);
        let pages = pages(&all, 3);
        assert_eq!(pages.iter().map(|page| page.records.len() / RECORD).collect::<Vec<_>>(), [3, 3, 1]);
        let mut expected = chain(&all);
        for page in pages {
            let opened =
                page.records.chunks(RECORD).fold(page.rest, |chain, record| keccak256([&chain[..], record].concat()));
            assert_eq!(opened, expected);
            expected = page.rest;
        }
        assert_eq!(expected, B256::ZERO);
    }

    #[test]
    fn a_cycle_without_allocation_ends_with_an_empty_page() {
        assert_eq!(pages(&[], 9), [Page { rest: B256::ZERO, records: Vec::new() }]);
    }
}
