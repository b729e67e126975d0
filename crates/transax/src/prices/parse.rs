//! Price schedules as they are written, and what is wrong with them.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use units::Price;

use super::{DayPeriod, PriceBlock, PriceSchedule};
use crate::range;

/// A time of day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

/// What a file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[serde(default)]
    utc_offset_minutes: i16,
    periods: Vec<DayPeriod>,
}

/// Why a price schedule is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each message explains its fields")]
pub enum PriceScheduleError {
    #[error("{text:?} is no time of day; write hours and minutes, such as 06:30")]
    TimeOfDay { text: String },
    #[error("utc_offset_minutes is {minutes}; clocks are between 840 behind UTC and 840 ahead of it")]
    Offset { minutes: i16 },
    #[error("the first period must begin at 00:00, so that each interval of a day has a price")]
    Midnight,
    #[error("the period from {from} does not come after the one before it; sort them, each with another time")]
    PeriodOrder { from: TimeOfDay },
    #[error("{side} from {from}: only the last block goes without up_to_wh, and the last one must")]
    OpenEnd { from: TimeOfDay, side: &'static str },
    #[error("{side} from {from}: up_to_wh must rise from block to block, and begin above 0")]
    BlockOrder { from: TimeOfDay, side: &'static str },
    #[error("{side} from {from}: {price} is over the contract's 40 bits")]
    TooDear { from: TimeOfDay, side: &'static str, price: Price },
    #[error("grid from {from}: the price falls from {before} to {price}; who takes more would pay less for it")]
    GridFalls { from: TimeOfDay, before: Price, price: Price },
    #[error("feed_in from {from}: the price rises from {before} to {price}; who feeds in more would earn more for it")]
    FeedInRises { from: TimeOfDay, before: Price, price: Price },
    #[error(
        "from {from} feeding in earns {feed_in} and the grid charges {grid}; who bought and sold at once would gain"
    )]
    Arbitrage { from: TimeOfDay, feed_in: Price, grid: Price },
}

impl TimeOfDay {
    /// 00:00.
    pub const MIDNIGHT: Self = Self(0);

    /// Since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = PriceScheduleError;

    fn try_from(text: String) -> Result<Self, PriceScheduleError> {
        let number = |digits: &str, below: u16| {
            let is_plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|number: &u16| is_plain && *number < below)
        };
        let minutes = text
            .split_once(':')
            .and_then(|(hours, minutes)| number(hours, 24)?.saturating_mul(60).checked_add(number(minutes, 60)?));
        minutes.map(Self).ok_or(PriceScheduleError::TimeOfDay { text })
    }
}

impl TryFrom<Words> for PriceSchedule {
    type Error = PriceScheduleError;

    fn try_from(words: Words) -> Result<Self, PriceScheduleError> {
        let Words { utc_offset_minutes: minutes, periods } = words;
        if !(-840..=840).contains(&minutes) {
            return Err(PriceScheduleError::Offset { minutes });
        }
        if periods.first().map(|period| period.from) != Some(TimeOfDay::MIDNIGHT) {
            return Err(PriceScheduleError::Midnight);
        }
        for (before, period) in periods.iter().zip(periods.iter().skip(1)) {
            if before.from >= period.from {
                return Err(PriceScheduleError::PeriodOrder { from: period.from });
            }
        }
        periods.iter().try_for_each(check)?;
        Ok(Self { utc_offset_minutes: minutes, periods })
    }
}

fn check(period: &DayPeriod) -> Result<(), PriceScheduleError> {
    let DayPeriod { from, grid, feed_in } = period;
    let from = *from;
    check_blocks(from, "grid", grid)?;
    check_blocks(from, "feed_in", feed_in)?;
    for (before, price) in steps(grid) {
        if before > price {
            return Err(PriceScheduleError::GridFalls { from, before, price });
        }
    }
    for (before, price) in steps(feed_in) {
        if before < price {
            return Err(PriceScheduleError::FeedInRises { from, before, price });
        }
    }
    match (grid.first(), feed_in.first()) {
        (Some(grid), Some(feed_in)) if feed_in.price > grid.price => {
            Err(PriceScheduleError::Arbitrage { from, feed_in: feed_in.price, grid: grid.price })
        }
        _ => Ok(()),
    }
}

fn check_blocks(from: TimeOfDay, side: &'static str, blocks: &[PriceBlock]) -> Result<(), PriceScheduleError> {
    let Some((last, others)) = blocks.split_last() else { return Err(PriceScheduleError::OpenEnd { from, side }) };
    if last.up_to_wh.is_some() {
        return Err(PriceScheduleError::OpenEnd { from, side });
    }
    let mut below = 0;
    for block in others {
        let end = block.up_to_wh.ok_or(PriceScheduleError::OpenEnd { from, side })?;
        if end.0 <= below {
            return Err(PriceScheduleError::BlockOrder { from, side });
        }
        below = end.0;
    }
    let dear = blocks.iter().find(|block| range::price(block.price).is_err());
    dear.map_or(Ok(()), |block| Err(PriceScheduleError::TooDear { from, side, price: block.price }))
}

/// The prices of blocks that follow each other.
fn steps(blocks: &[PriceBlock]) -> impl Iterator<Item = (Price, Price)> {
    blocks.iter().zip(blocks.iter().skip(1)).map(|(before, block)| (before.price, block.price))
}
