//! What became final is settled, and its assets go to the meter.

use alloy_primitives::Address;
use bindings::Call;
use runtime::Intent;
use transax::{Market, Membership, Settlement, Side};
use units::{IntervalIndex, WattHours};

/// The most offers settled by one transaction: with proofs of a thousand legs each, well below the limit of its gas.
pub(crate) const MOST_OFFERS: usize = 32;

/// A deposit for the first stretch of intervals that is final and holds anything. Stretches are aligned, as the contract's
/// storage is, and end where the account's meter moves to another group. `trading`: the last interval that is traded, and how
/// many intervals a deposit waits for.
pub fn due(
    market: &Market,
    now: u64,
    (account, groups): (Address, &Membership),
    trading: (IntervalIndex, u32),
) -> Vec<Intent> {
    let next = market.next_interval(now);
    let length = trading.1.max(1);
    let Some(oldest) = oldest_due(market, account, next) else { return Vec::new() };
    let aligned = IntervalIndex(oldest.0 / length * length);
    let first = aligned.max(groups.since(oldest));
    let mut last = groups.stretch(first, IntervalIndex(aligned.0.saturating_add(length - 1)));
    if last >= next {
        if next <= trading.0 {
            return Vec::new();
        }
        last = IntervalIndex(next.0 - 1);
    }
    let mut settlements = market.settlements(account, now, last.next());
    settlements.truncate(MOST_OFFERS);
    let key = format!("deposit intervals {first} to {last}{}", described(&settlements));
    let group = groups.at(first);
    vec![Intent::new(key, Call::Deposit { account, group, settlements, first, last })]
}

fn described(settlements: &[Settlement]) -> String {
    let offers = settlements.iter().map(|settlement| format!(" {}<{}", settlement.offer, settlement.until));
    let offers: String = offers.collect();
    if offers.is_empty() { offers } else { format!(" with offers{offers}") }
}

/// The first final interval in which the account has assets left, or an offer that is not settled.
fn oldest_due(market: &Market, account: Address, next: IntervalIndex) -> Option<IntervalIndex> {
    let unsettled = market.offers_of(account).filter(|(_, offer)| !offer.is_done() && offer.next < next);
    let unsettled = unsettled.map(|(_, offer)| offer.next).min();
    let has_assets = |interval| {
        [Side::Sell, Side::Buy].iter().any(|side| market.free_assets(account, *side, interval) > WattHours(0))
    };
    let held = (0..next.0).map(IntervalIndex).find(|interval| has_assets(*interval));
    unsettled.into_iter().chain(held).min()
}
