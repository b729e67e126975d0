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
pub fn alternatives(listed: &[Alternative]) -> Vec<u8> {
    let words = listed.iter().flat_map(|listed| {
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
    bytes.extend(alternatives(&offer.alternatives));
    Some(bytes)
}

/// Bytes that an offer takes in the list of a solution: its number, and its contents.
pub const fn size_in_solution(offer: &Offer) -> usize {
    // Owner, side, and the number of alternatives.
    const HEAD: usize = 8 + 20 + 1 + 2;
    HEAD.saturating_add(offer.alternatives.len().saturating_mul(ALTERNATIVE))
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

/// Assignments that records hold; `None` where the last is cut off.
pub fn read_records(records: &[u8]) -> Option<Vec<Assignment>> {
    let (whole, []) = records.as_chunks::<RECORD>() else { return None };
    let one = |record: &[u8; RECORD]| {
        let [providing_offer, consuming_offer, resource_type, quantity, price] = words(record)?;
        Some(Assignment { providing_offer, consuming_offer, resource_type, quantity, price })
    };
    whole.iter().map(one).collect()
}

/// Alternatives as [`alternatives`] packs them; `None` where the last is cut off.
pub fn read_alternatives(bytes: &[u8]) -> Option<Vec<Alternative>> {
    let (whole, []) = bytes.as_chunks::<ALTERNATIVE>() else { return None };
    let one = |listed: &[u8; ALTERNATIVE]| {
        let [resource_type, quantity, price] = words(listed)?;
        Some(Alternative { resource_type, quantity, price })
    };
    whole.iter().map(one).collect()
}

/// The numbers that bytes hold, where they hold just as many.
fn words<const COUNT: usize>(bytes: &[u8]) -> Option<[u64; COUNT]> {
    let (words, []) = bytes.as_chunks() else { return None };
    let numbers: Vec<u64> = words.iter().map(|word| u64::from_be_bytes(*word)).collect();
    numbers.try_into().ok()
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
    fn what_is_packed_is_read_back() {
        assert_eq!(read_records(&records(&some(3))), Some(some(3)));
        assert_eq!(read_records(&records(&some(3))[1..]), None);
        let listed = |resource_type| Alternative { resource_type, quantity: resource_type + 1, price: 7 };
        let alternatives = vec![listed(3), listed(u64::MAX - 1)];
        let offer = Offer { id: 1, owner: alloy_primitives::Address::ZERO, side: Side::Providing, alternatives };
        let bytes = super::alternatives(&offer.alternatives);
        assert_eq!(read_alternatives(&bytes), Some(offer.alternatives));
        assert_eq!(read_alternatives(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn a_cycle_without_allocation_ends_with_an_empty_page() {
        assert_eq!(pages(&[], 9), [Page { rest: B256::ZERO, records: Vec::new() }]);
    }
}
