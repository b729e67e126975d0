//! What a deployment fixes, and what follows from it about time.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, Price};

/// How the contract prices a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriceRule {
    /// Halfway between the pair's reservation prices.
    Midpoint,
    /// One price an interval: halfway between the dearest matched seller and the cheapest matched buyer.
    Uniform,
}

/// The deployment's constants, as `TransaxConfig` in the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params {
    /// Adds groups, registers meters, certifies prosumers.
    pub dso: Address,
    /// The ERC-20 in which trades are paid.
    pub token: Address,
    /// Start of interval 0, Unix seconds.
    pub genesis: u64,
    /// Δ, seconds.
    pub interval_seconds: u32,
    /// `T_clear`: whole intervals between the end of an interval's trading and its start.
    pub clear_intervals: u32,
    /// `T_h`: a plan covers intervals up to `t_f` + this.
    pub plan_horizon: u32,
    /// Offers and assets reach up to `t_f` + this.
    pub offer_horizon: u32,
    /// How a trade is priced.
    pub price_rule: PriceRule,
    /// What the DSO charges, π^B.
    pub grid_price: Price,
    /// What the DSO pays, π^S.
    pub feed_in_price: Price,
}

impl Params {
    /// The first interval that has not begun at `now` (Unix seconds).
    pub const fn first_not_begun(&self, now: u64) -> IntervalIndex {
        if now < self.genesis {
            return IntervalIndex(0);
        }
        #[expect(clippy::cast_possible_truncation, reason = "the contract counts intervals in 24 bits")]
        IntervalIndex(((now - self.genesis) / self.interval_seconds as u64 + 1) as u32)
    }

    /// Start of an interval, Unix seconds.
    pub const fn start_of(&self, interval: IntervalIndex) -> u64 {
        self.genesis + interval.0 as u64 * self.interval_seconds as u64
    }

    /// From when on an interval may be finalised, Unix seconds.
    pub const fn finalizable_at(&self, interval: IntervalIndex) -> u64 {
        self.start_of(interval).saturating_sub(self.clear_intervals as u64 * self.interval_seconds as u64)
    }

    /// From when on a new plan must trade at least as much in the next interval as the candidate, Unix seconds.
    pub const fn guarded_from(&self, interval: IntervalIndex) -> u64 {
        self.finalizable_at(interval).saturating_sub(self.interval_seconds as u64 / 4)
    }
}
