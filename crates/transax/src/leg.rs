//! Legs: what one offer trades in one interval, as the contract commits to it.

use alloy_primitives::{B256, Keccak256};
use serde::{Deserialize, Serialize};
use units::{Money, OfferId, WattHours};

/// What one offer trades in one interval, and what is paid for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// The offer.
    pub offer: OfferId,
    /// How much it trades.
    pub energy: WattHours,
    /// What is paid, over all its trades of the interval.
    pub payment: Money,
    /// Whether the offer has intervals left after this one.
    pub outlives: bool,
}

impl Leg {
    /// The leg as a word: offer (32 bits, highest), energy (32), payment (64), zeros, outlives (lowest bit). Figures
    /// wider than their field lose their highest bits, which no leg of a verified plan has.
    pub fn word(&self) -> B256 {
        let [.., e0, e1, e2, e3] = self.energy.0.to_be_bytes();
        let [_, _, _, _, _, _, _, _, payment @ ..] = self.payment.0.to_be_bytes();
        let mut word = [0; 32];
        let (head, tail) = word.split_at_mut(16);
        for (to, from) in
            head.iter_mut().zip(self.offer.0.to_be_bytes().into_iter().chain([e0, e1, e2, e3]).chain(payment))
        {
            *to = from;
        }
        if let Some(last) = tail.last_mut() {
            *last = u8::from(self.outlives);
        }
        B256::new(word)
    }

    /// Reads a word, as the contract's accessors do: bits that belong to no field are ignored.
    pub fn from_word(word: B256) -> Self {
        let [o0, o1, o2, o3, e0, e1, e2, e3, p0, p1, p2, p3, p4, p5, p6, p7, .., last] = word.0;
        Self {
            offer: OfferId(u32::from_be_bytes([o0, o1, o2, o3])),
            energy: WattHours(u32::from_be_bytes([e0, e1, e2, e3]).into()),
            payment: Money(u64::from_be_bytes([p0, p1, p2, p3, p4, p5, p6, p7]).into()),
            outlives: last & 1 == 1,
        }
    }
}

impl From<Leg> for B256 {
    fn from(leg: Leg) -> Self {
        leg.word()
    }
}

impl From<B256> for Leg {
    fn from(word: B256) -> Self {
        Self::from_word(word)
    }
}

/// Hash over the words of an interval's legs, 32 bytes each.
pub fn legs_hash(legs: &[Leg]) -> B256 {
    let mut hash = Keccak256::new();
    for leg in legs {
        hash.update(leg.word());
    }
    hash.finalize()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::b256;

    use super::*;

    #[test]
    fn a_word_holds_each_field_in_its_place() {
        let leg =
            Leg { offer: OfferId(0x0102_0304), energy: WattHours(0x0a0b), payment: Money(0xff00), outlives: true };
        let word = b256!("0x01020304 00000a0b 000000000000ff00 00000000000000000000000000000001");
        assert_eq!(leg.word(), word);
        assert_eq!(Leg::from_word(word), leg);
    }
}
