//! The market on one screen.

mod words;

use ::transax::{GroupLimits, Market, Side, SmartMeter};
use alloy::primitives::Address;
use serde::Serialize;
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{deployment::Deployment, session::View};

/// How many final intervals are shown.
const FINAL_SHOWN: usize = 5;

/// Everything worth knowing at a glance; `Display` puts it in words.
#[derive(Debug, Serialize)]
pub struct Screen {
    market: Address,
    chain_id: u64,
    block: u64,
    time: u64,
    token_decimals: u8,
    /// The interval that runs; absent before the first.
    current_interval: Option<IntervalIndex>,
    next_interval: IntervalIndex,
    next_interval_starts: u64,
    next_finalizable_at: u64,
    next_guarded_from: u64,
    plan_reaches: IntervalIndex,
    offers_reach: IntervalIndex,
    prosumers: usize,
    groups: Vec<Group>,
    offers_ever: usize,
    open_offers: Vec<Open>,
    candidate: Option<Candidate>,
    last_final: Vec<Final>,
}

#[derive(Debug, Serialize)]
struct Group {
    #[serde(rename = "group")]
    id: GroupId,
    /// Absent for no limit.
    internal_limit_wh: Option<WattHours>,
    external_limit_wh: Option<WattHours>,
    meters: usize,
    prosumers: usize,
    /// Meters that are to leave it, and to join it, later.
    leaving: usize,
    joining: usize,
}

#[derive(Debug, Serialize)]
struct Open {
    offer: OfferId,
    account: Option<Address>,
    group: GroupId,
    side: Side,
    remaining_wh: WattHours,
    price_base_units: Price,
    start: IntervalIndex,
    end: IntervalIndex,
}

#[derive(Debug, Serialize)]
struct Candidate {
    solver: Address,
    value_wh: WattHours,
    /// Energy by interval.
    intervals: Vec<Planned>,
}

#[derive(Debug, Serialize)]
struct Planned {
    interval: IntervalIndex,
    energy_wh: WattHours,
    trades: usize,
}

#[derive(Debug, Serialize)]
struct Final {
    interval: IntervalIndex,
    energy_wh: WattHours,
    legs: usize,
    solver: Option<Address>,
}

impl Screen {
    /// What `view` shows now.
    pub fn of(deployment: &Deployment, view: &View) -> Self {
        let (market, params, now) = (view.market(), &deployment.params, view.now());
        let next = view.next_interval();
        let reach = |horizon: u32| IntervalIndex(next.0.saturating_add(horizon));
        Self {
            market: deployment.market,
            chain_id: deployment.chain_id,
            block: view.head().block.number,
            time: now,
            token_decimals: deployment.token_decimals,
            current_interval: params.first_not_begun(now).0.checked_sub(1).map(IntervalIndex),
            next_interval: next,
            next_interval_starts: params.start_of(next),
            next_finalizable_at: params.finalizable_at(next),
            next_guarded_from: params.guarded_from(next),
            plan_reaches: reach(params.plan_horizon),
            offers_reach: reach(params.offer_horizon),
            prosumers: market.smart_meters().filter(|(_, meter)| meter.prosumer.is_some()).count(),
            groups: groups(market, next),
            offers_ever: market.offer_count(),
            open_offers: open_offers(market, now),
            candidate: market.candidate().map(Candidate::new),
            last_final: last_final(view),
        }
    }
}

/// As they are in the interval `next`.
fn groups(market: &Market, next: IntervalIndex) -> Vec<Group> {
    let count =
        |is_counted: &dyn Fn(&SmartMeter) -> bool| market.smart_meters().filter(|(_, meter)| is_counted(meter)).count();
    let group = |(group, GroupLimits { internal, external })| Group {
        id: group,
        internal_limit_wh: internal,
        external_limit_wh: external,
        meters: count(&|meter| meter.groups.at(next) == group),
        prosumers: count(&|meter| meter.groups.at(next) == group && meter.prosumer.is_some()),
        leaving: count(&|meter| meter.groups.at(next) == group && meter.groups.last() != group),
        joining: count(&|meter| meter.groups.at(next) != group && meter.groups.last() == group),
    };
    market.groups().map(group).collect()
}

fn open_offers(market: &Market, now: u64) -> Vec<Open> {
    let open = market.open_offers(now).map(|(id, offer)| Open {
        offer: id,
        account: market.owner_address(offer.owner),
        group: offer.group,
        side: offer.side,
        remaining_wh: offer.remaining(),
        price_base_units: offer.price,
        start: offer.start,
        end: offer.end,
    });
    open.collect()
}

fn last_final(view: &View) -> Vec<Final> {
    let all: Vec<_> = view.market().final_intervals().collect();
    let last = all.iter().rev().take(FINAL_SHOWN).map(|(interval, last)| Final {
        interval: *interval,
        energy_wh: last.value,
        legs: last.legs.len(),
        solver: view.solver_of(*interval),
    });
    last.collect()
}

impl Candidate {
    fn new(candidate: &::transax::Candidate) -> Self {
        let intervals = candidate.blocks.iter().map(|block| Planned {
            interval: block.interval,
            energy_wh: block.value,
            trades: block.trades.len(),
        });
        Self { solver: candidate.solver, value_wh: candidate.value, intervals: intervals.collect() }
    }
}
