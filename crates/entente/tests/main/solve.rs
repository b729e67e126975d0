//! `solve`: plans for the offers of files.

use std::path::PathBuf;

use serde_json::Value;

use crate::world::Place;

const TRACE: &str = "\
prosumer,feeder,start,end,side,energy_wh
a,1,0,0,sell,1000
b,1,0,0,buy,600
c,2,0,1,buy,700
";

/// Sells 500 Wh at 10 in two intervals; two buyers, one of whom pays less than that.
const INSTANCE: &str = r#"{
    "intervals": 2,
    "groups": [{"id": 0, "internal_limit": 900, "external_limit": 300}],
    "sells": [{"id": 0, "group": 0, "energy": 500, "price": 10, "start": 0, "end": 1}],
    "buys": [{"id": 0, "group": 0, "energy": 400, "price": 12, "start": 1, "end": 1},
             {"id": 1, "group": 0, "energy": 400, "price": 9, "start": 1, "end": 1}],
    "optimum": 400.0
}"#;

/// A file of the folder that `ENTENTE_SHARED` names, by default the one beside the checkout.
fn shared(path: &str) -> Option<String> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = std::env::var_os("ENTENTE_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if !file.is_file() {
        eprintln!("SKIPPED: there is no {} (set ENTENTE_SHARED)", file.display());
        return None;
    }
    file.into_os_string().into_string().ok()
}

#[test]
fn a_trace_is_solved_within_the_limits_given() {
    let place = Place::new();
    place.write("trace.csv", TRACE);
    assert_eq!(place.json("solve trace.csv")["value"], 1000);
    let limited = place.json("solve trace.csv --external-limit-wh 300");
    assert_eq!((&limited["value"], &limited["upper_bound"], &limited["trades"]), (&900.into(), &900.into(), &2.into()));
    assert_eq!(place.json("solve trace.csv --internal-limit-wh 650")["value"], 650);
    let words = place.line("solve trace.csv");
    assert!(words.stdout.contains("no plan trades more"), "{words:?}");
}

#[test]
fn an_instance_is_solved_by_either_program() {
    let place = Place::new();
    place.write("instance.json", INSTANCE);
    for (formulation, backend) in
        [("first-order", "cbc"), ("compact", "cbc"), ("dense", "cbc"), ("compact", "highs"), ("dense", "highs")]
    {
        let solved = place.json(&format!("solve instance.json --formulation {formulation} --backend {backend}"));
        assert_eq!((solved["value"].as_u64(), solved["formulation"].as_str()), (Some(400), Some(formulation)));
        assert!(solved["variables"].as_u64() > Some(0), "{solved}");
        assert!(["build_ms", "solve_ms"].iter().all(|key| solved[key].as_f64() >= Some(0.0)), "{solved}");
    }
    assert_eq!(place.json("solve instance.json")["value"], 400);
    place.line("solve instance.json --internal-limit-wh 5").refused(2, "limits of its own");
}

#[test]
fn a_plan_is_made_for_what_is_asked() {
    let place = Place::new();
    place.write("trace.csv", TRACE);
    assert_eq!(place.json("solve trace.csv --most-trades 1")["trades"], 1);
    let rolled = place.json("solve trace.csv --horizon 0");
    assert_eq!((&rolled["value"], &rolled["upper_bound"]), (&1000.into(), &1000.into()));
    // Who sells 500 Wh for 10 earns 2 a watt-hour from the one buyer that pays 12.
    place.write("instance.json", INSTANCE);
    for objective in ["benefit", "energy-then-benefit"] {
        let solved = place.json(&format!("solve instance.json --objective {objective}"));
        assert_eq!((&solved["benefit"], &solved["benefit_bound"]), (&800.into(), &800.into()), "{solved}");
    }
    assert_eq!(place.json("solve instance.json --uniform-price")["value"], 400);
    place.line("solve trace.csv --no-tie-break").refused(2, "--horizon");
}

#[test]
fn a_flow_is_refused_where_there_is_none() {
    let place = Place::new();
    let buy = |id, price| format!(r#"{{"id": {id}, "group": 1, "energy": 9, "price": {price}, "start": 0, "end": 1}}"#);
    let sell =
        |id, price| format!(r#"{{"id": {id}, "group": 0, "energy": 9, "price": {price}, "start": 0, "end": 1}}"#);
    place.write(
        "conflict.json",
        &format!(
            r#"{{"intervals": 2, "groups": [{{"id": 0, "external_limit": 5}}, {{"id": 1}}],
                "sells": [{}, {}], "buys": [{}, {}]}}"#,
            sell(0, 10),
            sell(1, 20),
            buy(0, 15),
            buy(1, 25)
        ),
    );
    place.line("solve conflict.json --formulation flow").refused(1, "no flow");
    assert_eq!(place.json("solve conflict.json")["value"], 10);
}

#[test]
fn a_broken_file_is_refused_with_its_place_and_cause() {
    let place = Place::new();
    place.line("solve missing.csv").refused(2, "missing.csv");
    place.write("trace.csv", &format!("{TRACE}d,2,3,1,buy,5\n"));
    place.line("solve trace.csv").refused(2, "line 5: start 3 is after end 1");
    for (found, broken, cause) in [
        ("\"intervals\": 2,", "", "missing field `intervals`"),
        ("\"intervals\": 2,", "\"intervals\": 0,", "0 intervals"),
        ("\"intervals\": 2,", "\"intervals\": 1,", "sell offer 0: it ends in interval 1, and the last one is 0"),
        ("\"group\": 0", "\"group\": 7", "sell offer 0: there is no group 7"),
        ("\"energy\": 500", "\"energy\": -1", "line 4 column"),
        ("\"energy\": 500", "\"energy\": 4294967295", "at most 4294967294 Wh"),
        ("\"start\": 0", "\"start\": 5", "after its end"),
        ("\"price\": 12", "\"prize\": 12", "unknown field `prize`"),
        ("\"optimum\": 400.0\n}", "", "EOF"),
    ] {
        place.write("instance.json", &INSTANCE.replacen(found, broken, 1));
        place.line("solve instance.json").refused(2, cause);
    }
}

#[test]
fn known_optima_are_found() {
    let place = Place::new();
    let solve = |line: &str| -> Option<Value> {
        let (file, options) = line.split_once(' ').unwrap_or((line, ""));
        Some(place.json(&format!("solve {} {options}", shared(file)?)))
    };
    for (line, optimum) in [
        ("data/fifteen/offers.csv", 923_835),
        ("data/fifteen/offers.csv --internal-limit-wh 6000 --external-limit-wh 3000", 748_398),
        ("data/microgrid102/offers.csv --internal-limit-wh 25000 --external-limit-wh 20000", 2_874_000),
        ("data/microgrid102/offers_battery.csv --internal-limit-wh 25000 --external-limit-wh 20000", 3_091_100),
        ("instances/small-101.json", 4_234),
        ("instances/frac-15929.json", 13),
        ("instances/mediumt-103.json", 102_879),
        ("instances/mediumt-103.json --backend highs", 102_879),
        ("instances/mediumu-104.json", 122_844),
        ("instances/solidworx-105.json", 1_100_048),
        ("instances/larget-106.json", 1_127_629),
        ("instances/larget-106.json --backend highs", 1_127_629),
    ] {
        let Some(solved) = solve(line) else { continue };
        let (value, bound) = (solved["value"].as_u64(), solved["upper_bound"].as_u64());
        assert_eq!((value, bound), (Some(optimum), Some(optimum)), "{line}: {solved}");
    }
}

#[test]
fn horizons_are_compared_and_drawn() {
    let place = Place::new();
    // Who plans one interval alone sells to the buyer that could have waited, unless what expires first is preferred.
    place.write(
        "trace.csv",
        "prosumer,feeder,start,end,side,energy_wh\na,1,0,0,sell,100\nb,1,0,1,buy,100\nc,1,0,0,buy,100\nd,1,1,1,sell,100\n",
    );
    let swept = place.json("solve trace.csv --horizons 0,1 --charts charts");
    let rows = swept.as_array().expect("rows");
    let found = |horizon: u64, way: &str| {
        rows.iter().find(|row| row["horizon"] == horizon && row["way"] == way).expect("a row")
    };
    assert_eq!(rows.len(), 4);
    for (horizon, way) in [(0, "expiring-first"), (1, "expiring-first"), (1, "plain")] {
        assert_eq!(found(horizon, way)["value"], 200, "T_h = {horizon}, {way}");
    }
    assert!(rows.iter().all(|row| row["upper_bound"] == 200), "{swept}");
    for chart in ["energy", "time", "memory"] {
        let svg =
            std::fs::read_to_string(place.path().join("charts").join(chart).with_extension("svg")).expect("a chart");
        assert!(svg.contains("expiring first") && svg.contains("T_h"), "{chart}");
    }
    place.line("solve trace.csv --charts charts").refused(2, "--horizons");
}
