//! A TRANSAX market at a glance.

use alloy::primitives::Address;
use chain::Head;
use serde::Serialize;
use transax::{GroupLimits, Market, Params, SmartMeter};
use units::{GroupId, IntervalIndex};

use crate::day;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Group {
    #[serde(rename = "group")]
    id: GroupId,
    /// Wh an interval; absent for no limit.
    internal_limit_wh: Option<u64>,
    external_limit_wh: Option<u64>,
    prosumers: usize,
}

/// The part of `/api/market` about TRANSAX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Glance {
    market: Address,
    token_decimals: u8,
    block: u64,
    /// When that block was made, Unix seconds: the time that counts.
    time: u64,
    params: Params,
    next_interval: IntervalIndex,
    /// Unix seconds, like the next two.
    next_starts: u64,
    /// From then on plans are frozen, and anybody may finalise it.
    next_finalizable_at: u64,
    /// From then on a plan must trade at least as much in it as the best one.
    next_guarded_from: u64,
    plan_reaches: IntervalIndex,
    offers_reach: IntervalIndex,
    /// How many intervals `/api/day` shows.
    intervals_a_day: u32,
    prosumers: usize,
    offers_ever: usize,
    open_offers: usize,
    groups: Vec<Group>,
}

impl Glance {
    /// The market at `address` as of `head`.
    pub fn of(market: &Market, address: Address, token_decimals: u8, head: Head) -> Self {
        let (params, now) = (market.params(), head.timestamp);
        let next = market.next_interval(now);
        let is_of = move |meter: &SmartMeter, group| meter.prosumer.is_some() && meter.groups.at(next) == group;
        let prosumers_of = |group| market.smart_meters().filter(move |(_, meter)| is_of(meter, group));
        let group = |(group, GroupLimits { internal, external })| Group {
            id: group,
            internal_limit_wh: internal.map(|limit| limit.0),
            external_limit_wh: external.map(|limit| limit.0),
            prosumers: prosumers_of(group).count(),
        };
        Self {
            market: address,
            token_decimals,
            block: head.block.number,
            time: now,
            params: params.clone(),
            next_interval: next,
            next_starts: params.start_of(next),
            next_finalizable_at: params.finalizable_at(next),
            next_guarded_from: params.guarded_from(next),
            plan_reaches: params.plan_horizon_after(next),
            offers_reach: params.offer_horizon_after(next),
            intervals_a_day: day::length(market),
            prosumers: market.smart_meters().filter(|(_, meter)| meter.prosumer.is_some()).count(),
            offers_ever: market.offer_count(),
            open_offers: market.open_offers(now).count(),
            groups: market.groups().map(group).collect(),
        }
    }
}
