//! Offers that were signed and not posted.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes};
use bindings::modicum::{Place, recover_offer};
use modicum::{JobOffer, OfferState, ResourceOffer, View};
use serde::{Deserialize, Serialize};

/// An offer of either kind under its owner's signature, as it is sent to a solver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedOffer {
    /// A job.
    Job {
        /// What is offered.
        offer: JobOffer,
        /// EIP-712.
        signature: Bytes,
    },
    /// A resource.
    Resource {
        /// What is offered.
        offer: ResourceOffer,
        /// EIP-712.
        signature: Bytes,
    },
}

/// Why a board does not take an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The signature is not that of whom the offer names.
    #[error("the offer {offer} is not signed by {owner}, whom it names")]
    Foreign {
        /// The offer.
        offer: B256,
        /// Who should have signed.
        owner: Address,
    },
    /// There is no room.
    #[error(
        "the board holds {most} offers, and takes no more; post the offer on the chain, or send it to another solver"
    )]
    Full {
        /// So many.
        most: usize,
    },
}

/// Signed offers that a board holds: each is looked at beside every other whenever there is a new block.
const MOST_OFFERS: usize = 1024;

impl SignedOffer {
    /// Its name, its owner, and the signature.
    fn parts(&self) -> (B256, Address, &Bytes) {
        match self {
            Self::Job { offer, signature } => (offer.name(), offer.creator, signature),
            Self::Resource { offer, signature } => (offer.name(), offer.provider, signature),
        }
    }
}

/// Signed offers by their names.
#[derive(Clone, Debug)]
pub struct Board {
    place: Place,
    offers: BTreeMap<B256, SignedOffer>,
}

impl Board {
    /// An empty one, for the market at `place`.
    pub const fn new(place: Place) -> Self {
        Self { place, offers: BTreeMap::new() }
    }

    /// Takes an offer in that is signed by its owner, and returns its name. Taking it again changes nothing.
    pub fn add(&mut self, signed: SignedOffer) -> Result<B256, NotTaken> {
        let (offer, owner, signature) = signed.parts();
        if self.offers.len() >= MOST_OFFERS && !self.offers.contains_key(&offer) {
            return Err(NotTaken::Full { most: MOST_OFFERS });
        }
        if recover_offer(self.place.chain_id, self.place.market, offer, signature) != Some(owner) {
            return Err(NotTaken::Foreign { offer, owner });
        }
        self.offers.insert(offer, signed);
        Ok(offer)
    }

    /// All of them.
    pub fn offers(&self) -> impl Iterator<Item = (&B256, &SignedOffer)> {
        self.offers.iter()
    }

    /// Forgets what the chain has seen, or what no longer may be matched at `now`.
    pub(crate) fn tidy(&mut self, view: &View, now: u64) {
        self.offers.retain(|name, signed| match signed {
            SignedOffer::Job { offer, .. } => {
                view.market().job_offer_state(*name) == OfferState::Unknown && now <= offer.deadline
            }
            SignedOffer::Resource { offer, .. } => {
                view.market().res_offer_state(*name) == OfferState::Unknown && now <= offer.expiry
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use alloy::signers::local::PrivateKeySigner;
    use bindings::modicum::sign_offer;

    use super::*;

    #[test]
    fn an_offer_that_somebody_else_signed_is_refused() {
        let place = Place { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };
        let offer = crate::tests::job(1);
        let mut board = Board::new(place);
        let signed = SignedOffer::Job { offer: offer.clone(), signature: vec![1; 65].into() };
        let refused = board.add(signed).unwrap_err();
        assert_eq!(refused, NotTaken::Foreign { offer: offer.name(), owner: offer.creator });
        assert_eq!(board.offers().count(), 0);
    }

    #[test]
    fn a_board_that_is_full_takes_only_what_it_has() {
        let key = PrivateKeySigner::random();
        let place = Place { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };
        let signed = |nonce: u64| {
            let offer = JobOffer { creator: key.address(), nonce, ..crate::tests::job(1) };
            let signature = sign_offer(&key, place.chain_id, place.market, offer.name()).unwrap();
            SignedOffer::Job { offer, signature }
        };
        let mut board = Board::new(place);
        let taken = board.add(signed(0)).unwrap();
        for number in 1..MOST_OFFERS {
            board.offers.insert(B256::left_padding_from(&number.to_be_bytes()), signed(0));
        }
        assert_eq!(board.add(signed(1)), Err(NotTaken::Full { most: MOST_OFFERS }));
        assert_eq!(board.add(signed(0)), Ok(taken));
        assert_eq!(board.offers().count(), MOST_OFFERS);
        board.offers.pop_first();
        assert!(board.add(signed(1)).is_ok());
    }
}
