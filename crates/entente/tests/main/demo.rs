//! `demo transax`: whole days of trading.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use serde_json::Value;

use crate::world::Place;

const TRACE: &str = "\
prosumer,feeder,start,end,side,energy_wh
a,1,0,0,sell,1000
b,1,0,0,buy,600
c,2,0,1,buy,700
a,1,1,2,sell,500
b,1,2,2,buy,400
";

fn report(place: &Place, line: &str) -> Value {
    let ran = place.line(&format!("{line} --out out"));
    assert_eq!(ran.code, 0, "entente {line}: {ran:?}");
    for chart in ["out/chart.svg", "out/chart.png"] {
        assert!(place.path().join(chart).is_file(), "{chart} was written");
    }
    let written = std::fs::read(place.path().join("out/report.json")).expect("the report was written");
    serde_json::from_slice(&written).expect("the report is JSON")
}

#[test]
fn the_built_in_day_trades_nearly_all_that_could_be_and_breaks_no_promise() {
    let report = report(&Place::new(), "demo transax");
    let figure = |key: &str| report[key].as_u64().expect("a number");
    assert_eq!((figure("prosumers"), figure("intervals"), figure("violations")), (15, 48, 0));
    assert!(figure("traded_wh") * 100 >= figure("optimum_wh") * 97, "{report:#}");
    assert_eq!(report["solutions_by_solver"].as_object().expect("a count for each solver").len(), 2);
    // What homes bought is what homes sold, and what was paid is what was earned.
    let bills = report["bills"].as_array().expect("bills");
    let sum = |key: &str| bills.iter().map(|bill| bill[key].as_u64().expect("an amount")).sum::<u64>();
    assert_eq!((sum("sold_wh"), sum("bought_wh")), (figure("traded_wh"), figure("traded_wh")));
    assert_eq!(sum("earned"), sum("paid"));
}

#[test]
fn a_trace_trades_to_its_optimum_and_what_is_left_is_billed() {
    let place = Place::new();
    place.write("trace.csv", TRACE);
    let report = report(&place, "demo transax --data trace.csv");
    assert_eq!((report["traded_wh"].as_u64(), report["optimum_wh"].as_u64()), (Some(1500), Some(1500)));
    // Of the 1,700 Wh asked for 1,500 were for sale: 200 come from the DSO, at 0.32 a kWh.
    let bills = report["bills"].as_array().expect("bills");
    let owed: i64 = bills.iter().map(|bill| bill["bill"].as_i64().expect("an amount")).sum();
    assert_eq!(owed, 64_000);
}

/// The published trace of fifteen homes, where `ENTENTE_SHARED` says, which must then be so, or beside the checkout.
/// `None`, said past what captures a test's output, where it is missing.
fn published_trace() -> Option<PathBuf> {
    let named = std::env::var_os("ENTENTE_SHARED").map(PathBuf::from);
    // Read when the test runs: several checkouts may share what was built.
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let file = named.clone().unwrap_or_else(|| package.join("../../../shared")).join("data/fifteen/offers.csv");
    if file.is_file() {
        return Some(file);
    }
    assert!(named.is_none(), "ENTENTE_SHARED is set, and there is no {}", file.display());
    let said = writeln!(io::stderr(), "SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
    said.expect("standard error is open");
    None
}

#[test]
fn the_published_day_trades_nearly_all_that_could_be_and_breaks_no_promise() {
    let Some(trace) = published_trace() else { return };
    let place = Place::new();
    // A name of one word, whatever the folder of the data is called.
    place.write("offers.csv", &std::fs::read_to_string(trace).expect("the trace can be read"));
    let report = report(&place, "demo transax --data offers.csv");
    let figure = |key: &str| report[key].as_u64().expect("a number");
    assert_eq!((figure("prosumers"), figure("violations"), figure("optimum_wh")), (15, 0, 923_835));
    assert!(figure("traded_wh") * 100 >= 923_835 * 99, "{report:#}");
}

#[test]
fn limits_on_the_command_line_hold() {
    let place = Place::new();
    place.write("trace.csv", TRACE);
    let report = report(&place, "demo transax --data trace.csv --external-limit-wh 300 --price-rule uniform --json");
    assert_eq!((report["traded_wh"].as_u64(), report["optimum_wh"].as_u64()), (Some(1400), Some(1400)));
    assert_eq!(report["violations"].as_u64(), Some(0));
}

#[test]
fn data_that_makes_no_sense_is_refused_by_line_before_anything_starts() {
    let place = Place::new();
    let broken = [
        ("empty.csv", String::new(), "empty.csv"),
        ("short.csv", TRACE.replace("b,1,0,0,buy,600", "b,1,0,0,buy"), "line 3"),
        ("inverted.csv", TRACE.replace("c,2,0,1", "c,2,1,0"), "line 4"),
        ("zero.csv", TRACE.replace("buy,400", "buy,0"), "line 6"),
    ];
    for (file, text, words) in broken {
        place.write(file, &text);
        place.line(&format!("demo transax --data {file}")).refused(2, words);
    }
    place.line("demo transax --data none.csv").refused(2, "none.csv");
}
