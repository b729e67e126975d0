//! Markets that have the shape of one for energy in intervals, given to `matching`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use matching::{Formulation, MatchingError, OpenOffer, Options, Problem};
use optimizer::Optimize;
use solidworx::{Assignment, Market, Offer, Side};
use transax::PriceRule;
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

/// Intervals are 24 bits wide in `matching`'s markets; more types than this are not intervals of anything.
const MOST_INTERVALS: u64 = 1 << 24;

/// What `matching` found.
pub(crate) struct Found {
    pub assignments: Vec<Assignment>,
    pub upper_bound: u128,
    pub variables: usize,
}

/// The market as `matching` knows it, if it has that shape; types count from its first one.
pub(crate) fn problem(market: &Market) -> Option<Problem> {
    let terms = &market.terms;
    if terms.weighted || terms.benefit || terms.bounded || terms.paired {
        return None;
    }
    let types = || market.offers.iter().flat_map(|offer| &offer.alternatives).map(|listed| listed.resource_type);
    let (first, last) = (types().min()?, types().max()?);
    if last - first >= MOST_INTERVALS {
        return None;
    }
    let offers: Option<BTreeMap<OfferId, OpenOffer>> =
        market.offers.iter().map(|offer| of_offer(offer, first)).collect();
    Some(Problem {
        first: IntervalIndex(0),
        last: IntervalIndex(u32::try_from(last - first).ok()?),
        offers: offers?,
        groups: BTreeMap::new(),
        price_rule: PriceRule::Midpoint,
    })
}

fn of_offer(offer: &Offer, first: u64) -> Option<(OfferId, OpenOffer)> {
    let (front, back) = (offer.alternatives.first()?, offer.alternatives.last()?);
    let one = |number: fn(&solidworx::Alternative) -> u64| {
        offer.alternatives.iter().map(number).collect::<BTreeSet<_>>().len() == 1
    };
    let is_run = usize::try_from(back.resource_type - front.resource_type).ok()? + 1 == offer.alternatives.len();
    if !is_run || !one(|listed| listed.quantity) || !one(|listed| listed.price) {
        return None;
    }
    let interval = |resource_type: u64| Some(IntervalIndex(u32::try_from(resource_type - first).ok()?));
    let side = match offer.side {
        Side::Providing => transax::Side::Sell,
        Side::Consuming => transax::Side::Buy,
    };
    let open = OpenOffer {
        side,
        group: GroupId(0),
        price: Price(front.price),
        start: interval(front.resource_type)?,
        end: interval(back.resource_type)?,
        remaining: WattHours(front.quantity),
    };
    Some((OfferId(u32::try_from(offer.id).ok()?), open))
}

/// Solves it, and turns trades back into assignments at the price midway, rounded down.
pub(crate) fn solve(
    market: &Market,
    problem: &Problem,
    optimizer: &dyn Optimize,
    deadline: Duration,
) -> Result<Found, MatchingError> {
    let options = Options { deadline, ..Options::default() };
    let matching = matching::solve(problem, optimizer, &options, Formulation::Auto)?;
    let types = market.offers.iter().flat_map(|offer| &offer.alternatives).map(|listed| listed.resource_type);
    let first = types.min().unwrap_or(0);
    let price = |id: OfferId| problem.offers.get(&id).map_or(0, |offer| offer.price.0);
    let assignments = matching.trades.iter().map(|trade| Assignment {
        providing_offer: trade.seller.0.into(),
        consuming_offer: trade.buyer.0.into(),
        resource_type: first + u64::from(trade.interval.0),
        quantity: trade.energy.0,
        price: price(trade.seller).midpoint(price(trade.buyer)),
    });
    let (upper_bound, variables) = (matching.upper_bound.0.into(), matching.variables);
    Ok(Found { assignments: assignments.collect(), upper_bound, variables })
}
