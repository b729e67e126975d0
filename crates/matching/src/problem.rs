//! What there is to match.

use std::collections::BTreeMap;

use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

/// What matters of an offer to a matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOffer {
    /// Which side it is on.
    pub side: Side,
    /// Group of its owner.
    pub group: GroupId,
    /// Reservation price.
    pub price: Price,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval; it may lie past the problem's last one.
    pub end: IntervalIndex,
    /// Energy that may still be traded.
    pub remaining: WattHours,
}

/// Offers to be matched over the intervals `first..=last`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// First interval in which to trade.
    pub first: IntervalIndex,
    /// Last interval in which to trade.
    pub last: IntervalIndex,
    /// What is offered; offers without a common interval with `first..=last` take no part.
    pub offers: BTreeMap<OfferId, OpenOffer>,
    /// Limits of groups; a group that is not listed has none.
    pub groups: BTreeMap<GroupId, GroupLimits>,
    /// How trades are priced.
    pub price_rule: PriceRule,
}

impl Problem {
    /// A group's limits, none where it is not listed.
    pub fn limits(&self, group: GroupId) -> GroupLimits {
        self.groups.get(&group).copied().unwrap_or_default()
    }
}
