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
    let report = place.json("demo solidworx carpool --repeat 1 --out carpool");
    assert_eq!(report["value"], report["upper_bound"]);
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).expect("written");
    let saved: Value = serde_json::from_str(&read("carpool/report.json")).expect("JSON");
    assert_eq!(saved, report);
    for picture in ["carpool/chart.svg", "carpool/map.svg"] {
        assert!(read(picture).contains("</svg>"), "{picture}");
    }
}
