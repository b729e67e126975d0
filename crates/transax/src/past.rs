//! What a market remembers of what can matter to no call any more.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use units::IntervalIndex;

use crate::holdings::Assets;
use crate::{Market, Side};

/// What a market remembers of what can matter to no call any more. Whatever it is, what a call comes to is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Past {
    /// All of it: audits, reports and screens read it. It grows for ever.
    #[default]
    Whole,
    /// What these accounts withdrew, deposited and traded in each interval, as their meters read it; of others nothing.
    Of(BTreeSet<Address>),
    /// The same of homes that trade without being seen, with what their anonymous accounts traded in each interval and deposited
    /// to their meters' one-time accounts, once [`Kin`](crate::Kin) recognises them; and everybody's joint transactions, which
    /// homes look up until what came of them has gone home.
    Unseen {
        /// The homes' registered accounts.
        accounts: BTreeSet<Address>,
        /// For how many intervals after its first one a joint transaction is remembered.
        mixes_for: u32,
        /// Names the secrets by which their accounts are recognised, and tells nothing of them.
        secrets: B256,
    },
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

    /// Whether it is remembered what this account, as it is registered, withdrew, deposited and traded.
    fn names(&self, account: Address) -> bool {
        match self {
            Self::Whole => false,
            Self::Of(accounts) | Self::Unseen { accounts, .. } => accounts.contains(&account),
        }
    }

    /// Whether joint transactions from interval `first` on are remembered, now that every interval before `next` is past.
    pub(crate) const fn holds_mixes(&self, first: IntervalIndex, next: IntervalIndex) -> bool {
        match self {
            Self::Whole => true,
            Self::Of(_) => false,
            Self::Unseen { mixes_for, .. } => next.0 <= first.0.saturating_add(*mixes_for),
        }
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
        if self.past.is_whole() || !(self.past.names(account) || self.records.contains_key(&account)) {
            return None;
        }
        let [production, consumption] = self.records.entry(account).or_default().entry(interval).or_default();
        Some(if side == Side::Sell { production } else { consumption })
    }

    /// From now on remembers what an account trades, though the past does not name it.
    pub(crate) fn remember(&mut self, account: Address) {
        if !self.past.is_whole() {
            self.records.entry(account).or_default();
        }
    }

    /// From now on remembers what an account deposits to that meter.
    pub(crate) fn remember_deposits(&mut self, account: Address, meter: Address) {
        self.deposits.entry((account, meter)).or_default();
    }

    /// What is remembered of an account in an interval, beside what is still there.
    pub(crate) fn share(&self, account: Address, side: Side, interval: IntervalIndex) -> Share {
        let shares = self.records.get(&account).and_then(|intervals| intervals.get(&interval));
        shares.map_or_else(Share::default, |shares| of_side(shares, side))
    }

    /// Lets go of what can matter to no call any more, now that every interval before [`Market::stored_next`] is past:
    /// - an offer that is settled to its end, but for what refusals name of it: it cannot be traded, changed or settled;
    /// - the legs of an interval of which every offer that spans it is settled: there is nothing left to show with them;
    /// - assets of a past interval of which none is free: none can be withdrawn any more, and what is settled comes anew;
    /// - joint transactions of which all has gone home.
    pub(crate) fn forget(&mut self) {
        if self.past.is_whole() {
            return;
        }
        let next = self.next;
        self.offers.close_before(next);
        let needed = self.offers.unsettled_before(next);
        self.finals.retain(|interval, _| needed.contains(interval));
        self.mixes.retain(|mixed| self.past.holds_mixes(mixed.first, next));
        for ((account, _, side, interval), assets) in self.assets.take_spent(next) {
            if assets.withdrawn.0 == 0 && assets.deposited.0 == 0 {
                continue;
            }
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
