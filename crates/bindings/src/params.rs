//! A deployment's constants.

use transax::{Params, PriceRule, Side};
use units::Price;

use crate::{OutOfRange, contracts::Transax, number::narrow};

/// Reads the answer of the contract's `config()`. `None` for a price rule that the contract does not have.
pub fn params(config: &Transax::TransaxConfig) -> Option<Params> {
    Some(Params {
        dso: config.dso,
        token: config.token,
        genesis: config.genesis,
        interval_seconds: config.intervalSeconds,
        clear_intervals: config.clearIntervals.to(),
        plan_horizon: config.planHorizon.to(),
        offer_horizon: config.offerHorizon.to(),
        price_rule: match config.priceRule {
            0 => PriceRule::Midpoint,
            1 => PriceRule::Uniform,
            _ => return None,
        },
        grid_price: Price(config.gridPrice.to()),
        feed_in_price: Price(config.feedInPrice.to()),
    })
}

pub(crate) fn config(params: &Params) -> Result<Transax::TransaxConfig, OutOfRange> {
    Ok(Transax::TransaxConfig {
        dso: params.dso,
        token: params.token,
        genesis: params.genesis,
        intervalSeconds: params.interval_seconds,
        clearIntervals: narrow("clearIntervals", params.clear_intervals)?,
        planHorizon: narrow("planHorizon", params.plan_horizon)?,
        offerHorizon: narrow("offerHorizon", params.offer_horizon)?,
        priceRule: match params.price_rule {
            PriceRule::Midpoint => 0,
            PriceRule::Uniform => 1,
        },
        gridPrice: narrow("gridPrice", params.grid_price.0)?,
        feedInPrice: narrow("feedInPrice", params.feed_in_price.0)?,
    })
}

pub(crate) const fn side(number: u8) -> Option<Side> {
    match number {
        0 => Some(Side::Sell),
        1 => Some(Side::Buy),
        _ => None,
    }
}

pub(crate) const fn side_number(side: Side) -> u8 {
    match side {
        Side::Sell => 0,
        Side::Buy => 1,
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Address;

    use super::*;

    fn some() -> Params {
        Params {
            dso: Address::repeat_byte(1),
            token: Address::repeat_byte(2),
            genesis: 3,
            interval_seconds: 4,
            clear_intervals: 5,
            plan_horizon: 6,
            offer_horizon: 7,
            price_rule: PriceRule::Uniform,
            grid_price: Price(8),
            feed_in_price: Price(9),
        }
    }

    #[test]
    fn parameters_survive_the_way_there_and_back() {
        assert_eq!(params(&config(&some()).unwrap()), Some(some()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = config(&Params { plan_horizon: 1 << 24, ..some() }).unwrap_err();
        assert_eq!(error, OutOfRange { field: "planHorizon", value: 1 << 24, most: (1 << 24) - 1 });
        let error = config(&Params { grid_price: Price(1 << 40), ..some() }).unwrap_err();
        assert_eq!(error.to_string(), "gridPrice is 1099511627776, and the contract holds no more than 1099511627775");
    }
}
