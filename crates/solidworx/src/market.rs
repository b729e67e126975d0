//! Everything that a solver has to know.

use serde::{Deserialize, Serialize};

use crate::{Assignment, Offer, Refusal, Terms, verify};

/// A market in its solving phase: its terms and what is offered in the cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// What the set-up fixed.
    pub terms: Terms,
    /// Posted offers, ascending by number.
    pub offers: Vec<Offer>,
}

impl Market {
    /// Refuses what could not have been posted.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.terms.num_types == 0 || self.terms.precision == 0 || self.terms.max_quantity == 0 {
            return Err(Refusal::ZeroParameter);
        }
        let mut last = 0;
        for offer in &self.offers {
            if offer.id <= last {
                return Err(Refusal::OffersNotAscending { id: offer.id });
            }
            last = offer.id;
            offer.check(&self.terms)?;
        }
        Ok(())
    }

    /// An offer by its number.
    pub fn offer(&self, id: u64) -> Option<&Offer> {
        let place = self.offers.binary_search_by_key(&id, |offer| offer.id).ok()?;
        self.offers.get(place)
    }

    /// What an allocation is worth, if it is feasible; see [`verify`].
    pub fn verify(&self, assignments: &[Assignment]) -> Result<u128, Refusal> {
        verify(self, assignments)
    }
}
