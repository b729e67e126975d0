//! What to pay for gas.

use std::time::Duration;

use tokio::time::Instant;

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
}
