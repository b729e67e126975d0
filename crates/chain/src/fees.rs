//! What to pay for gas.

use std::time::Duration;

use tokio::time::Instant;

/// A stuck transaction is never raised above so many times of what a new one would pay.
const MOST_TIMES: u128 = 5;
/// Tip where the node does not suggest one, wei per gas.
const DEFAULT_TIP: u128 = 1_000_000_000;

/// The two fees of an EIP-1559 transaction, wei per gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// The most to pay in all.
    pub max_fee: u128,
    /// The most of it that goes to the block's maker.
    pub tip: u128,
}

impl Fees {
    /// Enough for the base fee to rise by an eighth in each of five blocks.
    pub(crate) fn quote(base_fee: u64, tip: Option<u128>) -> Self {
        let tip = tip.unwrap_or(DEFAULT_TIP);
        Self { max_fee: u128::from(base_fee) * 2 + tip, tip }
    }

    /// What to pay for a transaction in place of one that waits, where nodes ask `now` for a new one: both fees more than
    /// the eighth more without which they keep the old one.
    pub(crate) fn bumped(self, now: Self) -> Self {
        let more = |paid: u128| paid.saturating_add(paid / 8).saturating_add(1);
        Self { max_fee: more(self.max_fee).max(now.max_fee), tip: more(self.tip).max(now.tip) }
    }

    /// The same. `None` if that is over five times what is asked: then it is not for its fees that the old one waits.
    pub(crate) fn raised(self, now: Self) -> Option<Self> {
        let raised = self.bumped(now);
        let is_plenty = raised.max_fee > now.max_fee * MOST_TIMES || raised.tip > now.tip.max(1) * MOST_TIMES;
        (!is_plenty).then_some(raised)
    }
}

/// Fees, and when they were asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quote {
    fees: Fees,
    asked: Instant,
}

impl Quote {
    pub(crate) fn now(fees: Fees) -> Self {
        Self { fees, asked: Instant::now() }
    }

    /// The fees, unless they are older than `age`.
    pub(crate) fn fees_within(&self, age: Duration) -> Option<Fees> {
        (self.asked.elapsed() <= age).then_some(self.fees)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_survives_five_full_blocks() {
        let fees = Fees::quote(1_000_000, Some(7));
        let risen = (0..5).fold(1_000_000_u128, |fee, _| fee * 9 / 8);
        assert!(fees.max_fee >= risen + fees.tip);
    }

    #[test]
    fn what_replaces_a_transaction_pays_enough_and_never_without_end() {
        let now = Fees { max_fee: 1_000, tip: 10 };
        let mut fees = Fees { max_fee: 400, tip: 10 };
        fees = fees.raised(now).unwrap();
        assert_eq!(fees, Fees { max_fee: 1_000, tip: 12 }, "at least as much as a new one");
        let mut raised = 0;
        while let Some(next) = fees.raised(now) {
            assert!(next.max_fee * 8 > fees.max_fee * 9 && next.tip * 8 > fees.tip * 9, "{next:?} after {fees:?}");
            assert!(next.max_fee <= 5_000 && next.tip <= 50);
            (fees, raised) = (next, raised + 1);
        }
        assert!(raised > 5);
    }
}
