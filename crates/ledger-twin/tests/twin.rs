//! The twin of simulated systems.

use ledger_simulator::{Config, Phase, Simulator, Spacing};
use ledger_twin::{Belief, Channel, Difference, Estimator, StateReport, Twin, reports};
use proptest::prelude::*;
use simulation::{Micros, Random};

/// A system that did some work, so that peers know one another.
fn worked(nodes: u32, peers: f64, seed: u64) -> (Config, Simulator) {
    let mut config = Config::from_toml(&format!("nodes = {nodes}")).expect("a configuration");
    config.seed = seed;
    config.network.peers = peers;
    let phase = Phase { rate: 50.0, size_bytes: 10_000, seconds: None, count: Some(60), spacing: Spacing::Even };
    config.workload = vec![phase];
    let mut system = Simulator::new(&config).expect("a configuration");
    system.run();
    system.run_until(system.now() + Micros::from_seconds(9.0));
    (config, system)
}

fn twin(nodes: u32, reports: impl IntoIterator<Item = StateReport>) -> Twin {
    let mut twin = Twin::new(nodes);
    for report in reports {
        twin.receive(report);
    }
    twin
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_lost_report_gives_an_identical_system(nodes in 4_u32..40, peers in 2.0_f64..10.0, seed: u64, lost in 0_u32..40) {
        let (config, system) = worked(nodes, peers, seed);
        let all = reports(&system, Estimator::Mean);
        let rebuilt = twin(nodes, all.into_iter().filter(|report| report.node != lost % nodes)).rebuild(Belief::Maximum);
        prop_assert_eq!(Difference::between(system.topology(), &rebuilt.topology), Difference::default());
        // The two behave the same, to the bit.
        let run = |topology| {
            let mut simulator = Simulator::with_topology(&config, topology).expect("a configuration");
            simulator.run();
            simulator.metrics()
        };
        prop_assert_eq!(run(system.topology().clone()), run(rebuilt.topology));
    }

    #[test]
    fn all_error_comes_from_links_between_lost_nodes(
        nodes in 4_u32..30, peers in 2.0_f64..8.0, seed: u64, lost in proptest::collection::btree_set(0_u32..30, 1..10)
    ) {
        let (_, system) = worked(nodes, peers, seed);
        let all = reports(&system, Estimator::Mean);
        let rebuilt = twin(nodes, all.into_iter().filter(|report| !lost.contains(&report.node))).rebuild(Belief::Maximum);
        let difference = Difference::between(system.topology(), &rebuilt.topology);
        prop_assert_eq!((&difference.invented, &difference.changed), (&vec![], &vec![]));
        let unseen = |edge: &&(u32, u32)| lost.contains(&edge.0) && lost.contains(&edge.1);
        prop_assert_eq!(difference.missing, system.topology().edges.iter().filter(unseen).copied().collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(seed: u64, delay in 0.0_f64..30.0) {
        let (_, system) = worked(8, 3.0, seed);
        let sent = |step: u32| {
            let time = Micros::from_seconds(f64::from(step));
            reports(&system, Estimator::Mean).into_iter().map(move |report| {
                let height = report.height + step;
                (time, StateReport { height, bandwidth: report.bandwidth + u64::from(step), ..report })
            })
        };
        let arrive = |channel: Channel| {
            let mut random = Random::stream(seed, "channel");
            channel.carry((0..6).flat_map(sent), Micros(u64::MAX), &mut random)
        };
        let orderly = twin(8, arrive(Channel::default()));
        let late = twin(8, arrive(Channel { loss: 0.0, delay_seconds: delay }));
        prop_assert_eq!(orderly, late);
    }
}

#[test]
fn latency_spoils_the_papers_estimate_and_is_corrected() {
    let (mut config, _) = worked(8, 3.0, 1);
    config.network.latency_ms = 40.0;
    let mut system = Simulator::new(&config).unwrap();
    system.run();
    let error = |estimator| {
        let all = reports(&system, estimator).into_iter().filter(|report| report.node != 2);
        let rebuilt = twin(8, all).rebuild(Belief::Maximum);
        Difference::between(system.topology(), &rebuilt.topology).changed.len()
    };
    assert!(error(Estimator::Mean) > 0 && error(Estimator::Weighted) > 0);
    assert_eq!(error(Estimator::Corrected), 0);
}

#[test]
fn noise_is_averaged_out_but_the_maximum_of_estimates_stays_below_a_slow_draw() {
    let (mut config, _) = worked(10, 5.0, 1);
    config.network.bandwidth_noise = 0.1;
    config.workload[0].count = Some(2000);
    let mut system = Simulator::new(&config).unwrap();
    system.run();
    let all = reports(&system, Estimator::Weighted);
    for report in &all {
        for peer in &report.peers {
            let link = system.topology().link(report.node, peer.peer);
            let off = peer.bandwidth.abs_diff(link);
            assert!(off * 10 < link * 2, "{peer:?} of {link}");
        }
    }
}
