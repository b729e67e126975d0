//! How much of an offer is used.

use std::collections::BTreeMap;

use alloy_primitives::U256;

/// What an allocation uses of one offer: amounts by the quantity of the alternatives that they are taken from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage(BTreeMap<u64, U256>);

impl Usage {
    /// Takes `quantity` of an alternative that lists `listed`, not zero; returns the parts used in all, each distinct
    /// quantity's rounded up: the sum of `⌈A_d·P/d⌉`.
    pub fn add_rounded_up(&mut self, listed: u64, quantity: u64, precision: u64) -> U256 {
        let amount = self.0.entry(listed).or_default();
        *amount = amount.saturating_add(U256::from(quantity));
        let precision = U256::from(precision);
        self.0.iter().fold(U256::ZERO, |sum, (listed, amount)| {
            // Listed quantities are not zero; 1 keeps the twin from panicking whatever it is given.
            let parts = amount.saturating_mul(precision).div_ceil(U256::from((*listed).max(1)));
            sum.saturating_add(parts)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_of_one_quantity_are_exact_whatever_the_precision() {
        let mut usage = Usage::default();
        for taken in 1..=1000_u64 {
            assert!(usage.add_rounded_up(1000, 1, 3) <= U256::from(3), "{taken} of 1000");
        }
        assert_eq!(usage.add_rounded_up(1000, 1, 3), U256::from(4));
    }

    #[test]
    fn a_mixture_is_rounded_against_the_offer() {
        let mut usage = Usage::default();
        assert_eq!(usage.add_rounded_up(2, 1, 100), U256::from(50));
        assert_eq!(usage.add_rounded_up(3, 1, 100), U256::from(84));
        assert_eq!(usage.add_rounded_up(3, 1, 100), U256::from(117));
    }
}
