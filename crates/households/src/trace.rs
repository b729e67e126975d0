//! Published traces of offers: one row an offer, as prosumers made them, without prices.

use std::collections::BTreeMap;

use transax::Side;
use units::{GroupId, IntervalIndex, WattHours};

use crate::table::{MOST_ENERGY, Row, Table};
use crate::{DataError, Problem};

const HEADER: &str = "prosumer,feeder,start,end,side,energy_wh";

/// A day of offers, all known beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Who offers, in order of first appearance.
    pub prosumers: Vec<TraceProsumer>,
    /// Names of the feeders in order of first appearance; a feeder's place is its group.
    pub feeders: Vec<String>,
    /// The first interval any offer covers.
    pub first_interval: IntervalIndex,
    /// How many intervals there are from the first to the last that an offer covers.
    pub intervals: u32,
}

/// A prosumer of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceProsumer {
    /// Its name in the trace.
    pub id: String,
    /// Its feeder, a place in [`Trace::feeders`].
    pub feeder: GroupId,
    /// Its offers, in the trace's order.
    pub offers: Vec<TraceOffer>,
    /// `L_u^+`: the most its own sell offers lock in any interval.
    pub production_limit: WattHours,
    /// `L_u^−`: the most its own buy offers lock in any interval.
    pub consumption_limit: WattHours,
}

/// An offer of a trace: up to `energy` in all, within `start..=end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceOffer {
    /// Sell or buy.
    pub side: Side,
    /// Energy in all.
    pub energy: WattHours,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
}

impl Trace {
    /// Reads a trace; `file` is its name in errors. Linear in the number of rows but for sorting each prosumer's.
    pub fn parse(file: &str, text: &str) -> Result<Self, DataError> {
        let table = Table::read(file, text, HEADER)?;
        let prosumer = table.column("prosumer", HEADER)?;
        let feeder = table.column("feeder", HEADER)?;
        let mut trace =
            Self { prosumers: Vec::new(), feeders: Vec::new(), first_interval: IntervalIndex(0), intervals: 0 };
        let (mut places, mut groups) = (BTreeMap::new(), BTreeMap::new());
        for row in &table.rows {
            let (id, feeder) = (table.word(row, prosumer)?, table.word(row, feeder)?);
            let group = trace.group(feeder, &mut groups).map_err(|problem| table.at(row.line, problem))?;
            let offer = offer(&table, row)?;
            let place = *places.entry(id).or_insert(trace.prosumers.len());
            if place == trace.prosumers.len() {
                trace.prosumers.push(TraceProsumer::without_offers(id, group));
            }
            let entry = trace.prosumers.get_mut(place).expect("just pushed where it was missing");
            if entry.feeder != group {
                let first = trace.feeders.get(usize::from(entry.feeder.0)).cloned().unwrap_or_default();
                let problem = Problem::TwoFeeders { prosumer: id.to_owned(), first, second: feeder.to_owned() };
                return Err(table.at(row.line, problem));
            }
            entry.offers.push(offer);
        }
        for prosumer in &mut trace.prosumers {
            prosumer.set_limits().map_err(|problem| table.at(1, problem))?;
        }
        trace.set_span();
        Ok(trace)
    }

    fn group<'a>(&mut self, feeder: &'a str, groups: &mut BTreeMap<&'a str, GroupId>) -> Result<GroupId, Problem> {
        if let Some(group) = groups.get(feeder) {
            return Ok(*group);
        }
        let group = u16::try_from(self.feeders.len());
        let group = GroupId(group.map_err(|_| Problem::TooManyFeeders { count: self.feeders.len() + 1 })?);
        self.feeders.push(feeder.to_owned());
        groups.insert(feeder, group);
        Ok(group)
    }

    fn set_span(&mut self) {
        let offers = || self.prosumers.iter().flat_map(|prosumer| &prosumer.offers);
        let first = offers().map(|offer| offer.start).min().unwrap_or_default();
        let last = offers().map(|offer| offer.end).max().unwrap_or_default();
        self.first_interval = first;
        self.intervals = last.0 - first.0 + 1;
    }
}

impl TraceProsumer {
    fn without_offers(id: &str, feeder: GroupId) -> Self {
        let none = WattHours(0);
        Self { id: id.to_owned(), feeder, offers: Vec::new(), production_limit: none, consumption_limit: none }
    }

    fn set_limits(&mut self) -> Result<(), Problem> {
        self.production_limit = WattHours(most_locked(&self.offers, Side::Sell));
        self.consumption_limit = WattHours(most_locked(&self.offers, Side::Buy));
        let wh = self.production_limit.0.max(self.consumption_limit.0);
        if wh > MOST_ENERGY {
            return Err(Problem::TooMuchEnergy { what: "sum of overlapping offers", id: self.id.clone(), wh });
        }
        Ok(())
    }
}

/// The most that the offers of a side lock at once: an offer locks all its energy in each of its intervals.
fn most_locked(offers: &[TraceOffer], side: Side) -> u64 {
    let mut changes: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for offer in offers.iter().filter(|offer| offer.side == side) {
        changes.entry(offer.start.0).or_default().0 += offer.energy.0;
        changes.entry(offer.end.0 + 1).or_default().1 += offer.energy.0;
    }
    let locked = changes.values().scan(0_u64, |locked, (more, less)| {
        *locked = *locked + more - less;
        Some(*locked)
    });
    locked.max().unwrap_or(0)
}

fn offer(table: &Table<'_>, row: &Row<'_>) -> Result<TraceOffer, DataError> {
    let column = |name| table.column(name, HEADER);
    let (start, end) = (table.interval(row, column("start")?)?, table.interval(row, column("end")?)?);
    let side = match row.get(column("side")?) {
        "sell" => Side::Sell,
        "buy" => Side::Buy,
        _ => return Err(table.bad(row, column("side")?, "`sell` or `buy`")),
    };
    let energy = table.watt_hours(row, column("energy_wh")?)?;
    if energy == 0 {
        return Err(table.at(row.line, Problem::ZeroEnergy));
    }
    if start > end {
        return Err(table.at(row.line, Problem::InvertedRange { start, end }));
    }
    Ok(TraceOffer { side, energy: WattHours(energy), start: IntervalIndex(start), end: IntervalIndex(end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(rows: &str) -> String {
        Trace::parse("offers.csv", &format!("{HEADER}\n{rows}")).unwrap_err().to_string()
    }

    #[test]
    fn a_prosumers_limits_are_what_its_overlapping_offers_need() {
        let rows = "a,1,0,2,sell,10\na,1,2,3,sell,5\na,1,3,3,sell,9\na,1,1,1,buy,7\nb,2,5,5,buy,1\n";
        let trace = Trace::parse("offers.csv", &format!("{HEADER}\n{rows}")).unwrap();
        assert_eq!(trace.feeders, ["1", "2"]);
        assert_eq!((trace.first_interval, trace.intervals), (IntervalIndex(0), 6));
        let first = &trace.prosumers[0];
        assert_eq!((first.production_limit, first.consumption_limit), (WattHours(15), WattHours(7)));
        assert_eq!(first.offers.len(), 4);
        assert_eq!(trace.prosumers[1].feeder, GroupId(1));
    }

    #[test]
    fn an_empty_file_says_what_was_expected() {
        for text in ["", "\n\n", HEADER] {
            let error = Trace::parse("offers.csv", text).unwrap_err();
            assert_eq!(error.problem, Problem::NoRows { header: HEADER.to_owned() }, "{text:?}");
        }
    }

    #[test]
    fn every_broken_line_is_named_with_its_cause() {
        let whole = "a,1,0,2,sell,10\n";
        for (row, cause) in [
            ("a,1,0,2,sell", "line 3: 5 fields where the header has 6; expected `prosumer,feeder"),
            ("a,1,0,2,sold,4", "line 3: side is `sold`; expected `sell` or `buy`"),
            ("a,1,0,2,sell,4.5", "line 3: energy_wh is `4.5`; expected a whole number of watt-hours"),
            ("a,1,0,2,sell,-4", "line 3: energy_wh is `-4`"),
            ("a,1,0,2,sell,4294967295", "line 3: energy_wh is `4294967295`"),
            ("a,1,0,2,sell,0", "line 3: energy_wh is 0; expected at least 1 Wh"),
            ("a,1,3,2,sell,4", "line 3: start 3 is after end 2; expected start <= end"),
            ("a,1,x,2,sell,4", "line 3: start is `x`; expected an interval's number"),
            ("a,1,0,16777215,sell,4", "line 3: end is `16777215`"),
            ("a,2,0,2,sell,4", "line 3: prosumer a is on feeder 2 here and on 1 before"),
            (",1,0,2,sell,4", "line 3: prosumer is ``; expected a name"),
            ("a,1,0,2,sell,4294967294", "sum of overlapping offers of a comes to 4294967304 Wh"),
        ] {
            let found = message(&format!("{whole}{row}\n"));
            assert!(found.contains(cause), "{found:?} lacks {cause:?}");
        }
    }

    #[test]
    fn a_missing_column_is_named() {
        let error = Trace::parse("offers.csv", "prosumer,feeder,start,end,side\na,1,0,0,buy\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("offers.csv, line 1: the header has no column `energy_wh`; expected `{HEADER}`")
        );
    }
}
