//! What a deployment fixes, and what follows from it about time.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{IntervalIndex, Price};

use crate::{Refusal, range};

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
    /// Whether the contract can be deployed with these, but for the token, which must be a contract.
    pub fn check(&self) -> Result<(), Refusal> {
        let is_timely = self.interval_seconds >= 4 && self.clear_intervals >= 1 && self.genesis >= self.lead_seconds();
        let is_reaching = self.plan_horizon <= 255.min(self.offer_horizon) && self.offer_horizon < 1 << 20;
        let fits = self.clear_intervals <= range::INTERVAL;
        range::price(self.grid_price)?;
        range::price(self.feed_in_price)?;
        if is_timely && is_reaching && fits && !self.dso.is_zero() { Ok(()) } else { Err(Refusal::BadConfig) }
    }

    /// The first interval that has not begun at `now` (Unix seconds), or the last one that the contract can count.
    pub const fn first_not_begun(&self, now: u64) -> IntervalIndex {
        let Some(since) = now.checked_sub(self.genesis) else { return IntervalIndex(0) };
        let Some(whole) = since.checked_div(self.interval_seconds as u64) else {
            return IntervalIndex(range::INTERVAL);
        };
        let first = whole.saturating_add(1);
        #[expect(clippy::cast_possible_truncation, reason = "compared in the line itself")]
        IntervalIndex(if first < range::INTERVAL as u64 { first as u32 } else { range::INTERVAL })
    }

    /// Start of an interval, Unix seconds.
    pub const fn start_of(&self, interval: IntervalIndex) -> u64 {
        self.genesis.saturating_add((interval.0 as u64).saturating_mul(self.interval_seconds as u64))
    }

    /// From when on an interval may be finalised, Unix seconds.
    pub const fn finalizable_at(&self, interval: IntervalIndex) -> u64 {
        let clear = (self.clear_intervals as u64).saturating_mul(self.interval_seconds as u64);
        self.start_of(interval).saturating_sub(clear)
    }

    /// From when on a new plan must trade at least as much in the next interval as the candidate, Unix seconds.
    pub const fn guarded_from(&self, interval: IntervalIndex) -> u64 {
        let quarter = self.interval_seconds as u64 / 4;
        self.finalizable_at(interval).saturating_sub(quarter)
    }

    /// The last interval a plan may trade in where `next` is the next to become final.
    pub const fn plan_horizon_after(&self, next: IntervalIndex) -> IntervalIndex {
        IntervalIndex(next.0.saturating_add(self.plan_horizon))
    }

    /// The last interval that offers and assets may reach where `next` is the next to become final.
    pub const fn offer_horizon_after(&self, next: IntervalIndex) -> IntervalIndex {
        IntervalIndex(next.0.saturating_add(self.offer_horizon))
    }

    /// Interval 0 is traded before it begins; so long before, seconds.
    fn lead_seconds(&self) -> u64 {
        u64::from(self.interval_seconds).saturating_mul(u64::from(self.clear_intervals).saturating_add(1))
    }
}
