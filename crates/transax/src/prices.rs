//! What the DSO charges and pays for what was not traded: by the time of day, and by how much it is.

mod parse;

use alloy_primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};
use units::{Price, WattHours};

use crate::Params;

pub use parse::{PriceScheduleError, TimeOfDay};

const SECONDS_A_DAY: i128 = 24 * 60 * 60;

/// Prices of residuals. A schedule that was read from a file keeps the rules that the crate's README states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "parse::Words")]
pub struct PriceSchedule {
    /// How far the clock of `from` is ahead of UTC, minutes, summer and winter.
    pub utc_offset_minutes: i16,
    /// Periods of the day, the first from midnight, each until the next one.
    pub periods: Vec<DayPeriod>,
}

/// Prices of intervals that begin within a period of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayPeriod {
    /// When it begins.
    pub from: TimeOfDay,
    /// What the DSO charges, π^B: prices rise with the residual, or stay.
    pub grid: Vec<PriceBlock>,
    /// What the DSO pays, π^S: prices fall with the residual, or stay.
    pub feed_in: Vec<PriceBlock>,
}

/// The price of one part of a residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBlock {
    /// Where this part ends and the next begins, Wh an interval; `None` for the last one, which has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to_wh: Option<WattHours>,
    /// Its price.
    pub price: Price,
}

impl PriceSchedule {
    /// The two prices that the contract's deployment fixed, at all times and for any amount.
    pub fn flat(params: &Params) -> Self {
        let block = |price| vec![PriceBlock { up_to_wh: None, price }];
        let all_day = DayPeriod {
            from: TimeOfDay::MIDNIGHT,
            grid: block(params.grid_price),
            feed_in: block(params.feed_in_price),
        };
        Self { utc_offset_minutes: 0, periods: vec![all_day] }
    }

    /// What is owed to the DSO for a residual in an interval that starts at `start`, Unix seconds; below zero it owes that.
    /// The sum over all blocks is rounded once, toward zero, to a base unit.
    pub fn owed_rounded_toward_zero(&self, start: u64, residual_wh: i64) -> i128 {
        let Some(period) = self.period_at(start) else { return 0 };
        let energy = residual_wh.unsigned_abs();
        match residual_wh {
            0 => 0,
            ..0 => cost_rounded_down(&period.grid, energy),
            1.. => cost_rounded_down(&period.feed_in, energy).saturating_neg(),
        }
    }

    /// Names the schedule: keccak256 over everything it says. Schedules that charge the same in other words have other
    /// names.
    pub fn hash(&self) -> B256 {
        let mut bytes = b"TRANSAX price schedule 1".to_vec();
        bytes.extend(self.utc_offset_minutes.to_be_bytes());
        for period in &self.periods {
            bytes.push(0);
            bytes.extend(period.from.minutes().to_be_bytes());
            for (mark, blocks) in [(1, &period.grid), (2, &period.feed_in)] {
                for PriceBlock { up_to_wh, price } in blocks {
                    bytes.push(mark);
                    bytes.extend(up_to_wh.map_or(u64::MAX, |end| end.0).to_be_bytes());
                    bytes.extend(price.0.to_be_bytes());
                }
            }
        }
        keccak256(bytes)
    }

    fn period_at(&self, time: u64) -> Option<&DayPeriod> {
        let offset = i128::from(self.utc_offset_minutes).saturating_mul(60);
        let second = i128::from(time).saturating_add(offset).rem_euclid(SECONDS_A_DAY);
        self.periods.iter().rev().find(|period| i128::from(period.from.minutes()).saturating_mul(60) <= second)
    }
}

fn cost_rounded_down(blocks: &[PriceBlock], energy: u64) -> i128 {
    let (mut below, mut thousandths) = (0_u64, 0_u128);
    for block in blocks {
        let end = block.up_to_wh.map_or(u64::MAX, |end| end.0).min(energy);
        let within = u128::from(end.saturating_sub(below));
        thousandths = thousandths.saturating_add(within.saturating_mul(u128::from(block.price.0)));
        below = below.max(end);
    }
    i128::try_from(thousandths / 1000).unwrap_or(i128::MAX)
}
