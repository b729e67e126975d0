//! What a relay takes on.

use alloy::primitives::Address;
use bindings::Domain;
use serde::Serialize;
use thiserror::Error;
use units::Money;

use crate::Order;

/// A relay's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The least it is paid for an order, base units of credits.
    pub least_fee: Money,
    /// How many seconds an order must have left when it is handed in, so that it can still be mined.
    pub least_seconds: u64,
}

/// Why a relay does not take an order on. Nothing was sent, and the order is as good as before: hand it to another relay.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case", tag = "declined")]
pub enum Declined {
    /// Somebody's signature does not hold.
    #[error("it is not signed by everybody it names, for this market; sign exactly what is handed in")]
    NotSigned,
    /// There is no time left.
    #[error("it holds until {deadline}, and {least_seconds} s must be left; sign with a later deadline")]
    TooLate {
        /// Until when it holds.
        deadline: u64,
        /// What must be left.
        least_seconds: u64,
    },
    /// The fee does not suffice.
    #[error("it pays {fee} base units of credits, and this relay asks for {least}; offer more, or ask another relay")]
    FeeTooLow {
        /// What it pays.
        fee: Money,
        /// What is asked.
        least: Money,
    },
    /// Another one is paid.
    #[error("it pays {relay}; name this relay, or none")]
    PaysAnother {
        /// Who is paid.
        relay: Address,
    },
}

impl Policy {
    /// Whether the relay at `me` takes `order` on at `now` (Unix seconds). The cheap questions come first.
    pub fn check(&self, order: &Order, domain: Domain, me: Address, now: u64) -> Result<(), Declined> {
        let (deadline, least_seconds) = (order.deadline(), self.least_seconds);
        if deadline < now.saturating_add(least_seconds) {
            return Err(Declined::TooLate { deadline, least_seconds });
        }
        let (fee, paid) = order.pays();
        if fee < self.least_fee {
            return Err(Declined::FeeTooLow { fee, least: self.least_fee });
        }
        if let Some(relay) = paid.filter(|paid| *paid != me && self.least_fee.0 > 0) {
            return Err(Declined::PaysAnother { relay });
        }
        if order.is_signed(domain) { Ok(()) } else { Err(Declined::NotSigned) }
    }
}

#[cfg(test)]
mod tests {
    use alloy::{primitives::B256, signers::local::PrivateKeySigner};
    use bindings::{Action, SignedAction};
    use transax::Authorization;
    use units::OfferId;

    use super::*;

    const DOMAIN: Domain = Domain { chain_id: 1, market: Address::repeat_byte(7) };
    const ME: Address = Address::repeat_byte(3);
    const POLICY: Policy = Policy { least_fee: Money(10), least_seconds: 5 };

    fn order(fee: u128, relay: Option<Address>) -> Order {
        let key = PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).expect("a number within the curve's order");
        let by = Authorization { account: key.address(), nonce: 0, deadline: 100, fee: Money(fee), relay };
        let action = Action::CancelOffer { offer: OfferId(1) };
        Order::Action(SignedAction::sign(&key, DOMAIN, by, action).expect("a signature"))
    }

    #[test]
    fn an_order_that_pays_this_relay_or_anyone_is_taken_on() {
        for relay in [None, Some(ME)] {
            assert_eq!(POLICY.check(&order(10, relay), DOMAIN, ME, 95), Ok(()));
        }
    }

    #[test]
    fn every_condition_is_checked() {
        let too_late = Declined::TooLate { deadline: 100, least_seconds: 5 };
        assert_eq!(POLICY.check(&order(10, None), DOMAIN, ME, 96), Err(too_late));
        let too_low = Declined::FeeTooLow { fee: Money(9), least: Money(10) };
        assert_eq!(POLICY.check(&order(9, None), DOMAIN, ME, 0), Err(too_low));
        let relay = Address::repeat_byte(4);
        assert_eq!(POLICY.check(&order(10, Some(relay)), DOMAIN, ME, 0), Err(Declined::PaysAnother { relay }));
        let elsewhere = Domain { chain_id: 2, ..DOMAIN };
        assert_eq!(POLICY.check(&order(10, None), elsewhere, ME, 0), Err(Declined::NotSigned));
    }

    #[test]
    fn who_asks_for_nothing_works_for_others_too() {
        let generous = Policy { least_fee: Money(0), ..POLICY };
        assert_eq!(generous.check(&order(0, Some(Address::repeat_byte(4))), DOMAIN, ME, 0), Ok(()));
    }
}
