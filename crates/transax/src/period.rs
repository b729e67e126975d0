//! What a meter tells the DSO of a period: one sum.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use units::IntervalIndex;

use crate::{BillLine, range};

/// All that leaves the meter: what a prosumer owes for a period of whole intervals without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodBill {
    /// Who owes, or is owed.
    pub prosumer: Address,
    /// The first interval.
    pub first: IntervalIndex,
    /// The last interval.
    pub last: IntervalIndex,
    /// Base units of the token: above zero owed to the DSO, below zero by it.
    pub owed: i128,
    /// Assets withdrawn less assets deposited, Wh, of both kinds and all intervals together.
    pub missing_wh: i64,
    /// Names the price schedule that it was billed by.
    pub schedule: B256,
}

/// Why there is no bill of a period, or why it does not follow the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each message explains its fields")]
pub enum PeriodError {
    #[error("its last interval, {last}, is before its first, {first}")]
    Inverted { first: IntervalIndex, last: IntervalIndex },
    #[error("there is no reading of interval {interval}, and a period has no gaps")]
    Unread { interval: IntervalIndex },
    #[error("intervals {first} to {last} are billed already; the next bill begins with {}", last.0.saturating_add(1))]
    Overlaps { first: IntervalIndex, last: IntervalIndex },
    #[error("intervals {first} to {last} are not billed yet; their bill comes before this one")]
    Gap { first: IntervalIndex, last: IntervalIndex },
}

impl PeriodBill {
    /// Adds up the lines of `first..=last`, each of which must be there; others do not count.
    pub fn of_lines(
        prosumer: Address,
        schedule: B256,
        lines: &[BillLine],
        (first, last): (IntervalIndex, IntervalIndex),
    ) -> Result<Self, PeriodError> {
        if last < first {
            return Err(PeriodError::Inverted { first, last });
        }
        let lines: BTreeMap<_, _> = lines.iter().map(|line| (line.interval, line)).collect();
        let mut bill = Self { prosumer, first, last, owed: 0, missing_wh: 0, schedule };
        for interval in range::intervals(first, last) {
            let line = lines.get(&interval).ok_or(PeriodError::Unread { interval })?;
            bill.owed = bill.owed.saturating_add(line.owed);
            bill.missing_wh = bill.missing_wh.saturating_add(line.missing_wh);
        }
        Ok(bill)
    }

    /// Whether it begins where the bill `before` ends. The first one of a prosumer may begin anywhere.
    pub fn check_follows(&self, before: Option<&Self>) -> Result<(), PeriodError> {
        let Self { first, last, .. } = *self;
        if last < first {
            return Err(PeriodError::Inverted { first, last });
        }
        let Some(before) = before else { return Ok(()) };
        let next = IntervalIndex(before.last.0.saturating_add(1));
        if first < next {
            return Err(PeriodError::Overlaps { first: before.first, last: before.last });
        }
        if first > next {
            return Err(PeriodError::Gap { first: next, last: IntervalIndex(first.0.saturating_sub(1)) });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(interval: u32, owed: i128, missing_wh: i64) -> BillLine {
        BillLine { interval: IntervalIndex(interval), net_wh: 0, residual_wh: 0, missing_wh, owed }
    }

    fn period(first: u32, last: u32) -> Result<PeriodBill, PeriodError> {
        let lines = [line(4, 7, 0), line(3, -10, 2), line(6, 1, 1), line(5, 100, -1)];
        PeriodBill::of_lines(Address::ZERO, B256::ZERO, &lines, (IntervalIndex(first), IntervalIndex(last)))
    }

    #[test]
    fn a_period_is_the_sum_of_its_own_lines() {
        let bill = period(3, 5).expect("all were read");
        assert_eq!((bill.owed, bill.missing_wh), (97, 1));
        assert_eq!(period(6, 6).map(|bill| bill.owed), Ok(1));
    }

    #[test]
    fn a_period_has_no_gaps_and_goes_forward() {
        assert_eq!(period(2, 4), Err(PeriodError::Unread { interval: IntervalIndex(2) }));
        assert_eq!(period(5, 7), Err(PeriodError::Unread { interval: IntervalIndex(7) }));
        let (first, last) = (IntervalIndex(5), IntervalIndex(4));
        assert_eq!(period(5, 4), Err(PeriodError::Inverted { first, last }));
    }

    #[test]
    fn a_bill_begins_where_the_one_before_ends() {
        let follows = |before: (u32, u32), bill: (u32, u32)| {
            let of = |(first, last)| PeriodBill {
                first: IntervalIndex(first),
                last: IntervalIndex(last),
                ..period(3, 5).expect("all were read")
            };
            of(bill).check_follows(Some(&of(before)))
        };
        assert_eq!(follows((3, 5), (6, 9)), Ok(()));
        let overlaps = PeriodError::Overlaps { first: IntervalIndex(3), last: IntervalIndex(5) };
        for bill in [(3, 5), (5, 6), (0, 2)] {
            assert_eq!(follows((3, 5), bill), Err(overlaps));
        }
        let gap = PeriodError::Gap { first: IntervalIndex(6), last: IntervalIndex(7) };
        assert_eq!(follows((3, 5), (8, 9)), Err(gap));
        let inverted = PeriodError::Inverted { first: IntervalIndex(6), last: IntervalIndex(5) };
        assert_eq!(follows((3, 5), (6, 5)), Err(inverted));
    }
}
