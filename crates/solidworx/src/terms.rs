//! What the set-up of a market fixes.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

/// A rule or a pair declared for this type holds for every type; of rules, where a type has none of its own.
pub const EVERY_TYPE: u64 = u64::MAX;

/// What holds for a resource type beyond the base formulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// `β_t` of (6.10), for a weighted market.
    pub weight: u64,
    /// Lowest unit price (6.13), for a bounded market.
    pub min_price: u64,
    /// Highest unit price (6.13), for a bounded market.
    pub max_price: u64,
}

impl TypeRule {
    /// What holds where nothing was declared.
    pub const NONE: Self = Self { weight: 1, min_price: 0, max_price: u64::MAX };
}

/// Owners that may exchange a type (6.14), for a paired market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The type, or [`EVERY_TYPE`].
    pub resource_type: u64,
    /// Who provides.
    pub provider: Address,
    /// Who consumes.
    pub consumer: Address,
}

/// The base formulation's parameters, and which extensions of section 6.3.3 are in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's own switches, each in force or not")]
pub struct Terms {
    /// Types are 0 to `num_types` − 1.
    pub num_types: u64,
    /// `P`: the parts of an offer that its alternatives of different quantity are mixed by.
    pub precision: u64,
    /// The most that an offer may list of a type.
    pub max_quantity: u64,
    /// Whether a unit of type t counts `β_t` times (6.10).
    #[serde(default)]
    pub weighted: bool,
    /// Whether a unit counts the consumer's reservation price less the provider's (6.12).
    #[serde(default)]
    pub benefit: bool,
    /// Whether unit prices have bounds (6.13).
    #[serde(default)]
    pub bounded: bool,
    /// Whether only declared pairs may exchange a type (6.14).
    #[serde(default)]
    pub paired: bool,
    /// Rules of types.
    #[serde(default)]
    pub rules: BTreeMap<u64, TypeRule>,
    /// Allowed pairs.
    #[serde(default)]
    pub pairs: BTreeSet<Pair>,
}

impl Terms {
    /// The base formulation.
    pub const fn new(num_types: u64, precision: u64, max_quantity: u64) -> Self {
        Self {
            num_types,
            precision,
            max_quantity,
            weighted: false,
            benefit: false,
            bounded: false,
            paired: false,
            rules: BTreeMap::new(),
            pairs: BTreeSet::new(),
        }
    }

    /// The rule in force for a type.
    pub fn rule(&self, resource_type: u64) -> TypeRule {
        let own = self.rules.get(&resource_type).or_else(|| self.rules.get(&EVERY_TYPE));
        own.copied().unwrap_or(TypeRule::NONE)
    }

    /// How often a unit of the type counts: 1 unless the market is weighted.
    pub fn weight(&self, resource_type: u64) -> u64 {
        if self.weighted { self.rule(resource_type).weight } else { 1 }
    }

    /// Lowest and highest unit price: any, unless the market is bounded.
    pub fn bounds(&self, resource_type: u64) -> (u64, u64) {
        let rule = if self.bounded { self.rule(resource_type) } else { TypeRule::NONE };
        (rule.min_price, rule.max_price)
    }

    /// Whether two owners may exchange a type: any, unless the market is paired.
    pub fn allows(&self, resource_type: u64, provider: Address, consumer: Address) -> bool {
        let declared = |resource_type| self.pairs.contains(&Pair { resource_type, provider, consumer });
        !self.paired || declared(resource_type) || declared(EVERY_TYPE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_every_type_yields_to_the_types_own() {
        let mut terms = Terms { weighted: true, bounded: true, ..Terms::new(9, 1, 1) };
        assert_eq!((terms.weight(3), terms.bounds(3)), (1, (0, u64::MAX)));
        terms.rules.insert(EVERY_TYPE, TypeRule { weight: 7, min_price: 1, max_price: 2 });
        terms.rules.insert(3, TypeRule { weight: 0, min_price: 3, max_price: 4 });
        assert_eq!((terms.weight(3), terms.bounds(3)), (0, (3, 4)));
        assert_eq!((terms.weight(4), terms.bounds(4)), (7, (1, 2)));
    }

    #[test]
    fn extensions_that_are_not_in_force_change_nothing() {
        let mut terms = Terms::new(9, 1, 1);
        terms.rules.insert(3, TypeRule { weight: 5, min_price: 3, max_price: 4 });
        assert_eq!((terms.weight(3), terms.bounds(3)), (1, (0, u64::MAX)));
        assert!(terms.allows(3, Address::ZERO, Address::ZERO));
        terms.paired = true;
        assert!(!terms.allows(3, Address::ZERO, Address::ZERO));
        terms.pairs.insert(Pair { resource_type: EVERY_TYPE, provider: Address::ZERO, consumer: Address::ZERO });
        assert!(terms.allows(3, Address::ZERO, Address::ZERO));
    }
}
