//! Offers, and the trades that pair them.

use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

/// A seller's offer is backed by production assets, a buyer's by consumption assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Gives energy; production assets (EPA).
    Sell,
    /// Takes energy; consumption assets (ECA).
    Buy,
}

/// An offer as the contract stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Energy in all.
    pub energy: WattHours,
    /// Energy traded in final intervals; kept only while the offer has intervals left.
    pub traded: WattHours,
    /// Energy settled.
    pub settled: WattHours,
    /// Reservation price.
    pub price: Price,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
    /// First interval that is not settled; past `end` when the offer is done.
    pub next: IntervalIndex,
    /// Group of its owner.
    pub group: GroupId,
    /// Who posted it.
    pub owner: OwnerId,
    /// Which side it is on.
    pub side: Side,
}

impl Offer {
    /// Whether every interval of the offer is settled, and nothing is locked any more.
    pub fn is_done(&self) -> bool {
        self.next > self.end
    }

    /// Whether the offer spans `interval`.
    pub fn covers(&self, interval: IntervalIndex) -> bool {
        self.start <= interval && interval <= self.end
    }

    /// Energy that may still be traded.
    pub fn remaining(&self) -> WattHours {
        WattHours(self.energy.0.saturating_sub(self.traded.0))
    }

    /// Energy of which it is not settled whether it is traded.
    pub(crate) fn unsettled(&self) -> WattHours {
        WattHours(self.energy.0.saturating_sub(self.settled.0))
    }

    /// The offer once it is settled up to `until`, before which it traded `energy` for `payment`, and the credits that its
    /// owner gets: all of the payment for a seller, what was held for it and not needed for a buyer. `None` where more is
    /// paid than was held.
    pub(crate) fn settled_until(
        &self,
        until: IntervalIndex,
        energy: WattHours,
        payment: Money,
    ) -> Option<(Self, Money)> {
        let settled = WattHours(self.settled.0.saturating_add(energy.0));
        let mut new = Self { next: until, settled, ..self.clone() };
        if new.is_done() {
            new.settled = new.energy;
        }
        let credits = match self.side {
            Side::Sell => payment,
            Side::Buy => Money(self.escrow().0.checked_sub(new.escrow().0)?.checked_sub(payment.0)?),
        };
        Some((new, credits))
    }

    /// Credits a buyer's offer still holds; zero for a seller.
    pub fn escrow(&self) -> Money {
        match self.side {
            Side::Sell => Money(0),
            Side::Buy => self.price.cost_rounded_down(self.unsettled()),
        }
    }
}

/// One trade of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Trade {
    /// When.
    pub interval: IntervalIndex,
    /// The seller's offer.
    pub seller: OfferId,
    /// The buyer's offer.
    pub buyer: OfferId,
    /// How much.
    pub energy: WattHours,
}
