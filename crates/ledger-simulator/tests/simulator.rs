//! The simulator as its users see it: against the papers' own, under faults, forked.

use ledger_simulator::{
    Change, Config, Dissemination, Metrics, Phase, Protocol, QuorumRule, Simulator, Spacing, preset,
};
use proptest::prelude::*;
use simulation::Micros;

const SYSTEM: Change = Change { at_seconds: 0.0, node: 0, alive: None, silent: None, bandwidth: None };

/// A small system with a workload of so many transactions.
fn system(nodes: u32, protocol: Protocol, transactions: u32) -> Config {
    let mut config = Config::from_toml(&format!("nodes = {nodes}")).expect("a configuration");
    config.consensus.protocol = protocol;
    config.consensus.timeout_seconds = 2.0;
    config.consensus.fast_path_seconds = 1.0;
    config.network.dissemination = Dissemination::Broadcast;
    config.horizon_seconds = 600.0;
    let phase =
        Phase { rate: 50.0, size_bytes: 1_000, seconds: None, count: Some(transactions), spacing: Spacing::Even };
    config.workload = vec![phase];
    config
}

fn crash(node: u32, at_seconds: f64) -> Change {
    Change { node, at_seconds, alive: Some(false), ..SYSTEM }
}

fn recover(node: u32, at_seconds: f64) -> Change {
    Change { alive: Some(true), ..crash(node, at_seconds) }
}

fn silence(node: u32, at_seconds: f64) -> Change {
    Change { node, at_seconds, silent: Some(true), ..SYSTEM }
}

fn run(config: &Config) -> Simulator {
    let mut simulator = Simulator::new(config).expect("a configuration");
    simulator.run();
    simulator
}

fn close(name: &str, found: &Metrics, anchor: [f64; 3], tolerance: f64) {
    let found = [found.latency_by_block, found.throughput, found.inter_block];
    for (found, anchor) in found.into_iter().zip(anchor) {
        assert!((found / anchor - 1.0).abs() <= tolerance, "{name}: {found} where the papers' simulator has {anchor}");
    }
}

#[test]
fn the_comparison_presets_agree_with_the_papers_simulator() {
    let figures = |name| run(&preset(name).unwrap()).metrics();
    close("ten nodes, PBFT", &figures("paper-001-figure-5"), [6.14, 48.2, 0.417], 0.02);
    close("ten nodes, BigFoot", &figures("paper-001-bigfoot"), [4.96, 54.1, 0.372], 0.05);
    close("fifty nodes, PBFT", &figures("paper-001-figure-6"), [2.35, 43.4, 0.454], 0.02);
}

#[test]
fn equal_seeds_give_equal_runs_and_others_others() {
    let config = preset("consortium").unwrap();
    let (one, other) = (run(&config), run(&config));
    assert_eq!(one.metrics(), other.metrics());
    assert!(one.chain().eq(other.chain()));
    assert_ne!(run(&Config { seed: config.seed + 1, ..config }).metrics(), one.metrics());
}

#[test]
fn a_fork_and_a_written_copy_go_on_as_the_original() {
    let mut config = preset("consortium").unwrap();
    config.network.bandwidth_noise = 0.1;
    let mut original = Simulator::new(&config).unwrap();
    original.run_until(Micros::from_seconds(3.3));
    let mut fork = original.clone();
    let mut read: Simulator = serde_json::from_str(&serde_json::to_string(&original).unwrap()).unwrap();
    [&mut original, &mut fork, &mut read].into_iter().for_each(Simulator::run);
    assert!(original.is_finished());
    assert_eq!(fork.metrics(), original.metrics());
    assert_eq!(read.metrics(), original.metrics());
    assert!(read.chain().eq(original.chain()));
}

#[test]
fn as_many_crashes_as_may_be_do_not_stop_the_chain_and_one_more_does() {
    for (nodes, protocol) in [(4, Protocol::Pbft), (7, Protocol::Pbft), (7, Protocol::Bigfoot), (10, Protocol::Bigfoot)]
    {
        let mut config = system(nodes, protocol, 300);
        config.change = (0..config.faults()).map(|node| crash(node, 1.0)).collect();
        let bearable = run(&config);
        assert!(bearable.is_finished() && bearable.conflicts().is_empty());
        assert!(bearable.metrics().view_changes > 0, "crashed leaders are passed over");
        config.change.push(crash(config.faults(), 1.0));
        let stopped = run(&config);
        assert!(!stopped.is_finished() && stopped.conflicts().is_empty());
        assert!(stopped.chain().all(|block| block.decided < Micros::from_seconds(2.0)));
    }
}

#[test]
fn as_many_silent_nodes_as_may_be_do_not_stop_the_chain_and_one_more_does() {
    for protocol in [Protocol::Pbft, Protocol::Bigfoot] {
        let mut config = system(7, protocol, 200);
        config.change = (0..2).map(|node| silence(node, 0.0)).collect();
        let bearable = run(&config);
        assert!(bearable.is_finished() && bearable.conflicts().is_empty());
        config.change.push(silence(2, 0.0));
        let stopped = run(&config);
        assert_eq!((stopped.metrics().transactions, stopped.conflicts().len()), (0, 0));
    }
}

#[test]
fn a_stopped_chain_goes_on_once_enough_recover_and_those_catch_up() {
    let mut config = system(4, Protocol::Pbft, 1000);
    config.change = vec![crash(1, 1.0), crash(2, 1.5), recover(2, 20.0), recover(1, 40.0)];
    let mut simulator = run(&config);
    assert!(simulator.is_finished() && simulator.conflicts().is_empty());
    simulator.run_until(Micros::from_seconds(60.0));
    let heights = simulator.heights();
    assert!(heights.iter().all(|height| *height == heights[0]), "{heights:?}");
}

#[test]
fn bigfoot_is_faster_with_all_there_and_slower_with_one_missing() {
    let latency = |protocol, change: &[Change]| {
        let mut config = system(7, protocol, 500);
        config.network.latency_ms = 50.0;
        config.change = change.to_vec();
        run(&config).metrics().latency
    };
    assert!(latency(Protocol::Bigfoot, &[]) < latency(Protocol::Pbft, &[]));
    let missing = [crash(3, 0.0)];
    assert!(latency(Protocol::Bigfoot, &missing) > latency(Protocol::Pbft, &missing));
}

#[test]
fn a_protocol_is_changed_between_two_blocks_for_everybody() {
    let config = system(7, Protocol::Pbft, 500);
    let mut simulator = Simulator::new(&config).unwrap();
    simulator.run_until(Micros::from_seconds(2.0));
    let height = simulator.switch(Protocol::Bigfoot);
    assert!(simulator.heights().iter().all(|own| *own < height - 1));
    simulator.run();
    assert!(simulator.is_finished() && simulator.conflicts().is_empty());
    assert_eq!((simulator.protocol(), simulator.metrics().view_changes), (Protocol::Bigfoot, 0));
}

#[test]
fn a_look_ahead_knows_nothing_of_the_future() {
    let mut config = system(4, Protocol::Pbft, 1000);
    config.change = vec![crash(0, 8.0), crash(1, 8.0)];
    let mut simulator = Simulator::new(&config).unwrap();
    simulator.run_until(Micros::from_seconds(5.0));
    simulator.expect(Vec::new());
    simulator.run();
    assert!(simulator.is_finished() && simulator.transactions().len() == 251);
    simulator.run_until(Micros::from_seconds(20.0));
    assert!((0..4).all(|node| simulator.is_alive(node)));
}

#[test]
fn one_node_alone_is_a_chain_too() {
    for protocol in [Protocol::Pbft, Protocol::Bigfoot] {
        let alone = run(&system(1, protocol, 100));
        assert!(alone.is_finished());
    }
}

/// Crashes, recoveries and silences at random times, never more than may be at once.
fn faults(nodes: u32) -> impl Strategy<Value = Vec<Change>> {
    let slot = (0..nodes, 0.0_f64..10.0, 0.5_f64..10.0);
    proptest::collection::vec(slot, 0..6).prop_map(move |slots| {
        let mut until = 0.0;
        let mut changes = Vec::new();
        for (node, after, long) in slots {
            let at = until + after;
            until = at + long;
            changes.extend([crash(node, at), recover(node, until)]);
        }
        changes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn nobody_ever_decides_otherwise_and_all_is_committed_in_the_end(
        seed in 0_u64..1000, bigfoot: bool, gossip: bool, faults in faults(4)
    ) {
        let protocol = if bigfoot { Protocol::Bigfoot } else { Protocol::Pbft };
        let mut config = Config { seed, change: faults, ..system(4, protocol, 1000) };
        config.network.latency_ms = 30.0;
        config.network.bandwidth_noise = 0.2;
        if gossip {
            config.network.dissemination = Dissemination::Gossip;
            config.network.peers = 3.0;
        }
        let simulator = run(&config);
        prop_assert_eq!(simulator.conflicts(), []);
        prop_assert!(simulator.is_finished(), "{:?}", simulator.metrics());
    }

    #[test]
    fn nobody_ever_decides_otherwise_however_many_fail(
        seed in 0_u64..1000, bigfoot: bool, slots in proptest::collection::vec((0_u32..5, 0.0_f64..30.0, any::<bool>()), 0..20)
    ) {
        let protocol = if bigfoot { Protocol::Bigfoot } else { Protocol::Pbft };
        let change = slots.iter().map(|(node, at, up)| Change { alive: Some(*up), ..crash(*node, *at) }).collect();
        let mut config = Config { seed, change, ..system(5, protocol, 1000) };
        config.network.latency_ms = 30.0;
        config.consensus.quorum = QuorumRule::Safe;
        let simulator = run(&config);
        prop_assert_eq!(simulator.conflicts(), []);
    }
}
