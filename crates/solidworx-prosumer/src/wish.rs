//! What somebody wishes, and what is left of it.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use solidworx::{Alternative, Exchange, Side};

/// What is offered in a cycle after one in which it was offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Renewal {
    /// What was not assigned.
    #[default]
    Rest,
    /// All of it.
    Whole,
}

/// Something to provide or to consume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Its number among the wishes of its owner; offers carry it.
    pub misc: u64,
    /// Whether it provides.
    pub side: Side,
    /// The first cycle in which it is offered.
    #[serde(default = "first_cycle")]
    pub first_cycle: u64,
    /// What is offered later on.
    #[serde(default)]
    pub renewal: Renewal,
    /// Ascending by type.
    pub alternatives: Vec<WishedAlternative>,
}

/// An alternative that may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishedAlternative {
    /// What is listed.
    #[serde(flatten)]
    pub listed: Alternative,
    /// The last cycle in which it is offered.
    #[serde(default = "last_cycle")]
    pub last_cycle: u64,
}

const fn first_cycle() -> u64 {
    1
}

const fn last_cycle() -> u64 {
    u64::MAX
}

impl Wish {
    /// Whether it is to be offered in a cycle.
    pub fn is_for(&self, cycle: u64) -> bool {
        self.first_cycle <= cycle && self.alternatives.iter().any(|one| one.last_cycle >= cycle)
    }

    /// What `owner` has to offer of it in the present cycle; `None` where it did already, or nothing is left.
    pub(crate) fn rest(&self, exchange: &Exchange, owner: Address) -> Option<Vec<Alternative>> {
        let cycle = exchange.cycle();
        let last = exchange.offers_of(owner).filter(|(_, listing)| listing.misc == self.misc).last();
        if last.is_some_and(|(_, listing)| listing.cycle == cycle) {
            return None;
        }
        let left = |listed: Alternative| {
            let (Renewal::Rest, Some((id, listing))) = (self.renewal, last) else { return Some(listed) };
            // What it listed then was what was left then.
            let (quantity, _) = listing.alternatives.get(&listed.resource_type).copied()?;
            let quantity = quantity.saturating_sub(exchange.used_parts(id, quantity));
            (quantity > 0).then_some(Alternative { quantity, ..listed })
        };
        let current = self.alternatives.iter().filter(|one| one.last_cycle >= cycle);
        let alternatives: Vec<_> = current.filter_map(|one| left(one.listed)).collect();
        (!alternatives.is_empty()).then_some(alternatives)
    }
}
