//! `ledger`: simulated blockchains.

use crate::world::Place;

const SMALL: &str = "\
nodes = 4
[[workload]]
rate = 50.0
count = 200
size_bytes = 1000
";

#[test]
fn a_preset_is_simulated_with_the_figures_of_the_papers_simulator() {
    let place = Place::new();
    let figures = place.json("ledger simulate --preset paper-001-figure-5");
    assert_eq!(
        (&figures["transactions"], &figures["blocks"], &figures["conflicts"]),
        (&1000.into(), &50.into(), &0.into())
    );
    assert!((figures["throughput"].as_f64().unwrap() / 48.2 - 1.0).abs() < 0.02, "{figures}");
    let words = place.line("ledger simulate --preset paper-001-figure-5");
    assert!(words.stdout.contains("48.09 transactions/s"), "{words:?}");
}

#[test]
fn replicas_do_not_depend_on_the_number_of_threads() {
    let place = Place::new();
    place.write("small.toml", SMALL);
    let figures = |threads: u32| {
        let mut figures = place.json(&format!("ledger simulate --config small.toml --replicas 8 --threads {threads}"));
        figures["run_ms"].take();
        figures
    };
    assert_eq!(figures(1), figures(3));
    assert_eq!(figures(2)["latency"]["count"], 8);
}

#[test]
fn a_run_that_was_interrupted_goes_on_as_if_it_had_not_been() {
    let place = Place::new();
    place.write("small.toml", SMALL);
    let mut whole = place.json("ledger simulate --config small.toml");
    place.json("ledger simulate --config small.toml --until 2 --state half.json");
    let mut rest = place.json("ledger simulate --resume half.json");
    assert_eq!((whole["run_ms"].take(), whole).1, (rest["run_ms"].take(), rest).1);
}

#[test]
fn what_cannot_be_simulated_is_refused_with_its_reason() {
    let place = Place::new();
    place.line("ledger simulate --preset list").refused(2, "paper-001-figure-6");
    place.write("typo.toml", "nodes = 4\npeers = 3\n");
    place.line("ledger simulate --config typo.toml").refused(2, "unknown field `peers`");
    place.line("ledger simulate --config nowhere.toml").refused(2, "nowhere.toml");
}

#[test]
fn a_printed_preset_is_a_configuration() {
    let place = Place::new();
    let printed = place.line("ledger simulate --preset consortium --print");
    place.write("own.toml", &printed.stdout);
    assert_eq!(place.json("ledger simulate --config own.toml --seed 5")["conflicts"], 0);
}
