//! What anonymous accounts sign.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use bindings::{Action, Domain, SignError, SignedAction};
use transax::{Authorization, Market, PostingTerms, Side, Transfer, TransferredAssets};
use transax_mixer::Mask;
use transax_relay::Order;
use units::{GroupId, IntervalIndex, Money, WattHours};

use crate::{RecordedOffer, deposits::MOST_OFFERS};

/// Offers of one moment, each within what its account has left after those before it.
pub struct Posting<'a> {
    market: &'a Market,
    taken: BTreeMap<(Address, Side, IntervalIndex), u64>,
    actions: BTreeMap<Address, (Mask, Vec<Action>)>,
}

impl<'a> Posting<'a> {
    pub const fn new(market: &'a Market) -> Self {
        Self { market, taken: BTreeMap::new(), actions: BTreeMap::new() }
    }

    /// As much of the offer as the account's assets of a group can back in each of its intervals; `None` where that is
    /// nothing.
    pub fn backed(&mut self, account: Address, group: GroupId, offer: RecordedOffer) -> Option<RecordedOffer> {
        let RecordedOffer { side, energy, start, end, .. } = offer;
        let span = || (start.0..=end.0).map(IntervalIndex);
        let left = |interval| {
            let free = self.market.free_assets_in(group, account, side, interval).0;
            free.saturating_sub(self.taken.get(&(account, side, interval)).copied().unwrap_or(0))
        };
        let energy = span().map(left).min().unwrap_or(0).min(energy.0);
        if energy == 0 {
            return None;
        }
        for interval in span() {
            *self.taken.entry((account, side, interval)).or_default() += energy;
        }
        Some(RecordedOffer { energy: WattHours(energy), ..offer })
    }

    /// Posts an offer that is backed.
    pub fn post(&mut self, mask: Mask, group: GroupId, offer: RecordedOffer) {
        let RecordedOffer { side, energy, price, start, end } = offer;
        let action = Action::PostOffer(PostingTerms { group, side, energy, price, start, end });
        self.actions.entry(mask.account()).or_insert_with(|| (mask, Vec::new())).1.push(action);
    }

    /// By account, in order.
    pub fn into_actions(self) -> Vec<(Mask, Vec<Action>)> {
        self.actions.into_values().collect()
    }
}

/// The deposit of all that an account holds in final intervals, after settling; `None` where nothing is left to do. `to`: the
/// meter's account for it.
pub fn deposit(
    market: &Market,
    now: u64,
    account: Address,
    group: GroupId,
    (first, last): (IntervalIndex, IntervalIndex),
    to: impl FnOnce() -> Address,
) -> Option<Action> {
    let mut settlements = market.settlements(account, now, last.next());
    let holds = |side, interval| market.free_assets_in(group, account, side, interval) > WattHours(0);
    let mut span = (first.0..=last.0).map(IntervalIndex);
    if settlements.is_empty() && !span.any(|interval| holds(Side::Sell, interval) || holds(Side::Buy, interval)) {
        return None;
    }
    settlements.truncate(MOST_OFFERS);
    Some(Action::Deposit { settlements, meter: to(), group, first, last })
}

/// The transfer of all credits of an account but for the fee; `None` where there are none. `of`: a group and an interval, of
/// which no assets are sent.
pub fn transfer(
    market: &Market,
    account: Address,
    to: Address,
    (group, first): (GroupId, IntervalIndex),
    fee: Money,
) -> Option<Action> {
    let credits = market.account(account)?.credits.0.checked_sub(fee.0).filter(|credits| *credits > 0)?;
    let assets = TransferredAssets { group, side: Side::Sell, first, last: first, energy: WattHours(0) };
    Some(Action::Transfer(Transfer { to, credits: Money(credits), assets }))
}

/// Signs an account's actions, one nonce after the other.
pub fn signed(
    market: &Market,
    domain: Domain,
    mask: &Mask,
    actions: Vec<Action>,
    deadline: u64,
    fee: Money,
) -> Result<Vec<Order>, SignError> {
    let account = mask.account();
    let sign = |(nonce, action)| {
        let by = Authorization { account, nonce, deadline, fee, relay: None };
        Ok(Order::Action(SignedAction::sign(&mask.key, domain, by, action)?))
    };
    (market.nonce(account)..).zip(actions).map(sign).collect()
}
