//! What a market remembers of what can matter to no call any more.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::IntervalIndex;

use crate::holdings::Assets;
use crate::{Market, Side};

/// What a market remembers of what can matter to no call any more. Whatever it is, what a call comes to is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Past {
    /// All of it: audits, reports and screens read it, and so do homes that trade without being seen. It grows for ever.
    #[default]
    Whole,
    /// What these accounts withdrew, deposited and traded in each interval, as their meters read it; of others nothing.
    Of(BTreeSet<Address>),
}

impl Past {
    /// Of these accounts.
    pub fn of(accounts: impl IntoIterator<Item = Address>) -> Self {
        Self::Of(accounts.into_iter().collect())
    }

    /// Of nobody.
    pub const fn forgotten() -> Self {
        Self::Of(BTreeSet::new())
    }

    /// Whether everything is remembered.
    pub(crate) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }
}

/// What is left of what an account had and traded on one side in one interval. The contract counts energy in 32 bits, and
/// at its highest price that much energy costs less than 64 bits hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) withdrawn: u32,
    pub(crate) deposited: u32,
    pub(crate) traded: u32,
    /// Offered until the interval's end, and not traded.
    pub(crate) left_over: u32,
    /// For what was traded.
    pub(crate) payment: u64,
}

/// By account and interval: of production, of consumption.
pub(crate) type Records = BTreeMap<Address, BTreeMap<IntervalIndex, [Share; 2]>>;

/// Adds to a figure of a share; what does not fit cannot be, and stops at the most that does.
pub(crate) fn add<N: TryFrom<u128> + Into<u128> + Copy>(figure: &mut N, more: impl Into<u128>, most: N) {
    *figure = N::try_from((*figure).into().saturating_add(more.into())).unwrap_or(most);
}

impl Share {
    /// What assets had that are let go of.
    fn absorb(&mut self, assets: &Assets) {
        add(&mut self.withdrawn, assets.withdrawn.0, u32::MAX);
        add(&mut self.deposited, assets.deposited.0, u32::MAX);
    }
}

impl Market {
    /// What is to be remembered of an account in an interval; `None` where that is nothing, or where nothing is forgotten.
    pub(crate) fn share_mut(&mut self, account: Address, side: Side, interval: IntervalIndex) -> Option<&mut Share> {
        let Past::Of(accounts) = &self.past else { return None };
        if !accounts.contains(&account) {
            return None;
        }
        let [production, consumption] = self.records.entry(account).or_default().entry(interval).or_default();
        Some(if side == Side::Sell { production } else { consumption })
    }

    /// What is remembered of an account in an interval, beside what is still there.
    pub(crate) fn share(&self, account: Address, side: Side, interval: IntervalIndex) -> Share {
        let shares = self.records.get(&account).and_then(|intervals| intervals.get(&interval));
        shares.map_or_else(Share::default, |shares| of_side(shares, side))
    }

    /// Lets go of what can matter to no call any more, now that every interval before [`Market::stored_next`] is past:
    /// - an offer that is settled to its end, but for what refusals name of it: it cannot be traded, changed or settled;
    /// - the legs of an interval of which every offer that spans it is settled: there is nothing left to show with them;
    /// - assets of a past interval of which none is free: none can be withdrawn any more, and what is settled comes anew.
    pub(crate) fn forget(&mut self) {
        if self.past.is_whole() {
            return;
        }
        let next = self.next;
        self.offers.close_before(next);
        let needed = self.offers.unsettled_before(next);
        self.finals.retain(|interval, _| needed.contains(interval));
        for ((account, _, side, interval), assets) in self.assets.take_spent(next) {
            if let Some(share) = self.share_mut(account, side, interval) {
                share.absorb(&assets);
            }
        }
    }
}

/// The share of one side.
pub(crate) const fn of_side(shares: &[Share; 2], side: Side) -> Share {
    let [production, consumption] = shares;
    match side {
        Side::Sell => *production,
        Side::Buy => *consumption,
    }
}
