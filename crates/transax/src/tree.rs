//! The tree of a final interval's legs, and evidence drawn from it.
//!
//! Each leaf binds a leg to the leg before it, so one leaf shows that an offer traded, or that nothing stands where it
//! would. A closing leg of the greatest offer number makes every place have a leaf.

use alloy_primitives::{B256, Keccak256, keccak256};
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, OfferId};

use crate::Leg;

/// Number of the leg that closes every list.
const CLOSING_OFFER: OfferId = OfferId(u32::MAX);

/// Shows what one final interval holds for one offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The offer of the leg before this one, 0 before the first.
    pub previous: OfferId,
    /// The leg word: the offer's own, or the first one past its place.
    pub leg: B256,
    /// Sister hashes from the leaf up to the root.
    pub proof: Vec<B256>,
}

impl Evidence {
    /// Whether this belongs to the tree of that root and interval and speaks about `offer`: the evidenced leg is its
    /// own, or stands right after where its own would.
    pub fn speaks_of(&self, offer: OfferId, interval: IntervalIndex, root: B256) -> bool {
        let leaf = leaf(interval, self.previous, self.leg);
        let top = self.proof.iter().fold(leaf, |node, sister| parent(node, *sister));
        self.previous < offer && offer <= Leg::from_word(self.leg).offer && top == root
    }
}

/// The tree over an interval's legs, every level kept so that evidence costs no hashing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegTree {
    /// From the leaves up to the root.
    levels: Vec<Vec<B256>>,
}

impl LegTree {
    /// Hashes the legs (ascending by offer).
    pub fn new(interval: IntervalIndex, legs: &[Leg]) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves(interval, legs);
        while level.len() > 1 {
            let above = parents(&level);
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { levels }
    }

    /// The hash over everything.
    pub fn root(&self) -> B256 {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_default()
    }

    /// Evidence of what `offer` trades, or that it trades nothing. `legs` are those that the tree was made of.
    pub fn evidence(&self, legs: &[Leg], offer: OfferId) -> Evidence {
        let place = legs.partition_point(|leg| leg.offer < offer);
        let previous = place.checked_sub(1).and_then(|before| legs.get(before)).map_or(OfferId(0), |leg| leg.offer);
        Evidence { previous, leg: legs.get(place).map_or_else(closing_word, Leg::word), proof: self.proof(place) }
    }

    fn proof(&self, leaf: usize) -> Vec<B256> {
        let places = std::iter::successors(Some(leaf), |place| Some(place >> 1));
        self.levels.iter().zip(places).filter_map(|(level, place)| level.get(place ^ 1).copied()).collect()
    }
}

/// Root of the tree of `legs` (ascending by offer), as the contract stores it: zero where there are none.
pub fn root(interval: IntervalIndex, legs: &[Leg]) -> B256 {
    if legs.is_empty() { B256::ZERO } else { LegTree::new(interval, legs).root() }
}

fn leaves(interval: IntervalIndex, legs: &[Leg]) -> Vec<B256> {
    let previous = std::iter::once(OfferId(0)).chain(legs.iter().map(|leg| leg.offer));
    let words = legs.iter().map(Leg::word).chain(std::iter::once(closing_word()));
    previous.zip(words).map(|(previous, word)| leaf(interval, previous, word)).collect()
}

fn leaf(interval: IntervalIndex, previous: OfferId, word: B256) -> B256 {
    let mut hash = Keccak256::new();
    hash.update(number_word(interval.0));
    hash.update(number_word(previous.0));
    hash.update(word);
    hash.finalize()
}

fn parents(level: &[B256]) -> Vec<B256> {
    let above = |pair: &[B256]| match pair {
        [left, right] => parent(*left, *right),
        odd => odd.first().copied().unwrap_or_default(),
    };
    level.chunks(2).map(above).collect()
}

fn parent(one: B256, other: B256) -> B256 {
    keccak256([one.min(other).0, one.max(other).0].concat())
}

fn closing_word() -> B256 {
    Leg { offer: CLOSING_OFFER, ..Leg::default() }.word()
}

fn number_word(number: u32) -> B256 {
    let mut word = B256::ZERO;
    if let Some(tail) = word.0.last_chunk_mut() {
        *tail = number.to_be_bytes();
    }
    word
}

#[cfg(test)]
mod tests {
    use units::{Money, WattHours};

    use super::*;

    const INTERVAL: IntervalIndex = IntervalIndex(7);

    fn legs(offers: &[u32]) -> Vec<Leg> {
        let leg = |offer| Leg { offer: OfferId(offer), energy: WattHours(100), payment: Money(21), outlives: false };
        offers.iter().copied().map(leg).collect()
    }

    #[test]
    fn an_interval_without_legs_has_root_zero() {
        assert_eq!(root(INTERVAL, &[]), B256::ZERO);
    }

    #[test]
    fn evidence_shows_an_offers_leg_and_that_one_has_none() {
        let legs = legs(&[2, 5, 6, 11]);
        let tree = LegTree::new(INTERVAL, &legs);
        for offer in 1..14 {
            let evidence = tree.evidence(&legs, OfferId(offer));
            assert!(evidence.speaks_of(OfferId(offer), INTERVAL, tree.root()), "offer {offer}");
            assert!(!evidence.speaks_of(OfferId(offer), INTERVAL.next(), tree.root()));
        }
    }

    #[test]
    fn evidence_of_one_offer_says_nothing_of_another() {
        let legs = legs(&[2, 5]);
        let tree = LegTree::new(INTERVAL, &legs);
        assert!(!tree.evidence(&legs, OfferId(2)).speaks_of(OfferId(5), INTERVAL, tree.root()));
        assert!(!tree.evidence(&legs, OfferId(5)).speaks_of(OfferId(2), INTERVAL, tree.root()));
        assert!(tree.evidence(&legs, OfferId(3)).speaks_of(OfferId(4), INTERVAL, tree.root()));
    }
}
