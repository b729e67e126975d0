//! Which assets are to be withdrawn.

use alloy_primitives::Address;
use bindings::Call;
use runtime::Intent;
use transax::{Market, Side, SmartMeter};
use units::{IntervalIndex, WattHours};

/// Withdraws all that the meter allows, as far ahead as the market allows and up to `last`, once any of the intervals
/// `next..=needed` has none: so a withdrawal is rare, and covers many intervals.
pub fn missing(
    market: &Market,
    account: Address,
    meter: &SmartMeter,
    (next, needed): (IntervalIndex, IntervalIndex),
    last: IntervalIndex,
) -> Vec<Intent> {
    let horizon = IntervalIndex(next.0.saturating_add(market.params().offer_horizon)).min(last);
    let sides = [(Side::Sell, meter.production_limit), (Side::Buy, meter.consumption_limit)];
    let withdrawals = sides.into_iter().filter(|(_, limit)| limit.0 > 0).filter_map(|(side, energy)| {
        let is_missing = |interval| market.withdrawn_assets(account, side, interval) == WattHours(0);
        let first = (next.0..=needed.min(horizon).0).map(IntervalIndex).find(|interval| is_missing(*interval))?;
        let after = (first.0..=horizon.0).map(IntervalIndex).find(|interval| !is_missing(*interval));
        let last = after.map_or(horizon, |after| IntervalIndex(after.0 - 1));
        let key = format!("withdraw {side:?} assets of intervals {first} to {last}");
        Some(Intent::new(key, Call::WithdrawAssets { side, first, last, energy }))
    });
    withdrawals.collect()
}
