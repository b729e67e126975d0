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

#[test]
fn one_lost_report_gives_an_identical_system_and_three_do_not() {
    let place = Place::new();
    let one = place.json("ledger reconstruct --nodes 4");
    assert_eq!((&one["identical"], &one["deviation"]["latency"]), (&true.into(), &0.0.into()));
    let three = place.json("ledger reconstruct --lost 3 --draw 1");
    assert_eq!(three["lost"].as_array().map(Vec::len), Some(3));
    let words = place.line("ledger reconstruct --lost 3 --draw 1 --chart network.svg");
    assert!(words.stdout.contains("deviation") && place.path().join("network.svg").is_file(), "{words:?}");
    place.line("ledger reconstruct --nodes 10").refused(2, "there are 10 nodes");
}

#[test]
fn liars_are_believed_by_the_maximum_and_borne_by_the_median() {
    let place = Place::new();
    let rebuilt = |belief: &str| {
        place.json(&format!("ledger reconstruct --nodes 4 --liars 1 --belief {belief}"))["lost"][0]["rebuilt"].as_u64()
    };
    assert!(rebuilt("maximum") >= rebuilt("trimmed-maximum") && rebuilt("trimmed-maximum") >= rebuilt("median"));
}

#[test]
fn a_sweep_tells_how_far_off_what_is_rebuilt_is() {
    let place = Place::new();
    let swept = place.json("ledger sweep --preset paper-001-figure-5 --lost 1,4 --replicas 6 --charts charts");
    let rows = swept["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["latency_deviation"]["mean"]), (2, &0.0.into()));
    assert!(rows[1]["missing_links"]["mean"].as_f64() > Some(0.0));
    assert!(place.path().join("charts/latency.svg").is_file());
}

#[test]
fn all_strategies_choose_through_a_study_of_ones_own() {
    let place = Place::new();
    let study = include_str!("../../../protocol-choice/presets/paper-002.toml");
    let short =
        study.replace("episodes = 50", "episodes = 3").replace("evolved_intervals = 400", "evolved_intervals = 20");
    place.write("study.toml", &short);
    let adapted = place.json("ledger adapt --study study.toml --seeds 2");
    let strategies = adapted["strategies"].as_array().unwrap();
    assert!(strategies.len() == 6 && strategies.iter().all(|row| row["left"] == 0 && row["conflicts"] == 0));
    place.line("ledger adapt --study nowhere.toml").refused(2, "nowhere.toml");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_chain_is_observed_by_rpc() {
    let node = chain::anvil::Anvil::start(chain::anvil::Options::default()).await.expect("a node");
    for _ in 0..5 {
        node.mine().await.expect("a block");
    }
    let place = Place::new();
    let observed = place.json(&format!("ledger observe --blocks 4 --rpc {}", node.url()));
    let last = observed["last_block"].as_u64().unwrap();
    assert_eq!((observed["first_block"].as_u64(), &observed["block_time"]["count"]), (Some(last - 3), &3.into()));
    assert_eq!(observed["proposers"].as_object().map(serde_json::Map::len), Some(1));
    place.line("ledger observe").refused(2, "--rpc");
}
