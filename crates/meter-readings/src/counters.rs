//! From cumulative counters, read at any time, to net energy by interval.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use transax::Params;
use units::IntervalIndex;

/// How long after the end of an interval a reading is still waited for that lies closer to it, seconds.
pub const LATENESS_SECONDS: u64 = 60;
/// The contracts count intervals in 24 bits.
const LAST_INTERVAL: u64 = (1 << 24) - 1;
/// The greatest counter that every JSON reader keeps exact.
pub const GREATEST_COUNTER_WH: u64 = (1 << 53) - 1;
/// How long before interval 0 a reading may be, seconds: an earlier one comes of a clock that was not set.
const EARLY_SECONDS: u64 = 24 * 60 * 60;

/// What a home's meter shows at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When, Unix seconds.
    pub time: u64,
    /// Energy taken from the grid since the counter began, Wh.
    pub import_wh: u64,
    /// Energy fed into the grid since the counter began, Wh.
    pub export_wh: u64,
}

/// What becomes of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new and counts.
    Kept,
    /// The same was read before.
    Known,
    /// Another one of the same second came first, and stays.
    Conflicting,
    /// The interval that it falls into has been closed.
    Late,
    /// Its time is more than a day before the market's first interval or past its last one, or a counter is over 2^53 − 1.
    Absurd,
}

/// Sums since the first reading, over all resets, Wh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    import: u64,
    export: u64,
}

impl Totals {
    const fn plus(self, other: Self) -> Self {
        Self { import: self.import.saturating_add(other.import), export: self.export.saturating_add(other.export) }
    }
}

/// Folds readings, in whatever order they come, into net energy by interval.
///
/// The counters at the end of an interval are those read at that second, or lie on the line between the readings on either
/// side, rounded down; so whatever was missed in between, the intervals add up to what the counters say. An end is taken
/// for good once it is closed.
#[derive(Clone, Debug)]
pub struct Counters {
    params: Params,
    /// The newest reading up to the end that was closed last, with the sums up to it.
    anchor: Option<(Reading, Totals)>,
    /// Readings after that.
    open: BTreeMap<u64, Reading>,
    /// The start of this interval was closed last, with the sums up to it.
    closed: Option<(IntervalIndex, Totals)>,
    net: BTreeMap<IntervalIndex, i64>,
}

impl Counters {
    /// Nothing was read yet, in a market with these parameters.
    pub const fn new(params: Params) -> Self {
        Self { params, anchor: None, open: BTreeMap::new(), closed: None, net: BTreeMap::new() }
    }

    /// Produced minus consumed, Wh, of each interval that has been closed.
    pub const fn net(&self) -> &BTreeMap<IntervalIndex, i64> {
        &self.net
    }

    /// What would become of a reading.
    pub fn judge(&self, reading: &Reading) -> Fate {
        let Reading { time, import_wh, export_wh } = *reading;
        let since = u64::from(self.params.interval_seconds).saturating_mul(LAST_INTERVAL);
        let is_early = time.saturating_add(EARLY_SECONDS) < self.params.genesis;
        if is_early
            || time > self.params.genesis.saturating_add(since)
            || import_wh.max(export_wh) > GREATEST_COUNTER_WH
        {
            return Fate::Absurd;
        }
        if let Some(known) = self.open.get(&time).or(self.anchor.as_ref().map(|(anchor, _)| anchor))
            && known.time == time
        {
            return if known == reading { Fate::Known } else { Fate::Conflicting };
        }
        match self.closed {
            Some((closed, _)) if time <= self.params.start_of(closed) => Fate::Late,
            _ => Fate::Kept,
        }
    }

    /// Takes a reading, if it counts.
    pub fn read(&mut self, reading: Reading) -> Fate {
        let fate = self.judge(&reading);
        if fate == Fate::Kept {
            self.open.insert(reading.time, reading);
        }
        fate
    }

    /// Whether a counter fell with the reading at this time, so that it must have begun again.
    pub fn was_reset(&self, time: u64) -> bool {
        let before = self.open.range(..time).next_back().map(|(_, before)| before);
        let before = before.or(self.anchor.as_ref().map(|(anchor, _)| anchor));
        let read = self.open.get(&time);
        read.zip(before)
            .is_some_and(|(read, before)| read.import_wh < before.import_wh || read.export_wh < before.export_wh)
    }

    /// The interval before whose start everything can be closed at `now`, Unix seconds, if that is more than before: there is
    /// a reading of that very second, or one at least [`LATENESS_SECONDS`] later. Readings ahead of `now` wait.
    pub fn closable(&self, now: u64) -> Option<IntervalIndex> {
        let (newest, _) = self.open.range(..=now).next_back()?;
        let on_time = self.begun(*newest).filter(|interval| self.open.contains_key(&self.params.start_of(*interval)));
        let until = on_time.or_else(|| self.begun(newest.checked_sub(LATENESS_SECONDS)?))?;
        (self.next_to_close()? <= until).then_some(until)
    }

    /// Closes all that ends with the start of `until` or before.
    pub fn close(&mut self, until: IntervalIndex) {
        while let Some(next) = self.next_to_close().filter(|next| *next <= until) {
            self.close_one(next);
        }
    }

    fn close_one(&mut self, interval: IntervalIndex) {
        let time = self.params.start_of(interval);
        while let Some(entry) = self.open.first_entry().filter(|entry| *entry.key() <= time) {
            let reading = entry.remove();
            let totals =
                self.anchor.map_or_else(Totals::default, |(before, totals)| totals.plus(grown(&before, &reading)));
            self.anchor = Some((reading, totals));
        }
        let (anchor, totals) = self.anchor.expect("an end is closed only where something was read up to it");
        let after = self.open.first_key_value();
        let totals = totals.plus(after.map_or_else(Totals::default, |(_, after)| part(&anchor, after, time)));
        if let Some((before, begun)) = self.closed {
            let net = |at: Totals| signed(at.export).saturating_sub(signed(at.import));
            self.net.insert(before, net(totals).saturating_sub(net(begun)));
        }
        self.closed = Some((interval, totals));
    }

    /// The interval whose start is to be closed next.
    fn next_to_close(&self) -> Option<IntervalIndex> {
        if let Some((closed, _)) = self.closed {
            return Some(closed.next());
        }
        let first = *self.open.first_key_value()?.0;
        Some(match self.begun(first) {
            Some(begun) if self.params.start_of(begun) == first => begun,
            Some(begun) => begun.next(),
            None => IntervalIndex(0),
        })
    }

    /// The interval that goes on at this time.
    fn begun(&self, time: u64) -> Option<IntervalIndex> {
        let since = time.checked_sub(self.params.genesis)?.checked_div(self.params.interval_seconds.into())?;
        u32::try_from(since).ok().map(IntervalIndex)
    }
}

/// What was counted from one reading to the next. A counter that fell has begun again at zero.
const fn grown(before: &Reading, after: &Reading) -> Totals {
    const fn one(before: u64, after: u64) -> u64 {
        if after < before { after } else { after - before }
    }
    Totals { import: one(before.import_wh, after.import_wh), export: one(before.export_wh, after.export_wh) }
}

/// The part of that which was counted up to `time`, if it grew evenly; rounded down.
fn part(before: &Reading, after: &Reading, time: u64) -> Totals {
    let (passed, all) = (u128::from(time.saturating_sub(before.time)), u128::from((after.time - before.time).max(1)));
    let one = |grown: u64| u64::try_from(u128::from(grown) * passed / all).expect("a part is no more than the whole");
    let Totals { import, export } = grown(before, after);
    Totals { import: one(import), export: one(export) }
}

fn signed(total: u64) -> i64 {
    i64::try_from(total).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, params};

    fn read(time: u64, import_wh: u64, export_wh: u64) -> Reading {
        Reading { time, import_wh, export_wh }
    }

    fn counters(readings: &[Reading]) -> Counters {
        let mut counters = Counters::new(params());
        for reading in readings {
            assert_eq!(counters.read(*reading), Fate::Kept);
        }
        counters
    }

    /// Net energy by interval once all is closed that can be at `now`.
    fn net(counters: &mut Counters, now: u64) -> Vec<(u32, i64)> {
        if let Some(until) = counters.closable(now) {
            counters.close(until);
        }
        counters.net().iter().map(|(interval, net)| (interval.0, *net)).collect()
    }

    #[test]
    fn counters_read_on_the_second_give_each_interval_its_own() {
        let mut counters = counters(&[read(at(0), 1000, 50), read(at(1), 1100, 50), read(at(2), 1100, 350)]);
        assert_eq!(net(&mut counters, at(1)), [(0, -100)]);
        assert_eq!(net(&mut counters, at(2)), [(0, -100), (1, 300)]);
    }

    #[test]
    fn between_readings_energy_flows_evenly_and_none_is_lost() {
        let mut counters = counters(&[read(at(0) + 300, 0, 0), read(at(3) + 300, 2700, 10)]);
        // The first interval was not read from its start.
        assert_eq!(net(&mut counters, at(4)), [(1, -897), (2, -897)]);
        counters.read(read(at(4), 3300, 10));
        let all = net(&mut counters, at(4));
        assert_eq!(all[2], (3, -898));
        // By the end of the interval that was not read from its start, 600 Wh came and 2 went.
        assert_eq!(600 - 2 + all.iter().map(|(_, net)| -net).sum::<i64>(), 3300 - 10);
    }

    #[test]
    fn order_does_not_matter_while_an_interval_is_open() {
        let sorted = [read(at(0), 0, 0), read(at(0) + 400, 40, 0), read(at(1), 90, 0), read(at(2), 100, 7)];
        let mut other = sorted;
        other.reverse();
        assert_eq!(net(&mut counters(&sorted), at(2)), net(&mut counters(&other), at(2)));
        assert_eq!(net(&mut counters(&other), at(2)), [(0, -90), (1, -3)]);
    }

    #[test]
    fn a_reading_shortly_after_the_end_is_waited_for() {
        let mut counters = counters(&[read(at(0), 0, 0), read(at(1) + LATENESS_SECONDS - 1, 959, 0)]);
        assert_eq!(net(&mut counters, at(2)), []);
        counters.read(read(at(1) + 1, 901, 0));
        counters.read(read(at(1) + LATENESS_SECONDS, 960, 0));
        assert_eq!(net(&mut counters, at(2)), [(0, -900)]);
    }

    #[test]
    fn what_comes_again_or_too_late_does_not_count() {
        let mut counters = counters(&[read(at(0), 0, 0), read(at(1), 90, 0)]);
        assert_eq!(counters.read(read(at(1), 90, 0)), Fate::Known);
        assert_eq!(counters.read(read(at(1), 91, 0)), Fate::Conflicting);
        assert_eq!(net(&mut counters, at(1)), [(0, -90)]);
        assert_eq!(counters.read(read(at(1), 90, 0)), Fate::Known);
        assert_eq!(counters.read(read(at(1), 91, 0)), Fate::Conflicting);
        assert_eq!(counters.read(read(at(0) + 5, 1, 0)), Fate::Late);
        counters.read(read(at(2), 100, 0));
        assert_eq!(net(&mut counters, at(2)), [(0, -90), (1, -10)]);
    }

    #[test]
    fn a_counter_that_falls_began_again_at_zero() {
        let mut counters = counters(&[read(at(0), 1000, 500), read(at(1), 1100, 600), read(at(2), 30, 610)]);
        assert!(counters.was_reset(at(2)) && !counters.was_reset(at(1)) && !counters.was_reset(at(0)));
        assert_eq!(net(&mut counters, at(2)), [(0, 0), (1, -20)]);
        counters.read(read(at(3), 40, 5));
        assert!(counters.was_reset(at(3)));
        assert_eq!(net(&mut counters, at(3)), [(0, 0), (1, -20), (2, -5)]);
    }

    #[test]
    fn readings_ahead_of_time_wait_for_it() {
        let mut counters = counters(&[read(at(0), 0, 0), read(at(9), 900, 0)]);
        assert_eq!(net(&mut counters, at(9) - 1), []);
        assert_eq!(counters.read(read(at(1), 500, 0)), Fate::Kept);
        assert_eq!(net(&mut counters, at(1)), [(0, -500)]);
        assert_eq!(net(&mut counters, at(9)).len(), 9);
    }

    #[test]
    fn readings_before_the_market_count_for_its_first_interval_only() {
        let mut counters = counters(&[read(at(0) - 900, 0, 0), read(at(1), 1800, 0)]);
        assert_eq!(net(&mut counters, at(1)), [(0, -900)]);
    }

    #[test]
    fn clocks_and_counters_out_of_all_bounds_are_refused() {
        let mut counters = Counters::new(params());
        let end = at(0) + LAST_INTERVAL * u64::from(params().interval_seconds);
        for absurd in [read(0, 0, 0), read(at(0) - 86_401, 0, 0), read(end + 1, 0, 0), read(u64::MAX, 0, 0)] {
            assert_eq!(counters.read(absurd), Fate::Absurd);
        }
        assert_eq!(counters.read(read(at(0), 1 << 53, 0)), Fate::Absurd);
        assert_eq!(counters.read(read(at(0), 0, 1 << 53)), Fate::Absurd);
        assert_eq!(counters.read(read(at(0), (1 << 53) - 1, 0)), Fate::Kept);
    }
}
