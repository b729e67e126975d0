//! What an account has traded.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use serde::Serialize;
use units::{IntervalIndex, Money, WattHours};

use crate::{Market, Side};

/// What an account trades in one final interval, over all its offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Energy sold.
    pub sold: WattHours,
    /// Energy bought.
    pub bought: WattHours,
    /// Paid to it for what it sold.
    pub earned: Money,
    /// Paid by it for what it bought.
    pub paid: Money,
}

impl Market {
    /// What `account` trades in every final interval in which it trades at all, settled or not. Linear in the intervals
    /// that its offers span.
    pub fn positions(&self, account: Address) -> BTreeMap<IntervalIndex, Position> {
        self.positions_together(&[account])
    }

    /// What several accounts, each of which is named once, trade together.
    pub fn positions_together(&self, accounts: &[Address]) -> BTreeMap<IntervalIndex, Position> {
        let mut positions: BTreeMap<IntervalIndex, Position> = BTreeMap::new();
        let offers = accounts.iter().flat_map(|account| self.offers_of(*account));
        for (id, offer) in offers.filter(|(_, offer)| offer.start <= offer.end) {
            for (interval, last) in self.finals.range(offer.start..=offer.end) {
                let Some(leg) = last.leg(id) else { continue };
                let position = positions.entry(*interval).or_default();
                let (energy, payment) = match offer.side {
                    Side::Sell => (&mut position.sold, &mut position.earned),
                    Side::Buy => (&mut position.bought, &mut position.paid),
                };
                *energy = WattHours(energy.0.saturating_add(leg.energy.0));
                *payment = Money(payment.0.saturating_add(leg.payment.0));
            }
        }
        positions
    }
}
