//! A day of a TRANSAX market, interval by interval.

use std::collections::HashMap;

use serde::Serialize;
use transax::{Leg, Market, Offer, Side};
use units::{GroupId, IntervalIndex, OfferId};

use crate::query::{Query, Refusal};

/// So many intervals are shown at most.
const LONGEST: u32 = 192;
const DAY_SECONDS: u32 = 86_400;

/// Whether an interval's trades can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// They are final.
    Final,
    /// Nobody finalised it in time; nothing is traded in it.
    Lapsed,
    /// They are those of the best plan so far.
    Open,
}

/// One interval. Energy in Wh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    interval: IntervalIndex,
    /// Unix seconds.
    starts: u64,
    state: State,
    /// What offers to sell could have traded in it: their energy less what they traded before. An offer of several
    /// intervals counts in each of them.
    offered_wh: u64,
    /// Likewise of offers to buy.
    asked_wh: u64,
    /// What the group sells, for good where the interval is final, else by the best plan.
    sold_wh: u64,
    /// What the group buys, likewise; without a group both are what is traded.
    bought_wh: u64,
}

/// `/api/day`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    group: Option<GroupId>,
    first: IntervalIndex,
    last: IntervalIndex,
    /// Intervals before this one are final, or have lapsed.
    next_interval: IntervalIndex,
    /// The last interval in which plans may trade.
    plan_reaches: IntervalIndex,
    /// The most that may be sold, and the most that may be bought, in an interval: within the group, or in all groups
    /// together. Absent for no limit.
    internal_limit_wh: Option<u64>,
    /// The most by which a group's sales and purchases may differ. Absent for no limit, and without a group.
    external_limit_wh: Option<u64>,
    /// Energy of all offers to sell that reach into these intervals, each counted once.
    offered_wh: u64,
    /// Likewise to buy.
    asked_wh: u64,
    /// Sold in final intervals.
    traded_wh: u64,
    /// What the best plan would add.
    planned_wh: u64,
    intervals: Vec<Row>,
}

/// What was asked for.
pub struct Wanted {
    first: Option<IntervalIndex>,
    group: Option<GroupId>,
}

impl Wanted {
    /// Reads a query.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let query = Query::parse(text, &["first", "group"])?;
        Ok(Self { first: query.get("first")?.map(IntervalIndex), group: query.get("group")?.map(GroupId) })
    }
}

/// How many intervals a day has, or as many as are shown.
pub const fn length(market: &Market) -> u32 {
    let whole = DAY_SECONDS / market.params().interval_seconds;
    if whole == 0 {
        1
    } else if whole > LONGEST {
        LONGEST
    } else {
        whole
    }
}

impl Day {
    /// The day that `wanted` begins with, or that of the next interval, at `now`.
    pub fn of(market: &Market, now: u64, wanted: &Wanted) -> Result<Self, Refusal> {
        let (next, length) = (market.next_interval(now), length(market));
        let first = wanted.first.unwrap_or(IntervalIndex(next.0 / length * length));
        let last = IntervalIndex(first.0.saturating_add(length - 1));
        let limits = match wanted.group {
            Some(group) => {
                let limits = market.group_limits(group).ok_or_else(|| Refusal::missing(format!("group {group}")))?;
                (limits.internal.map(|limit| limit.0), limits.external.map(|limit| limit.0))
            }
            None => (market.groups().map(|(_, limits)| Some(limits.internal?.0)).sum(), None),
        };
        let mut day = Self {
            group: wanted.group,
            first,
            last,
            next_interval: next,
            plan_reaches: market.params().plan_horizon_after(next),
            internal_limit_wh: limits.0,
            external_limit_wh: limits.1,
            offered_wh: 0,
            asked_wh: 0,
            traded_wh: 0,
            planned_wh: 0,
            intervals: (first.0..=last.0).map(|interval| row(market, next, IntervalIndex(interval))).collect(),
        };
        day.trade(market);
        day.offer(market);
        Ok(day)
    }

    fn is_shown(&self, offer: &Offer) -> bool {
        self.group.is_none_or(|group| group == offer.group)
    }

    /// What is traded, or would be.
    fn trade(&mut self, market: &Market) {
        for place in 0..self.intervals.len() {
            let Some(row) = self.intervals.get(place) else { return };
            let (is_final, legs) = (row.state != State::Open, legs(market, row));
            let energy_of = |side| {
                let own = |leg: &&Leg| market.offer(leg.offer).is_some_and(|o| o.side == side && self.is_shown(o));
                legs.iter().filter(own).map(|leg| leg.energy.0).sum::<u64>()
            };
            let (sold, bought) = (energy_of(Side::Sell), energy_of(Side::Buy));
            *(if is_final { &mut self.traded_wh } else { &mut self.planned_wh }) += sold;
            if let Some(row) = self.intervals.get_mut(place) {
                (row.sold_wh, row.bought_wh) = (sold, bought);
            }
        }
    }

    /// What is offered and asked for.
    fn offer(&mut self, market: &Market) {
        let reaches = |offer: &Offer| offer.start <= self.last && offer.end >= self.first && offer.start <= offer.end;
        let shown: Vec<_> = market.offers().filter(|(_, offer)| reaches(offer) && self.is_shown(offer)).collect();
        let earliest = shown.iter().map(|(_, offer)| offer.start).min().unwrap_or(self.first);
        let mut traded: HashMap<(OfferId, IntervalIndex), u64> = HashMap::new();
        let mut before: HashMap<OfferId, u64> = HashMap::new();
        for (interval, done) in market.final_intervals().filter(|(at, _)| (earliest..=self.last).contains(at)) {
            for leg in &done.legs {
                if interval < self.first {
                    *before.entry(leg.offer).or_default() += leg.energy.0;
                } else {
                    traded.insert((leg.offer, interval), leg.energy.0);
                }
            }
        }
        for (id, offer) in shown {
            let mut left = offer.energy.0.saturating_sub(before.get(&id).copied().unwrap_or(0));
            *(if offer.side == Side::Sell { &mut self.offered_wh } else { &mut self.asked_wh }) += offer.energy.0;
            for row in self.intervals.iter_mut().filter(|row| offer.covers(row.interval)) {
                *(if offer.side == Side::Sell { &mut row.offered_wh } else { &mut row.asked_wh }) += left;
                left = left.saturating_sub(traded.get(&(id, row.interval)).copied().unwrap_or(0));
            }
        }
    }
}

fn row(market: &Market, next: IntervalIndex, interval: IntervalIndex) -> Row {
    let state = match market.final_interval(interval) {
        Some(_) => State::Final,
        None if interval < next => State::Lapsed,
        None => State::Open,
    };
    let starts = market.params().start_of(interval);
    Row { interval, starts, state, offered_wh: 0, asked_wh: 0, sold_wh: 0, bought_wh: 0 }
}

fn legs<'a>(market: &'a Market, row: &Row) -> &'a [Leg] {
    let planned = || Some(&market.candidate()?.block(row.interval)?.legs);
    match row.state {
        State::Final => market.final_interval(row.interval).map_or(&[], |done| &done.legs),
        State::Lapsed => &[],
        State::Open => planned().map_or(&[], |legs| legs),
    }
}
