//! Plans and trees: whatever goes in comes out, and nothing else passes.

use alloy_primitives::B256;
use proptest::prelude::*;
use transax::{Leg, LegTree, Plan, Trade, tree};
use units::{IntervalIndex, Money, OfferId, WattHours};

/// Offers of the trees' legs lie below this one.
const MOST: u32 = 16;

fn trade() -> impl Strategy<Value = Trade> {
    (0..9_u32, 1..40_u32, 1..40_u32, 0..u64::from(u32::MAX)).prop_map(|(interval, seller, buyer, energy)| Trade {
        interval: IntervalIndex(interval),
        seller: OfferId(seller),
        buyer: OfferId(buyer),
        energy: WattHours(energy),
    })
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let leg = (1..u32::MAX, any::<u64>(), any::<bool>());
    prop::collection::btree_map(1..MOST, leg, 1..12).prop_map(|legs| {
        let leg = |(offer, (energy, payment, outlives)): (u32, (u32, u64, bool))| Leg {
            offer: OfferId(offer),
            energy: WattHours(energy.into()),
            payment: Money(payment.into()),
            outlives,
        };
        legs.into_iter().map(leg).collect()
    })
}

proptest! {
    #[test]
    fn a_plan_comes_back_from_its_bytes(trades in prop::collection::vec(trade(), 0..60)) {
        let mut distinct = trades;
        distinct.sort_unstable_by_key(|trade| (trade.interval, trade.seller, trade.buyer));
        distinct.dedup_by_key(|trade| (trade.interval, trade.seller, trade.buyer));
        let plan = Plan::new(distinct);
        prop_assert_eq!(Plan::decode(&plan.encode()), Ok(plan));
    }

    #[test]
    fn bytes_that_decode_are_the_only_ones_of_their_plan(trades in prop::collection::vec(trade(), 1..9), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = Plan::new(trades).encode();
        let place = at.index(bytes.len());
        bytes[place] ^= 1_u8 << bit;
        if let Ok(plan) = Plan::decode(&bytes) {
            // The list may name offers that trade nothing; apart from that, a plan has one form.
            let again = plan.encode();
            prop_assert!(again == bytes || again.len() < bytes.len());
        }
    }

    #[test]
    fn a_leg_comes_back_from_its_word(legs in legs()) {
        for leg in legs {
            prop_assert_eq!(Leg::from_word(leg.word()), leg);
        }
    }

    #[test]
    fn every_leg_and_every_gap_has_evidence_and_no_other_offer_can_use_it(legs in legs()) {
        let interval = IntervalIndex(3);
        let tree = LegTree::new(interval, &legs);
        prop_assert_eq!(tree.root(), tree::root(interval, &legs));
        for offer in (1..=MOST).map(OfferId) {
            let evidence = tree.evidence(&legs, offer);
            prop_assert!(evidence.speaks_of(offer, interval, tree.root()));
            let shown = Leg::from_word(evidence.leg);
            prop_assert_eq!((shown.offer == offer).then_some(shown), legs.iter().copied().find(|leg| leg.offer == offer));
            for other in (1..=MOST).map(OfferId) {
                let is_in_gap = evidence.previous < other && other <= shown.offer;
                prop_assert_eq!(evidence.speaks_of(other, interval, tree.root()), is_in_gap);
            }
        }
    }

    #[test]
    fn evidence_with_any_bit_changed_shows_nothing(legs in legs(), offer in 1..=MOST, bit in 0..256_usize, part in any::<prop::sample::Index>()) {
        let (interval, offer) = (IntervalIndex(3), OfferId(offer));
        let tree = LegTree::new(interval, &legs);
        let mut evidence = tree.evidence(&legs, offer);
        let flip = |word: &mut B256| word.0[bit / 8] ^= 1 << (bit % 8);
        match part.index(evidence.proof.len() + 2) {
            0 => evidence.previous = OfferId(evidence.previous.0 ^ (1 << (bit % 32))),
            1 => flip(&mut evidence.leg),
            sister => flip(&mut evidence.proof[sister - 2]),
        }
        prop_assert!(!evidence.speaks_of(offer, interval, tree.root()));
    }
}
