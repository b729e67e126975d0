//! Small problems for tests.

use proptest::prelude::*;
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{OpenOffer, Problem};

/// Few prices, groups and intervals, so that offers meet and limits bind.
pub(crate) fn problems() -> impl Strategy<Value = Problem> {
    let offer = (any::<bool>(), 0_u16..3, 1_u64..6, 0_u32..4, 0_u32..4, 1_u64..40);
    let limit = || prop::option::weighted(0.9, (0_u64..40).prop_map(WattHours));
    let limits = (limit(), limit()).prop_map(|(internal, external)| GroupLimits { internal, external });
    (prop::collection::vec(offer, 0..20), prop::collection::vec(limits, 3)).prop_map(|(offers, limits)| {
        let offers = offers.into_iter().map(|(sells, group, price, start, length, energy)| OpenOffer {
            side: if sells { Side::Sell } else { Side::Buy },
            group: GroupId(group),
            price: Price(price),
            start: IntervalIndex(start),
            end: IntervalIndex(start + length),
            remaining: WattHours(energy),
        });
        Problem {
            first: IntervalIndex(0),
            last: IntervalIndex(3),
            offers: (1..).map(OfferId).zip(offers).collect(),
            groups: (0..).map(GroupId).zip(limits).collect(),
            price_rule: PriceRule::Midpoint,
        }
    })
}
