//! A second look at what became final, from the published legs alone and by none of the code that verifies plans.

use std::collections::BTreeMap;

use units::{GroupId, IntervalIndex, OfferId};

use crate::{FinalInterval, Leg, Market, Past, Side};

/// A broken promise, in words. There are none unless the contract is wrong. A market that does not remember its whole past
/// cannot be audited, and says so.
pub fn violations(market: &Market) -> Vec<String> {
    if *market.past() != Past::Whole {
        return vec!["the past was not remembered, and cannot be audited".to_owned()];
    }
    let mut found = Vec::new();
    let mut traded: BTreeMap<OfferId, u128> = BTreeMap::new();
    for (interval, last) in market.final_intervals() {
        audit_groups(market, interval, &last.legs, &mut found);
        audit_balance(market, interval, last, &mut found);
        for leg in &last.legs {
            audit_leg(market, interval, leg, last.legs.len(), &mut found);
            let sum = traded.entry(leg.offer).or_default();
            *sum = sum.saturating_add(leg.energy.0.into());
        }
    }
    for (offer, sum) in traded {
        let energy = market.offer(offer).map_or(0, |offer| u128::from(offer.energy.0));
        if sum > energy {
            found.push(format!("offer {offer} of {energy} Wh traded {sum} Wh"));
        }
    }
    found
}

/// T1: per group, neither side over the internal limit, nor their difference over the external one.
fn audit_groups(market: &Market, interval: IntervalIndex, legs: &[Leg], found: &mut Vec<String>) {
    let mut totals: BTreeMap<GroupId, [u128; 2]> = BTreeMap::new();
    for leg in legs {
        let Some(offer) = market.offer(leg.offer) else { continue };
        let [sold, bought] = totals.entry(offer.group).or_default();
        let total = if offer.side == Side::Sell { sold } else { bought };
        *total = total.saturating_add(leg.energy.0.into());
    }
    for (group, [sold, bought]) in totals {
        let Some(limits) = market.group_limits(group) else {
            found.push(format!("interval {interval}: group {group} does not exist"));
            continue;
        };
        if let Some(limit) = limits.internal.filter(|limit| sold > u128::from(limit.0) || bought > u128::from(limit.0))
        {
            found.push(format!("interval {interval}: group {group} sold {sold} and bought {bought} Wh within {limit}"));
        }
        if let Some(limit) = limits.external.filter(|limit| sold.abs_diff(bought) > u128::from(limit.0)) {
            found.push(format!("interval {interval}: group {group} sold {sold} and bought {bought} Wh across {limit}"));
        }
    }
}

/// What is sold is bought, and what is paid is received.
fn audit_balance(market: &Market, interval: IntervalIndex, last: &FinalInterval, found: &mut Vec<String>) {
    let FinalInterval { value, legs, .. } = last;
    let total = |side, figure: fn(&Leg) -> u128| {
        let of_side = legs.iter().filter(|leg| market.offer(leg.offer).is_some_and(|offer| offer.side == side));
        of_side.fold(0_u128, |sum, leg| sum.saturating_add(figure(leg)))
    };
    if total(Side::Sell, |leg| leg.energy.0.into()) != u128::from(value.0) {
        found.push(format!("interval {interval}: the legs do not trade the {value} that were made final"));
    }
    for (what, figure) in [("energy", (|leg| leg.energy.0.into()) as fn(&Leg) -> u128), ("money", |leg| leg.payment.0)]
    {
        let (sold, bought) = (total(Side::Sell, figure), total(Side::Buy, figure));
        if sold != bought {
            found.push(format!("interval {interval}: {what} of sellers {sold}, of buyers {bought}"));
        }
    }
}

/// T3: within the offer's intervals and price. Payments round down once a trade, so a seller may miss less than a base
/// unit for each of its trades, of which there are no more than there are legs, nor watt-hours.
fn audit_leg(market: &Market, interval: IntervalIndex, leg: &Leg, legs: usize, found: &mut Vec<String>) {
    let id = leg.offer;
    let Some(offer) = market.offer(id) else {
        found.push(format!("interval {interval}: offer {id} does not exist"));
        return;
    };
    if interval < offer.start || interval > offer.end {
        found.push(format!("interval {interval}: offer {id} spans {} to {}", offer.start, offer.end));
    }
    let at_price = u128::from(leg.energy.0).saturating_mul(offer.price.0.into());
    let paid = leg.payment.0.saturating_mul(1000);
    let slack = u128::try_from(legs).unwrap_or(u128::MAX).min(leg.energy.0.into()).saturating_mul(1000);
    let is_within = match offer.side {
        Side::Sell => paid.saturating_add(slack) >= at_price,
        Side::Buy => paid <= at_price,
    };
    if !is_within {
        found.push(format!("interval {interval}: offer {id} was paid {} for {}", leg.payment, leg.energy));
    }
}
