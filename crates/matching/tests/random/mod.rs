//! Small problems in which prices, both limits and offers over several intervals bind.

use matching::{OpenOffer, Problem};
use proptest::prelude::*;
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

const GROUPS: u16 = 3;
const INTERVALS: u32 = 4;

/// Up to so many offers of up to so much energy, Wh.
pub fn problems(price_rule: PriceRule, offers: usize, energy: u64) -> impl Strategy<Value = Problem> {
    let side = prop_oneof![Just(Side::Sell), Just(Side::Buy)];
    let offer = (side, 0..GROUPS, 1_u64..7, 0..INTERVALS, 0..INTERVALS, 0..energy).prop_map(
        |(side, group, price, start, length, energy)| OpenOffer {
            side,
            group: GroupId(group),
            price: Price(if side == Side::Sell { price } else { price + 2 }),
            start: IntervalIndex(start),
            end: IntervalIndex(start + length),
            remaining: WattHours(energy),
        },
    );
    let limit = move || prop::option::weighted(0.8, (0..energy).prop_map(WattHours));
    let limits = (limit(), limit()).prop_map(|(internal, external)| GroupLimits { internal, external });
    let limits = prop::collection::vec(limits, usize::from(GROUPS));
    (prop::collection::vec(offer, 0..offers), limits).prop_map(move |(offers, limits)| Problem {
        first: IntervalIndex(0),
        last: IntervalIndex(INTERVALS - 1),
        offers: (1..).map(OfferId).zip(offers).collect(),
        groups: (0..).map(GroupId).zip(limits).collect(),
        price_rule,
    })
}
