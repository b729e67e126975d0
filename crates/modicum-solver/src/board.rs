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

/// A signature that is not that of whom the offer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the offer {offer} is not signed by {owner}, whom it names")]
pub struct ForeignSignature {
    /// The offer.
    pub offer: B256,
    /// Who should have signed.
    pub owner: Address,
}

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

    /// Takes an offer in that is signed by its owner, and returns its name.
    pub fn add(&mut self, signed: SignedOffer) -> Result<B256, ForeignSignature> {
        let (offer, owner, signature) = signed.parts();
        if recover_offer(self.place.chain_id, self.place.market, offer, signature) != Some(owner) {
            return Err(ForeignSignature { offer, owner });
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
    use super::*;

    #[test]
    fn an_offer_that_somebody_else_signed_is_refused() {
        let place = Place { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };
        let offer = crate::tests::job(1);
        let mut board = Board::new(place);
        let signed = SignedOffer::Job { offer: offer.clone(), signature: vec![1; 65].into() };
        let refused = board.add(signed).unwrap_err();
        assert_eq!(refused, ForeignSignature { offer: offer.name(), owner: offer.creator });
        assert_eq!(board.offers().count(), 0);
    }
}
