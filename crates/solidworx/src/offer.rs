//! Offers, and what is assigned of them.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::{Refusal, Terms, packing};

/// Which side an offer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// It provides.
    Providing,
    /// It consumes.
    Consuming,
}

/// What an offer lists of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// The type.
    pub resource_type: u64,
    /// `o_Q(t)`: how much of it, if nothing else of the offer is used.
    pub quantity: u64,
    /// `o_V(t)`: unit reservation price.
    pub price: u64,
}

/// A posted offer: any mixture of its alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its number in the market.
    pub id: u64,
    /// Who posted it.
    pub owner: Address,
    /// Whether it provides.
    pub side: Side,
    /// Ascending by type.
    pub alternatives: Vec<Alternative>,
}

impl Offer {
    /// What it lists of a type, with the place in the list.
    pub fn alternative(&self, resource_type: u64) -> Option<(usize, Alternative)> {
        let place = self.alternatives.binary_search_by_key(&resource_type, |listed| listed.resource_type).ok()?;
        self.alternatives.get(place).map(|listed| (place, *listed))
    }

    /// What the contract checks when a packed offer is posted, in its order.
    pub fn check(&self, terms: &Terms) -> Result<(), Refusal> {
        let count = self.alternatives.len();
        if count == 0 || count > packing::MOST_ALTERNATIVES {
            return Err(Refusal::BadNumberOfAlternatives { size: count.saturating_mul(packing::ALTERNATIVE) });
        }
        let mut last = None;
        for Alternative { resource_type, quantity, .. } in self.alternatives.iter().copied() {
            if last.is_some_and(|last| resource_type <= last) {
                return Err(Refusal::TypesNotAscending { resource_type });
            }
            last = Some(resource_type);
            if resource_type >= terms.num_types {
                return Err(Refusal::UnknownType { resource_type, num_types: terms.num_types });
            }
            if quantity == 0 {
                return Err(Refusal::ZeroQuantity);
            }
            if quantity > terms.max_quantity {
                return Err(Refusal::QuantityTooLarge { quantity, max_quantity: terms.max_quantity });
            }
        }
        Ok(())
    }
}

/// A part of a providing offer, assigned to a consuming one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// `a_OP`.
    pub providing_offer: u64,
    /// `a_OC`.
    pub consuming_offer: u64,
    /// `a_T`.
    pub resource_type: u64,
    /// `a_Q`.
    pub quantity: u64,
    /// `a_V`: unit price.
    pub price: u64,
}
