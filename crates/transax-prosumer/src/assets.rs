//! Which assets are to be withdrawn.

use alloy_primitives::Address;
use bindings::Call;
use runtime::Intent;
use transax::{Market, Membership, Side, SmartMeter};
use units::{IntervalIndex, WattHours};

/// Withdraws all that the meter allows, as far ahead as the market allows and up to `last`, once any of the intervals
/// `next..=needed` has none: so a withdrawal is rare, and covers many intervals. None spans a move to another group.
pub fn missing(
    market: &Market,
    account: Address,
    meter: &SmartMeter,
    (next, needed): (IntervalIndex, IntervalIndex),
    last: IntervalIndex,
) -> Vec<Intent> {
    let horizon = IntervalIndex(next.0.saturating_add(market.params().offer_horizon)).min(last);
    let sides = [(Side::Sell, meter.production_limit), (Side::Buy, meter.consumption_limit)];
    let withdrawals = sides.into_iter().filter(|(_, limit)| limit.0 > 0).flat_map(|(side, energy)| {
        let is_missing = |interval| market.withdrawn_assets(account, side, interval) == WattHours(0);
        let first = (next.0..=needed.min(horizon).0).map(IntervalIndex).find(|interval| is_missing(*interval));
        let last = first.map(|first| {
            let after = (first.0..=horizon.0).map(IntervalIndex).find(|interval| !is_missing(*interval));
            after.map_or(horizon, |after| IntervalIndex(after.0 - 1))
        });
        let stretches = first.zip(last).map(|(first, last)| stretches(&meter.groups, first, last)).unwrap_or_default();
        stretches.into_iter().map(move |(first, last)| {
            let key = format!("withdraw {side:?} assets of intervals {first} to {last}");
            Intent::new(key, Call::WithdrawAssets { side, first, last, energy })
        })
    });
    withdrawals.collect()
}

/// `first..=last`, cut at moves to other groups.
fn stretches(groups: &Membership, first: IntervalIndex, last: IntervalIndex) -> Vec<(IntervalIndex, IntervalIndex)> {
    let (mut stretches, mut first) = (Vec::new(), first);
    while first <= last {
        let end = groups.stretch(first, last);
        stretches.push((first, end));
        first = end.next();
    }
    stretches
}
