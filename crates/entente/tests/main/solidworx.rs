//! `solidworx`: markets in files, without a chain.

use serde_json::Value;

use crate::world::Place;

#[test]
fn an_example_is_solved_and_its_allocation_judged() {
    let place = Place::new();
    for (case, method) in [("carpool", "flow"), ("food", "integer program")] {
        let example = place.json(&format!("solidworx example {case} --seed 2"));
        place.write("market.json", &example.to_string());
        let solved = place.json("solidworx solve market.json");
        assert_eq!(solved["method"], method);
        place.write("allocation.json", &solved.to_string());
        let judged = place.json("solidworx verify market.json allocation.json");
        assert!(judged["value"].as_u64() > Some(0), "{judged}");
        assert_eq!(judged["value"], solved["value"]);
    }
}

#[test]
fn what_the_contract_would_refuse_is_refused_with_its_reason() {
    let place = Place::new();
    let mut market = place.json("solidworx example carpool --seed 2");
    place.write("market.json", &market.to_string());
    let mut solved = place.json("solidworx solve market.json");
    solved["assignments"][0]["quantity"] = 4.into();
    place.write("allocation.json", &solved.to_string());
    place.line("solidworx verify market.json allocation.json").refused(3, "parts of offer");
    market["offers"][0]["alternatives"][0]["quantity"] = 0.into();
    place.write("market.json", &market.to_string());
    place.line("solidworx solve market.json").refused(2, "a quantity is zero");
    place.write("market.json", "{}");
    place.line("solidworx solve market.json").refused(2, "missing field");
    place.line("solidworx example energy").refused(2, "--data");
}

#[test]
fn a_demonstration_leaves_a_report_a_chart_and_a_map() {
    let place = Place::new();
    let report = place.json("demo solidworx carpool --repeat 2 --out carpool");
    assert_eq!(report["value"], report["upper_bound"]);
    let chain = &report["chain"];
    assert_eq!((chain["cycles"].as_u64(), chain["prosumers"].as_u64()), (Some(2), report["offers"].as_u64()));
    assert_eq!(chain["value"].as_u64(), report["value"].as_u64().map(|value| 2 * value));
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).expect("written");
    let saved: Value = serde_json::from_str(&read("carpool/report.json")).expect("JSON");
    assert_eq!(saved, report);
    for picture in ["carpool/chart.svg", "carpool/map.svg", "carpool/solutions.svg"] {
        assert!(read(picture).contains("</svg>"), "{picture}");
    }
}

/// Eight intervals from 7:00 in which a battery and two roofs sell to three homes.
fn trace() -> String {
    let mut rows = vec!["prosumer,feeder,start,end,side,energy_wh".to_owned()];
    for interval in 28..36 {
        for (roof, energy) in [(1, 400), (2, 150 + 10 * interval)] {
            rows.push(format!("{roof},1,{interval},{interval},sell,{energy}"));
        }
        for home in [11, 12, 13] {
            rows.push(format!("{home},1,{interval},{interval},buy,{}", 100 + 40 * home - 10 * interval));
        }
    }
    rows.push("3,1,29,35,sell,900\n".to_owned());
    rows.join("\n")
}

#[test]
fn later_intervals_are_solved_after_a_solver_was_killed() {
    let place = Place::new();
    place.write("trace.csv", &trace());
    let report = place.json("demo solidworx energy --data trace.csv --repeat 1 --kill-solver-at 7:15 --out energy");
    let chain = &report["chain"];
    assert_eq!((chain["cycles"].as_u64(), chain["solver_killed_at"].as_u64()), (Some(8), Some(26_100)));
    // All that could be sold in any interval, the battery's charge in whichever needs it.
    assert_eq!((&chain["value"], &report["value"]), (&report["upper_bound"], &report["upper_bound"]));
    let count = |of: &str, solver: &str| chain[of][solver].as_u64().unwrap_or(0);
    assert!(count("candidates", "solver-a") <= 2, "it was dead from the third cycle on: {chain}");
    assert_eq!(count("finals", "solver-a") + count("finals", "solver-b"), 8);
    let figure = std::fs::read_to_string(place.path().join("energy/solutions.svg")).expect("written");
    assert_eq!(figure.matches("stroke=\"red\"").count(), 1);
}
