//! Whether an allocation is feasible, and what it is worth.

use std::collections::BTreeMap;

use alloy_primitives::U256;

use crate::{Alternative, Assignment, Market, Offer, Refusal, Side, Terms, usage::Usage};

/// The value of a feasible allocation, (6.5), (6.10) or (6.12) as the terms have it. The checks are the contract's, in the
/// contract's order, so that it refuses with the same error.
///
/// Linear in the assignments, times the distinct quantities that an offer's alternatives have.
pub fn verify(market: &Market, assignments: &[Assignment]) -> Result<u128, Refusal> {
    let mut usage: BTreeMap<u64, Usage> = BTreeMap::new();
    let mut value = U256::ZERO;
    for assignment in assignments {
        let deal = Deal::find(market, assignment)?;
        deal.check(&market.terms, assignment)?;
        for (offer, listed) in [(deal.provider, deal.provided), (deal.consumer, deal.consumed)] {
            let precision = market.terms.precision;
            let of_offer = usage.entry(offer.id).or_default();
            let used = of_offer.add_rounded_up(listed.quantity, assignment.quantity, precision);
            if used > U256::from(precision) {
                return Err(Refusal::ExceedsOffer { id: offer.id, used, precision });
            }
        }
        value = value.saturating_add(deal.worth(&market.terms, assignment));
        if value > U256::from(u128::MAX) {
            return Err(Refusal::ValueOverflow { value });
        }
    }
    Ok(value.saturating_to())
}

/// An assignment with what its offers list.
struct Deal<'a> {
    provider: &'a Offer,
    provided: Alternative,
    consumer: &'a Offer,
    consumed: Alternative,
}

impl<'a> Deal<'a> {
    fn find(market: &'a Market, assignment: &Assignment) -> Result<Self, Refusal> {
        if assignment.quantity == 0 {
            return Err(Refusal::ZeroQuantity);
        }
        let offer = |id| market.offer(id).ok_or(Refusal::UnknownOffer { id });
        let (provider, consumer) = (offer(assignment.providing_offer)?, offer(assignment.consuming_offer)?);
        for (offer, side) in [(provider, Side::Providing), (consumer, Side::Consuming)] {
            if offer.side != side {
                return Err(Refusal::WrongSide { id: offer.id });
            }
        }
        let resource_type = assignment.resource_type;
        let listed = |offer: &Offer| {
            let found = offer.alternative(resource_type).map(|(_, listed)| listed);
            found.ok_or(Refusal::UnlistedType { id: offer.id, resource_type })
        };
        Ok(Self { provider, provided: listed(provider)?, consumer, consumed: listed(consumer)? })
    }

    fn check(&self, terms: &Terms, assignment: &Assignment) -> Result<(), Refusal> {
        let Assignment { resource_type, price, .. } = *assignment;
        if price < self.provided.price {
            let (id, reservation) = (self.provider.id, self.provided.price);
            return Err(Refusal::PriceBelowOffer { id, price, reservation });
        }
        if price > self.consumed.price {
            let (id, reservation) = (self.consumer.id, self.consumed.price);
            return Err(Refusal::PriceAboveOffer { id, price, reservation });
        }
        let (min_price, max_price) = terms.bounds(resource_type);
        if price < min_price || price > max_price {
            return Err(Refusal::PriceOutOfBounds { resource_type, price, min_price, max_price });
        }
        let (provider, consumer) = (self.provider.owner, self.consumer.owner);
        if !terms.allows(resource_type, provider, consumer) {
            return Err(Refusal::PairForbidden { resource_type, provider, consumer });
        }
        Ok(())
    }

    /// At most 2^192: three factors of 64 bits.
    fn worth(&self, terms: &Terms, assignment: &Assignment) -> U256 {
        // The price lies between the two.
        let benefit = self.consumed.price.saturating_sub(self.provided.price);
        let unit = if terms.benefit { benefit } else { 1 };
        let weight = U256::from(terms.weight(assignment.resource_type));
        U256::from(assignment.quantity).saturating_mul(weight).saturating_mul(U256::from(unit))
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::Address;

    use super::*;
    use crate::TypeRule;

    /// Offer 1 provides 4 of type 0 or 6 of type 1 for 10; offer 2 consumes 5 of either for 12.
    fn market() -> Market {
        let listed = |resource_type, quantity, price| Alternative { resource_type, quantity, price };
        let offer = |id: u8, side, alternatives| Offer {
            id: id.into(),
            owner: Address::with_last_byte(id),
            side,
            alternatives,
        };
        Market {
            terms: Terms::new(2, 1000, 100),
            offers: vec![
                offer(1, Side::Providing, vec![listed(0, 4, 10), listed(1, 6, 10)]),
                offer(2, Side::Consuming, vec![listed(0, 5, 12), listed(1, 5, 12)]),
            ],
        }
    }

    const fn some(resource_type: u64, quantity: u64, price: u64) -> Assignment {
        Assignment { providing_offer: 1, consuming_offer: 2, resource_type, quantity, price }
    }

    #[test]
    fn mixtures_are_worth_their_units() {
        assert_eq!(verify(&market(), &[some(0, 2, 11), some(1, 3, 12)]), Ok(5));
        assert_eq!(verify(&market(), &[]), Ok(0));
    }

    #[test]
    fn what_an_offer_has_is_not_exceeded() {
        let used = U256::from(1084);
        let refusal = Refusal::ExceedsOffer { id: 1, used, precision: 1000 };
        assert_eq!(verify(&market(), &[some(0, 3, 11), some(1, 2, 12)]), Err(refusal));
        let refusal = Refusal::ExceedsOffer { id: 2, used: U256::from(1200), precision: 1000 };
        assert_eq!(verify(&market(), &[some(1, 6, 11)]), Err(refusal));
    }

    #[test]
    fn bad_assignments_are_refused_with_the_contracts_error() {
        let check = |assignment| verify(&market(), &[assignment]).unwrap_err();
        assert_eq!(check(some(0, 0, 11)), Refusal::ZeroQuantity);
        assert_eq!(check(Assignment { consuming_offer: 3, ..some(0, 1, 11) }), Refusal::UnknownOffer { id: 3 });
        assert_eq!(check(Assignment { consuming_offer: 1, ..some(0, 1, 11) }), Refusal::WrongSide { id: 1 });
        assert_eq!(check(some(2, 1, 11)), Refusal::UnlistedType { id: 1, resource_type: 2 });
        assert_eq!(check(some(0, 1, 9)), Refusal::PriceBelowOffer { id: 1, price: 9, reservation: 10 });
        assert_eq!(check(some(0, 1, 13)), Refusal::PriceAboveOffer { id: 2, price: 13, reservation: 12 });
    }

    #[test]
    fn extensions_are_checked_and_counted() {
        let mut market = market();
        market.terms.rules.insert(0, TypeRule { weight: 7, min_price: 11, max_price: 11 });
        market.terms.weighted = true;
        market.terms.benefit = true;
        assert_eq!(verify(&market, &[some(0, 2, 10)]), Ok(2 * 7 * 2));
        market.terms.bounded = true;
        let refusal = Refusal::PriceOutOfBounds { resource_type: 0, price: 10, min_price: 11, max_price: 11 };
        assert_eq!(verify(&market, &[some(0, 2, 10)]), Err(refusal));
        market.terms.paired = true;
        let (provider, consumer) = (Address::with_last_byte(1), Address::with_last_byte(2));
        let refusal = Refusal::PairForbidden { resource_type: 0, provider, consumer };
        assert_eq!(verify(&market, &[some(0, 2, 11)]), Err(refusal));
    }

    #[test]
    fn a_value_past_128_bits_is_refused() {
        let mut market = market();
        let most = u64::MAX;
        market.terms = Terms { weighted: true, benefit: true, ..Terms::new(2, 1000, most) };
        market.terms.rules.insert(0, TypeRule { weight: most, ..TypeRule::NONE });
        market.offers[0].alternatives[0] = Alternative { resource_type: 0, quantity: most, price: 0 };
        market.offers[1].alternatives[0] = Alternative { resource_type: 0, quantity: most, price: most };
        let cube = U256::from(most).pow(U256::from(3));
        assert_eq!(verify(&market, &[some(0, most, 5)]), Err(Refusal::ValueOverflow { value: cube }));
    }
}
