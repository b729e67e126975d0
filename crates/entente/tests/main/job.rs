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

#[test]
fn a_job_goes_through_a_directory_to_whoever_runs_it_and_its_result_comes_back() {
    let place = Place::new();
    for wallet in ["directory", "alice", "bob"] {
        place.json(&format!("wallet new {wallet}"));
    }
    place.json("job samples --out samples");
    let running = place.start("job directory run --folder store --listen 127.0.0.1:0 --wallet directory");
    let said = running.said();
    let url = said.split_whitespace().find(|word| word.starts_with("http://")).expect("where it is");
    let url = url.trim_end_matches(';');
    let put = place.json(&format!("job put samples/monte-carlo --directory {url} --wallet alice"));
    let hash = put["hash"].as_str().expect("a hash").to_owned();
    assert_eq!(place.json("job hash samples/monte-carlo")["hash"], put["hash"]);
    place.json(&format!("job get {hash} --out fetched --directory {url} --wallet bob"));
    let ran = place.json("job run fetched --out result");
    assert_eq!(ran["job"], put["hash"]);
    let result = place.json(&format!("job put result --pin --directory {url} --wallet bob"));
    assert_eq!((&result["hash"], &result["until_ms"]), (&ran["result"], &Value::Null));
    let holdings = place.json(&format!("job directory holdings --directory {url} --wallet bob"));
    assert_eq!(holdings["trees"][0]["tree"], ran["result"]);
    place.json(&format!("job directory release {hash} --directory {url} --wallet alice"));
    let gone = place.line(&format!("job get {hash} --out again --directory {url} --wallet bob"));
    gone.refused(1, "there is no tree");
    let uptime = place.json(&format!("job directory uptime --from 0 --until 1 --directory {url}"));
    assert_eq!(uptime["is_up"], false);
    running.stop();
}

#[test]
fn ten_processes_and_ten_runs_in_one_count_the_same() {
    let place = Place::new();
    place.json("job samples --out samples");
    let metered = place.line("job meter samples/monte-carlo --runs 10 --json").json();
    assert_eq!(metered["runs"], 10);
    for number in 0..10 {
        let ran = place.json(&format!("job run samples/monte-carlo --out result-{number}"));
        for key in ["meter", "job", "status", "usage", "result"] {
            assert_eq!(ran[key], metered[key], "{key} in process {number}");
        }
    }
}
