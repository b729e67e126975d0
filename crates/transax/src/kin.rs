//! Homes that trade without being seen, for whoever knows their secrets.

use std::fmt::Debug;

use alloy_primitives::Address;
use units::IntervalIndex;

use crate::{Event, Inconsistent, Market, Past, Side};

/// Tells what homes do that trade without being seen from what everybody else does, by their secrets. A market that does not
/// remember its whole past remembers what it recognises.
pub trait Kin: Debug + Send + Sync {
    /// What is remembered for them: [`Past::Unseen`], and another one for every other kin.
    fn past(&self) -> Past;

    /// Whether an account that offers something of a side from this interval on is an anonymous one of theirs.
    fn trades(&self, market: &Market, account: Address, side: Side, start: IntervalIndex) -> bool;

    /// Whether what an account deposits goes to a one-time account of theirs; `first`: the first interval in which that is
    /// anything.
    fn deposits(&self, account: Address, meter: Address, first: IntervalIndex) -> bool;
}

impl Market {
    /// Folds one event of the contract in, as [`Market::apply`] does, and remembers it where it is of `kin`.
    pub fn apply_recognising(&mut self, event: &Event, kin: &dyn Kin) -> Result<(), Inconsistent> {
        match event {
            Event::OfferPosted { account, side, start, .. }
                if self.is_anonymous(*account) && kin.trades(self, *account, *side, *start) =>
            {
                self.remember(*account);
            }
            Event::Deposited { account, meter, first, assets, .. } => {
                let mut held = (first.0..).zip(assets).filter(|(_, assets)| assets.0.0 > 0 || assets.1.0 > 0);
                if held.next().is_some_and(|(first, _)| kin.deposits(*account, *meter, IntervalIndex(first))) {
                    self.remember_deposits(*account, *meter);
                }
            }
            _ => {}
        }
        self.apply(event)
    }

    fn is_anonymous(&self, account: Address) -> bool {
        self.account(account).is_none_or(|account| account.meter.is_none())
    }
}
