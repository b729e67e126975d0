//! The real data files, and what happens when they are broken.

use std::{io::Write as _, path::PathBuf};

use households::{ProfileFiles, Scenario, Trace};
use units::{IntervalIndex, WattHours};

const HOMES: &str = include_str!("../../../data/simbench-fifteen/homes.csv");
const FEEDERS: &str = include_str!("../../../data/simbench-fifteen/feeders.csv");
const LOAD: &str = include_str!("../../../data/simbench-fifteen/load_diversified.csv");
const PV: &str = include_str!("../../../data/simbench-fifteen/pv.csv");

fn files() -> ProfileFiles<'static> {
    ProfileFiles { homes: HOMES, feeders: FEEDERS, load: LOAD, pv: PV }
}

fn message(files: ProfileFiles<'_>) -> String {
    Scenario::parse(files).expect_err("the file is broken").to_string()
}

/// The published traces lie where `ENTENTE_SHARED` says, which must then be so, or beside a checkout. `None`, said past
/// what captures a test's output, where they lie nowhere: the test has nothing to do then.
fn published(path: &str) -> Option<String> {
    let named = std::env::var_os("ENTENTE_SHARED").map(PathBuf::from);
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let file = named.clone().unwrap_or_else(beside).join("data").join(path);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) => {
            assert!(named.is_none(), "ENTENTE_SHARED is set, and {} cannot be read: {error}", file.display());
            let said = writeln!(std::io::stderr(), "SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
            said.expect("standard error is open");
            None
        }
    }
}

#[test]
fn the_shipped_scenario_is_read_to_the_watt_hour() {
    let scenario = Scenario::parse(files()).expect("the shipped data is whole");
    assert_eq!((scenario.homes.len(), scenario.feeders.len()), (15, 3));
    assert_eq!((scenario.first_interval, scenario.intervals), (IntervalIndex(32), 48));
    assert_eq!(scenario.last_interval(), IntervalIndex(79));
    let limits: Vec<_> = scenario.feeders.iter().map(|f| (f.internal_limit.0, f.external_limit.0)).collect();
    assert_eq!(limits, [(1_050, 550), (1_090, 500), (1_060, 560)]);
    let owner = &scenario.homes[1];
    let battery = owner.battery.expect("P102 has one");
    assert_eq!((battery.capacity.0, battery.per_interval.0, battery.initial.0), (20_500, 2_575, 10_250));
    assert_eq!(battery.efficiency_permille, 950);
    assert_eq!((owner.production_limit(), owner.consumption_limit()), (WattHours(5_150), WattHours(3_325)));
    assert_eq!((owner.load[0], owner.pv[0]), (WattHours(24), WattHours(0)));
    let consumer = &scenario.homes[0];
    assert_eq!((consumer.battery, consumer.pv.len()), (None, 48));
    assert!(scenario.homes.iter().all(|home| home.load.iter().all(|load| *load <= home.load_peak)));
}

#[test]
fn a_broken_profile_names_file_line_and_cause() {
    let homes = |homes: &str| message(ProfileFiles { homes, ..files() });
    let load = |load: &str| message(ProfileFiles { load, ..files() });
    let pv = |pv: &str| message(ProfileFiles { pv, ..files() });
    for (found, expected) in [
        (homes(""), "homes.csv, line 1: the file holds no data; expected the header `id,feeder"),
        (homes(&HOMES.replace("P103,F1", "P102,F1")), "homes.csv, line 4: home P102 stands here a second time"),
        (homes(&HOMES.replace("P103,F1", "P103,F9")), "homes.csv, line 4: feeder `F9` is not in feeders.csv"),
        (
            homes(&HOMES.replace("5.15,0.95", "5.15,95")),
            "homes.csv, line 15: storage_eff is `95`; expected an efficiency",
        ),
        (
            homes(&HOMES.replace("5.15,0.95", "15,0.95")),
            "line 15: storage_init_kWh is `15`; expected at most storage_kWh",
        ),
        (homes(&HOMES.replace("7.0,5.1", "seven,5.1")), "line 15: load_peak_kW is `seven`; expected a decimal number"),
        (homes(&HOMES.replace("storage_eff", "eta")), "homes.csv, line 1: the header has no column `storage_eff`"),
        (load(&LOAD.replace("P305", "P306")), "load_diversified.csv, line 1: home `P306` is not in homes.csv"),
        (load(&LOAD.replace("P305", "P304")), "load_diversified.csv, line 1: the header names column `P304` twice"),
        (load(&LOAD.replace("\n34,", "\n35,")), "load_diversified.csv, line 4: interval 35 where 34 should follow"),
        (load(&LOAD.replace("32,24,71", "32,-24,71")), "load_diversified.csv, line 2: P102 is `-24`; expected a whole"),
        (load(&LOAD.replace("32,24,71", "32,71")), "load_diversified.csv, line 2: 16 fields where the header has 17"),
        (pv(&PV.replace("\n79,", "\n80,")), "pv.csv, line 49: interval 80 where 79 should follow"),
        (pv(PV.trim_end().rsplit_once('\n').expect("rows").0), "pv.csv, line 2: interval 79 where 80 should follow"),
    ] {
        assert!(found.contains(expected), "{found:?} lacks {expected:?}");
    }
}

#[test]
fn the_dissertations_test_bed_is_read_whole() {
    let Some(text) = published("fifteen/offers.csv") else { return };
    let trace = Trace::parse("offers.csv", &text).expect("the published data is whole");
    assert_eq!((trace.prosumers.len(), trace.feeders.len(), trace.intervals), (15, 3, 96));
    assert_eq!(trace.prosumers.iter().map(|prosumer| prosumer.offers.len()).sum::<usize>(), text.lines().count() - 1);
}

#[test]
fn the_siemens_traces_are_read_whole() {
    for path in ["microgrid102/offers.csv", "microgrid102/offers_battery.csv"] {
        let Some(text) = published(path) else { return };
        let trace = Trace::parse(path, &text).expect("the published data is whole");
        assert_eq!((trace.prosumers.len(), trace.feeders.len()), (102, 11), "{path}");
        let offers = trace.prosumers.iter().flat_map(|prosumer| &prosumer.offers);
        assert_eq!(offers.count(), text.lines().count() - 1, "{path}");
        for prosumer in &trace.prosumers {
            assert!(prosumer.production_limit.0 + prosumer.consumption_limit.0 > 0, "{} of {path}", prosumer.id);
        }
    }
}
