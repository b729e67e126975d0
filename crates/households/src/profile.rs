//! Reads a profile folder's files into a [`Scenario`].

use std::collections::BTreeMap;

use units::{GroupId, IntervalIndex, WattHours};

use crate::scenario::INTERVAL_MINUTES;
use crate::table::{Column, MOST_ENERGY, Row, Table};
use crate::{Battery, DataError, Feeder, Home, Problem, Scenario};

const HOMES: &str = "id,feeder,load_peak_kW,pv_peak_kW,storage_kWh,storage_kW,storage_init_kWh,storage_eff";
const FEEDERS: &str = "feeder,tight_ext_Wh,tight_int_Wh";
const LOAD: &str = "interval,time,<a column for each home>";
const PV: &str = "interval,time,<a column for each home with PV>";

/// The texts of a profile folder; other columns than those needed are ignored.
#[derive(Clone, Copy, Debug)]
pub struct ProfileFiles<'a> {
    /// `homes.csv`: ratings, one row a home.
    pub homes: &'a str,
    /// `feeders.csv`: limits, one row a feeder.
    pub feeders: &'a str,
    /// `load_diversified.csv`: what each home consumed, Wh, one row an interval.
    pub load: &'a str,
    /// `pv.csv`: what each home's PV produced, Wh, one row an interval.
    pub pv: &'a str,
}

impl Scenario {
    /// Reads a profile folder. Errors name the file, the line, the cause and what was expected.
    pub fn parse(files: ProfileFiles<'_>) -> Result<Self, DataError> {
        let feeders = feeders(files.feeders)?;
        let mut homes = homes(files.homes, &feeders)?;
        let load = Series::parse("load_diversified.csv", files.load, LOAD, &homes)?;
        let pv = Series::parse("pv.csv", files.pv, PV, &homes)?;
        if pv.first != load.first || pv.count != load.count {
            let (found, expected) = (pv.first.0 + pv.count, load.first.0 + load.count);
            let problem = if pv.first == load.first {
                Problem::IntervalGap { found, expected }
            } else {
                Problem::IntervalGap { found: pv.first.0, expected: load.first.0 }
            };
            return Err(DataError { file: "pv.csv".to_owned(), line: 2, problem });
        }
        let count = usize::try_from(load.count).expect("counts rows in memory");
        let Series { mut columns, first, count: intervals } = load;
        let mut pv_columns = pv.columns;
        for home in &mut homes {
            home.load = columns.remove(home.id.as_str()).ok_or_else(|| {
                let problem = Problem::MissingColumn { column: home.id.clone(), header: LOAD.to_owned() };
                DataError { file: "load_diversified.csv".to_owned(), line: 1, problem }
            })?;
            home.pv = pv_columns.remove(home.id.as_str()).unwrap_or_else(|| vec![WattHours(0); count]);
        }
        Ok(Self { homes, feeders, first_interval: first, intervals })
    }
}

fn feeders(text: &str) -> Result<Vec<Feeder>, DataError> {
    let table = Table::read("feeders.csv", text, FEEDERS)?;
    let column = |name| table.column(name, FEEDERS);
    let (name, internal, external) = (column("feeder")?, column("tight_int_Wh")?, column("tight_ext_Wh")?);
    let mut feeders: Vec<Feeder> = Vec::new();
    for row in &table.rows {
        let id = table.word(row, name)?;
        if feeders.iter().any(|feeder| feeder.name == id) {
            return Err(table.at(row.line, Problem::Repeated { what: "feeder", id: id.to_owned() }));
        }
        if feeders.len() > usize::from(u16::MAX) {
            return Err(table.at(row.line, Problem::TooManyFeeders { count: feeders.len() + 1 }));
        }
        feeders.push(Feeder {
            name: id.to_owned(),
            internal_limit: WattHours(table.watt_hours(row, internal)?),
            external_limit: WattHours(table.watt_hours(row, external)?),
        });
    }
    Ok(feeders)
}

fn homes(text: &str, feeders: &[Feeder]) -> Result<Vec<Home>, DataError> {
    let table = Table::read("homes.csv", text, HOMES)?;
    let column = |name| table.column(name, HOMES);
    let (id, feeder) = (column("id")?, column("feeder")?);
    let (load_peak, pv_peak) = (column("load_peak_kW")?, column("pv_peak_kW")?);
    let mut homes: Vec<Home> = Vec::new();
    for row in &table.rows {
        let (id, feeder) = (table.word(row, id)?, table.word(row, feeder)?);
        if homes.iter().any(|home| home.id == id) {
            return Err(table.at(row.line, Problem::Repeated { what: "home", id: id.to_owned() }));
        }
        let group = feeders.iter().position(|known| known.name == feeder).ok_or_else(|| {
            table.at(row.line, Problem::Unknown { what: "feeder", id: feeder.to_owned(), known_from: "feeders.csv" })
        })?;
        let home = Home {
            id: id.to_owned(),
            feeder: GroupId(u16::try_from(group).expect("feeders are at most 65536")),
            load: Vec::new(),
            pv: Vec::new(),
            battery: battery(&table, row)?,
            load_peak: per_interval(table.thousandths(row, load_peak)?),
            pv_peak: per_interval(table.thousandths(row, pv_peak)?),
        };
        let most = home.production_limit().0.max(home.consumption_limit().0);
        if most > MOST_ENERGY {
            let problem = Problem::TooMuchEnergy { what: "peak of an interval", id: home.id, wh: most };
            return Err(table.at(row.line, problem));
        }
        homes.push(home);
    }
    Ok(homes)
}

/// The battery of a row of `homes.csv`; none where its capacity is 0 or empty.
fn battery(table: &Table<'_>, row: &Row<'_>) -> Result<Option<Battery>, DataError> {
    let column = |name| table.column(name, HOMES);
    let watt_hours = table.thousandths(row, column("storage_kWh")?)?;
    if watt_hours == 0 {
        return Ok(None);
    }
    let efficiency = column("storage_eff")?;
    let efficiency_permille = table.thousandths(row, efficiency)?;
    if !(1..=1000).contains(&efficiency_permille) {
        return Err(table.bad(row, efficiency, "an efficiency, 0.001 to 1"));
    }
    let initial = column("storage_init_kWh")?;
    let initial_watt_hours = table.thousandths(row, initial)?;
    if initial_watt_hours > watt_hours {
        return Err(table.bad(row, initial, "at most storage_kWh"));
    }
    Ok(Some(Battery {
        capacity: WattHours(watt_hours),
        per_interval: per_interval(table.thousandths(row, column("storage_kW")?)?),
        initial: WattHours(initial_watt_hours),
        efficiency_permille,
    }))
}

/// What `watts` bring about in an interval, rounded down.
fn per_interval(watts: u64) -> WattHours {
    WattHours(watts * INTERVAL_MINUTES / 60)
}

/// A wide file: a row an interval, a column a home.
struct Series<'a> {
    columns: BTreeMap<&'a str, Vec<WattHours>>,
    first: IntervalIndex,
    count: u32,
}

impl<'a> Series<'a> {
    fn parse(file: &'a str, text: &'a str, header: &str, homes: &[Home]) -> Result<Self, DataError> {
        let table = Table::read(file, text, header)?;
        let interval = table.column("interval", header)?;
        let columns: Vec<Column<'a>> = table.columns_without(&["interval", "time"]).collect();
        if let Some(column) = columns.iter().find(|column| homes.iter().all(|home| home.id != column.name())) {
            let problem = Problem::Unknown { what: "home", id: column.name().to_owned(), known_from: "homes.csv" };
            return Err(table.at(1, problem));
        }
        let mut series = Self { columns: BTreeMap::new(), first: IntervalIndex(0), count: 0 };
        for row in &table.rows {
            let found = table.interval(row, interval)?;
            if series.count == 0 {
                series.first = IntervalIndex(found);
            }
            let expected = series.first.0 + series.count;
            if found != expected {
                return Err(table.at(row.line, Problem::IntervalGap { found, expected }));
            }
            series.count += 1;
            for column in &columns {
                let energy = WattHours(table.watt_hours(row, *column)?);
                series.columns.entry(column.name()).or_default().push(energy);
            }
        }
        Ok(series)
    }
}
