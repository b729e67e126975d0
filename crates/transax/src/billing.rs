//! What a prosumer owes the DSO for energy it did not trade.

use serde::{Deserialize, Serialize};
use units::{IntervalIndex, WattHours};

use crate::{Params, PriceSchedule};

/// What the meter knows of one interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metered {
    /// When.
    pub interval: IntervalIndex,
    /// E: energy produced minus energy consumed, Wh.
    pub net_wh: i64,
    /// Production and consumption assets withdrawn.
    pub withdrawn: (WattHours, WattHours),
    /// Production and consumption assets deposited to the meter.
    pub deposited: (WattHours, WattHours),
}

/// What is owed for one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// When.
    pub interval: IntervalIndex,
    /// E, Wh.
    pub net_wh: i64,
    /// r = E + ΔEPA, Wh: below zero it is bought from the DSO, above zero sold to it.
    pub residual_wh: i64,
    /// Assets withdrawn less assets deposited, Wh, of both kinds together. Above zero the account kept or lost some;
    /// trading never changes it.
    pub missing_wh: i64,
    /// Base units of the token, rounded toward zero: above zero owed to the DSO, below zero by it.
    pub owed: i128,
}

/// What is owed for a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Interval by interval, in the order of the readings.
    pub lines: Vec<BillLine>,
    /// Sum of the lines' missing assets.
    pub missing_wh: i64,
    /// Sum of the lines.
    pub owed: i128,
}

/// The bill (2.16, see the errata) for `readings`: −r at the grid's price where r < 0, and r at the feed-in price where
/// r > 0, both of the schedule's period in which the interval begins, each line rounded toward zero to a base unit.
///
/// Production assets that are missing count as sold: whoever keeps assets back never gains by it. Figures that exceed 64
/// bits saturate, which the contract's 32 bits an amount rule out.
pub fn bill_rounded_toward_zero(params: &Params, prices: &PriceSchedule, readings: &[Metered]) -> Bill {
    let mut bill = Bill::default();
    for reading in readings {
        let line = line_rounded_toward_zero(params, prices, reading);
        bill.missing_wh = bill.missing_wh.saturating_add(line.missing_wh);
        bill.owed = bill.owed.saturating_add(line.owed);
        bill.lines.push(line);
    }
    bill
}

fn line_rounded_toward_zero(params: &Params, prices: &PriceSchedule, reading: &Metered) -> BillLine {
    let (withdrawn, deposited) = (reading.withdrawn, reading.deposited);
    let residual_wh = reading.net_wh.saturating_add(difference(deposited.0, withdrawn.0));
    let missing_wh = difference(withdrawn.0, deposited.0).saturating_add(difference(withdrawn.1, deposited.1));
    let owed = prices.owed_rounded_toward_zero(params.start_of(reading.interval), residual_wh);
    BillLine { interval: reading.interval, net_wh: reading.net_wh, residual_wh, missing_wh, owed }
}

fn difference(one: WattHours, other: WattHours) -> i64 {
    let signed = |energy: WattHours| i64::try_from(energy.0).unwrap_or(i64::MAX);
    signed(one).saturating_sub(signed(other))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::Address;
    use units::Price;

    use super::*;
    use crate::PriceRule;

    fn params() -> Params {
        Params {
            dso: Address::ZERO,
            token: Address::ZERO,
            genesis: 1_000_000,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        }
    }

    fn metered(net_wh: i64, withdrawn: (u64, u64), deposited: (u64, u64)) -> Metered {
        let pair = |(production, consumption)| (WattHours(production), WattHours(consumption));
        Metered { interval: IntervalIndex(3), net_wh, withdrawn: pair(withdrawn), deposited: pair(deposited) }
    }

    fn line(net_wh: i64, withdrawn: (u64, u64), deposited: (u64, u64)) -> BillLine {
        let params = params();
        line_rounded_toward_zero(&params, &PriceSchedule::flat(&params), &metered(net_wh, withdrawn, deposited))
    }

    #[test]
    fn who_trades_nothing_pays_the_grid_price_or_earns_the_feed_in_price() {
        assert_eq!(line(-1000, (0, 0), (0, 0)).owed, 300_000);
        assert_eq!(line(1000, (0, 0), (0, 0)).owed, -80_000);
        assert_eq!(line(0, (500, 500), (500, 500)).owed, 0);
    }

    #[test]
    fn what_was_sold_and_produced_is_not_billed() {
        // 100 withdrawn, 60 sold: 40 of production come back, and 60 of consumption from the buyer.
        let sold = line(60, (100, 0), (40, 60));
        assert_eq!((sold.residual_wh, sold.missing_wh, sold.owed), (0, 0, 0));
    }

    #[test]
    fn what_was_bought_and_consumed_is_not_billed() {
        let bought = line(-60, (0, 100), (60, 40));
        assert_eq!((bought.residual_wh, bought.missing_wh, bought.owed), (0, 0, 0));
    }

    #[test]
    fn a_seller_that_produces_too_little_buys_the_rest_from_the_grid() {
        let short = line(10, (100, 0), (40, 60));
        assert_eq!((short.residual_wh, short.owed), (-50, 15_000));
    }

    #[test]
    fn assets_kept_back_are_reported_and_never_pay() {
        let kept = line(60, (100, 0), (0, 60));
        assert_eq!((kept.residual_wh, kept.missing_wh, kept.owed), (-40, 40, 12_000));
    }

    #[test]
    fn each_line_rounds_toward_zero_and_the_bill_is_their_sum() {
        let params = Params { grid_price: Price(1999), feed_in_price: Price(1999), ..params() };
        let readings = [metered(-1, (0, 0), (0, 0)), metered(1, (0, 0), (0, 0)), metered(-2, (0, 5), (0, 0))];
        let bill = bill_rounded_toward_zero(&params, &PriceSchedule::flat(&params), &readings);
        let owed: Vec<_> = bill.lines.iter().map(|line| line.owed).collect();
        assert_eq!(owed, [1, -1, 3]);
        assert_eq!((bill.owed, bill.missing_wh), (3, 5));
    }
}
