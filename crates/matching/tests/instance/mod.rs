//! Random instances whose integer optimum was proved in exact arithmetic.

use matching::{OpenOffer, Problem};
use serde::Deserialize;
use transax::{GroupLimits, PriceRule, Side};
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

#[derive(Deserialize)]
struct Instance {
    intervals: u32,
    groups: Vec<Group>,
    sells: Vec<Posted>,
    buys: Vec<Posted>,
    optimum_integer: u64,
}

#[derive(Deserialize)]
struct Group {
    id: u16,
    internal_limit: u64,
    external_limit: u64,
}

#[derive(Deserialize)]
struct Posted {
    group: u16,
    energy: u64,
    price: u64,
    start: u32,
    end: u32,
}

/// An instance and its proved integer optimum.
pub fn read(json: &str) -> (Problem, u64) {
    let instance: Instance = serde_json::from_str(json).expect("an instance");
    let sells = instance.sells.iter().map(|posted| (Side::Sell, posted));
    let buys = instance.buys.iter().map(|posted| (Side::Buy, posted));
    let offers = sells.chain(buys).zip(1..).map(|((side, posted), id)| {
        let offer = OpenOffer {
            side,
            group: GroupId(posted.group),
            price: Price(posted.price),
            start: IntervalIndex(posted.start),
            end: IntervalIndex(posted.end),
            remaining: WattHours(posted.energy),
        };
        (OfferId(id), offer)
    });
    let limits = |group: &Group| GroupLimits {
        internal: Some(WattHours(group.internal_limit)),
        external: Some(WattHours(group.external_limit)),
    };
    let problem = Problem {
        first: IntervalIndex(0),
        last: IntervalIndex(instance.intervals - 1),
        offers: offers.collect(),
        groups: instance.groups.iter().map(|group| (GroupId(group.id), limits(group))).collect(),
        price_rule: PriceRule::Midpoint,
    };
    (problem, instance.optimum_integer)
}
