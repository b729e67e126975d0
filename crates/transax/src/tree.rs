//! The tree of a final interval's legs, and evidence drawn from it.
//!
//! Each leaf binds a leg to the leg before it, so one leaf shows that an offer traded, or that nothing stands where it
//! would. A closing leg of the greatest offer number makes every place have a leaf.

use alloy_primitives::{B256, Keccak256, keccak256};
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, OfferId};

use crate::Leg;

/// Number of the leg that closes every list.
pub(crate) const CLOSING_OFFER: OfferId = OfferId(u32::MAX);

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

/// Root of the tree of `legs` (ascending by offer); zero where there are none.
pub fn root(interval: IntervalIndex, legs: &[Leg]) -> B256 {
    if legs.is_empty() {
        return B256::ZERO;
    }
    let mut level = leaves(interval, legs);
    while level.len() > 1 {
        level = parents(&level);
    }
    level.first().copied().unwrap_or_default()
}

/// Evidence of what `offer` trades in an interval with these legs (ascending by offer), or that it trades nothing.
/// Costs one pass over the legs.
pub fn evidence(interval: IntervalIndex, legs: &[Leg], offer: OfferId) -> Evidence {
    let place = legs.partition_point(|leg| leg.offer < offer);
    let previous = place.checked_sub(1).and_then(|before| legs.get(before)).map_or(OfferId(0), |leg| leg.offer);
    let leg = legs.get(place).map_or_else(closing_word, Leg::word);
    Evidence { previous, leg, proof: proof(leaves(interval, legs), place) }
}

/// Folds a leaf with its sisters up to the root it belongs to.
pub(crate) fn root_of(interval: IntervalIndex, evidence: &Evidence) -> B256 {
    evidence.proof.iter().fold(leaf(interval, evidence.previous, evidence.leg), |node, sister| parent(node, *sister))
}

fn proof(mut level: Vec<B256>, mut place: usize) -> Vec<B256> {
    let mut proof = Vec::new();
    while level.len() > 1 {
        proof.extend(level.get(place ^ 1).copied());
        level = parents(&level);
        place >>= 1;
    }
    proof
}

fn leaves(interval: IntervalIndex, legs: &[Leg]) -> Vec<B256> {
    let previous = std::iter::once(OfferId(0)).chain(legs.iter().map(|leg| leg.offer));
    let words = legs.iter().map(Leg::word).chain(std::iter::once(closing_word()));
    previous.zip(words).map(|(previous, word)| leaf(interval, previous, word)).collect()
}

fn leaf(interval: IntervalIndex, previous: OfferId, word: B256) -> B256 {
    let mut hash = Keccak256::new();
    hash.update(word_of(interval.0));
    hash.update(word_of(previous.0));
    hash.update(word);
    hash.finalize()
}

fn parents(level: &[B256]) -> Vec<B256> {
    level.chunks(2).map(|pair| if let [left, right] = pair { parent(*left, *right) } else { only(pair) }).collect()
}

fn only(pair: &[B256]) -> B256 {
    pair.first().copied().unwrap_or_default()
}

fn parent(one: B256, other: B256) -> B256 {
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    keccak256([low.0, high.0].concat())
}

fn closing_word() -> B256 {
    Leg { offer: CLOSING_OFFER, ..Leg::default() }.word()
}

fn word_of(number: u32) -> B256 {
    let mut word = B256::ZERO;
    if let Some(tail) = word.0.last_chunk_mut() {
        *tail = number.to_be_bytes();
    }
    word
}
