//! When a period's bill is due.

use alloy_primitives::{Address, B256};
use transax::{Bill, BillLine, PeriodBill};
use units::IntervalIndex;

/// Cuts a running bill into bills of whole periods, each made once and never changed.
///
/// Periods have the same length and begin at multiples of it; the first one begins with the first reading. One is due once
/// all of its intervals have passed and were read, and all assets withdrawn for them were deposited; where some stay
/// away, so many intervals after its end as the meter has patience.
pub struct Periods {
    length: u32,
    patience: u32,
    next: Option<IntervalIndex>,
    issue: Box<dyn FnMut(&PeriodBill) -> bool + Send>,
}

impl Periods {
    /// Periods of so many intervals, of which those before `next` are billed already. `issue` gets each bill that is due, and
    /// says whether it was issued; if not, it is asked again.
    pub fn new(
        length: u32,
        patience: u32,
        next: Option<IntervalIndex>,
        issue: impl FnMut(&PeriodBill) -> bool + Send + 'static,
    ) -> Self {
        Self { length: length.max(1), patience, next, issue: Box::new(issue) }
    }

    /// Issues all that is due while the interval `running` goes on.
    pub(crate) fn issue_due(&mut self, prosumer: Address, schedule: B256, bill: &Bill, running: IntervalIndex) {
        while let Some(period) = self.due(prosumer, schedule, &bill.lines, running) {
            if !(self.issue)(&period) {
                return;
            }
            self.next = Some(period.last.next());
        }
    }

    fn due(&self, prosumer: Address, schedule: B256, lines: &[BillLine], running: IntervalIndex) -> Option<PeriodBill> {
        let first = self.next.or_else(|| lines.iter().map(|line| line.interval).min())?;
        let last = IntervalIndex((first.0 / self.length).checked_add(1)?.checked_mul(self.length)? - 1);
        if running <= last {
            return None;
        }
        let within = |line: &&BillLine| (first..=last).contains(&line.interval);
        let is_settled = lines.iter().filter(within).all(|line| line.missing_wh == 0);
        if !is_settled && running.0 - last.0 <= self.patience {
            return None;
        }
        PeriodBill::of_lines(prosumer, schedule, lines, (first, last))
            .inspect_err(|error| tracing::info!(%first, %last, %error, "the period cannot be billed yet"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn bill(lines: &[(u32, i64)]) -> Bill {
        let line = |&(interval, missing_wh)| BillLine {
            interval: IntervalIndex(interval),
            net_wh: 0,
            residual_wh: 0,
            missing_wh,
            owed: i128::from(interval),
        };
        Bill { lines: lines.iter().map(line).collect(), ..Bill::default() }
    }

    /// First and last interval and what is owed of what is issued at each of these times.
    fn issued(
        next: Option<u32>,
        patience: u32,
        lines: &[(u32, i64)],
        times: impl IntoIterator<Item = u32>,
    ) -> Vec<(u32, u32, u32, i128)> {
        let (issue, of) = channel();
        let issue = move |bill: &PeriodBill| issue.send(*bill).is_ok();
        let mut periods = Periods::new(4, patience, next.map(IntervalIndex), issue);
        let at = |running| {
            periods.issue_due(Address::ZERO, B256::ZERO, &bill(lines), IntervalIndex(running));
            of.try_iter().map(|bill| (running, bill.first.0, bill.last.0, bill.owed)).collect::<Vec<_>>()
        };
        times.into_iter().flat_map(at).collect()
    }

    #[test]
    fn periods_begin_with_the_first_reading_and_follow_each_other() {
        let lines: Vec<_> = (2..12).map(|interval| (interval, 0)).collect();
        assert_eq!(issued(None, 0, &lines, 0..12), [(4, 2, 3, 5), (8, 4, 7, 22)]);
        assert_eq!(issued(None, 0, &lines, [12]), [(12, 2, 3, 5), (12, 4, 7, 22), (12, 8, 11, 38)]);
        assert_eq!(issued(Some(8), 0, &lines, 0..20), [(12, 8, 11, 38)]);
        assert_eq!(issued(None, 0, &[], 0..20), []);
    }

    #[test]
    fn a_period_that_was_not_read_whole_waits_and_so_do_those_after_it() {
        let lines: Vec<_> = (0..12).filter(|interval| *interval != 5).map(|interval| (interval, 0)).collect();
        assert_eq!(issued(None, 0, &lines, 0..20), [(4, 0, 3, 6)]);
    }

    #[test]
    fn missing_assets_are_waited_for_within_reason() {
        let lines = [(0, 0), (1, 7), (2, -7), (3, 0)];
        assert_eq!(issued(None, 2, &lines, 0..20), [(6, 0, 3, 6)]);
        assert_eq!(issued(None, 0, &lines, 0..20), [(4, 0, 3, 6)]);
    }

    #[test]
    fn what_could_not_be_issued_is_asked_again() {
        let mut refusals = 1;
        let (report, firsts) = channel();
        let issue = move |bill: &PeriodBill| {
            refusals -= 1;
            refusals < 0 && report.send(bill.first).is_ok()
        };
        let mut periods = Periods::new(2, 0, None, issue);
        let bill = bill(&[(0, 0), (1, 0), (2, 0), (3, 0)]);
        for running in [4, 5] {
            periods.issue_due(Address::ZERO, B256::ZERO, &bill, IntervalIndex(running));
        }
        assert_eq!(firsts.try_iter().collect::<Vec<_>>(), [0, 2].map(IntervalIndex));
    }
}
