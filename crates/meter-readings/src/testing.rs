//! A market's times, for tests.

use alloy_primitives::Address;
use transax::{Params, PriceRule};
use units::{IntervalIndex, Price};

pub fn params() -> Params {
    Params {
        dso: Address::ZERO,
        token: Address::ZERO,
        genesis: 1_700_006_400,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 8,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    }
}

/// When an interval starts.
pub fn at(interval: u32) -> u64 {
    params().start_of(IntervalIndex(interval))
}
