//! `groups plan`: limits for groups of feeders.

use crate::world::Place;

/// Feeder 11 carries 10 kWh; its two members produce 12 kWh at most.
const NEIGHBOURHOOD: &str = r#"{
    "feeders": [{"name": "11", "internal_limit_wh": 20000, "external_limit_wh": 10000},
                {"name": "12", "internal_limit_wh": 40000, "external_limit_wh": 30000}],
    "prosumers": [
        {"name": "101", "feeder": "11", "production_limit_wh": 6000, "consumption_limit_wh": 4000},
        {"name": "102", "feeder": "11", "production_limit_wh": 6000, "consumption_limit_wh": 4000},
        {"name": "201", "feeder": "12", "production_limit_wh": 6000, "consumption_limit_wh": 4000}]
}"#;

#[test]
fn groups_are_planned_from_a_file() {
    let place = Place::new();
    place.write("grid.json", NEIGHBOURHOOD);
    let planned = place.json("transax groups plan grid.json");
    let group = &planned["groups"][0];
    assert_eq!((&group["limits"]["internal"], &group["limits"]["external"]), (&10_000.into(), &10_000.into()));
    assert_eq!((&group["rule"], &group["feeder"]), (&"least-of-all".into(), &"11".into()));
    // Buyers can take 12,000 Wh, and 10,000 Wh are left of that.
    assert_eq!(group["cost_wh"], 2000);
    assert_eq!(group["anonymity"][0]["least_k"], 3);
    // Without 12,000 Wh of the others nobody is known to sell, and C_g is below; buyers leak above 8,000.
    let warnings = group["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].as_str().is_some_and(|warning| warning.contains("buys more than 8000 Wh")), "{warnings:?}");

    let words = place.line("transax groups plan grid.json --denomination-wh 5000");
    assert!(words.stdout.contains("next: entente transax group add 10000:10000"), "{words:?}");
    assert!(words.stdout.contains("cannot mix even one 5000 Wh (101 102 201)"), "{words:?}");
}

#[test]
fn without_mixing_only_feeders_that_can_be_exceeded_bind() {
    let place = Place::new();
    place.write("grid.json", &NEIGHBOURHOOD.replace("\"external_limit_wh\": 10000", "\"external_limit_wh\": 12000"));
    let group = place.json("transax groups plan grid.json --unmixed")["groups"][0].clone();
    assert_eq!((&group["limits"]["external"], &group["rule"]), (&42_000.into(), &"sum".into()));
}

#[test]
fn a_file_that_makes_no_sense_is_named() {
    let place = Place::new();
    place.write("grid.json", &NEIGHBOURHOOD.replace("\"201\", \"feeder\": \"12\"", "\"201\", \"feeder\": \"13\""));
    place.line("transax groups plan grid.json").refused(2, "on feeder \"13\"");
    place.write("grid.json", &NEIGHBOURHOOD.replace("\"internal_limit_wh\": 20000, ", ""));
    place.line("transax groups plan grid.json").refused(2, "missing field `internal_limit_wh`");
    place.line("transax groups plan none.json").refused(2, "none.json");
}
