//! Jobs without a chain.

use serde_json::Value;

use crate::world::Place;

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("{key} is not in {value}"))
}

#[test]
fn what_is_metered_is_what_a_run_counts_and_the_contract_would_bill() {
    let place = Place::new();
    place.json("job samples --out samples");
    let ran = place.json("job run samples/monte-carlo --out result");
    assert_eq!((&ran["status"], &ran["exit_code"]), (&"completed".into(), &0.into()));
    assert_eq!(place.json("job hash result")["hash"], ran["result"]);
    assert_eq!(place.json("job hash samples/monte-carlo")["hash"], ran["job"]);
    let line = "job meter samples/monte-carlo --runs 3 --instruction-price 7000 --bandwidth-price 900000";
    let metered = place.line(&format!("{line} --json")).json();
    for key in ["job", "meter", "result", "usage"] {
        assert_eq!(metered[key], ran[key], "{key}");
    }
    let usage = &ran["usage"];
    let billed =
        number(usage, "instructions") * 7000 / 1_000_000_000 + ((number(usage, "bandwidth_bytes") * 900_000) >> 30);
    assert!(billed > 10 && number(&metered, "price") == billed, "{metered}");
}

#[test]
fn a_limit_is_an_answer_and_a_folder_that_is_not_empty_an_error() {
    let place = Place::new();
    place.json("job samples --out samples");
    let ran = place.json("job run samples/spin --out result --instructions 1000000");
    assert_eq!((&ran["status"], number(&ran["usage"], "instructions")), (&"instructions-exceeded".into(), 1_000_000));
    assert!(std::fs::read_dir(place.path().join("result")).expect("a folder").next().is_none(), "nothing is kept");
    place.line("job run samples/spin --out samples").refused(2, "samples is not empty");
    place.line("job run nowhere --out other").refused(2, "nowhere cannot be read");
}
