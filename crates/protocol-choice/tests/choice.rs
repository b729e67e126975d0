//! The strategies against one another, on a small study.

use protocol_choice::{Agent, Outcome, Strategy, Study, follow, train, weather};
use simulation::Random;

fn study() -> Study {
    let mut study = Study::paper();
    (study.training_intervals, study.episodes, study.evolved_intervals) = (20, 5, 40);
    study
}

fn outcome(study: &Study, strategy: Strategy, agent: &Agent, seed: u64) -> Outcome {
    let days = weather(&study.wl2, study.system.nodes, study.evolved_intervals, &mut Random::stream(seed, "wl2"));
    follow(study, &days, strategy, &mut agent.clone(), seed, &|| 0.0).expect("a study")
}

fn trained(study: &Study, seed: u64) -> Agent {
    let days = weather(&study.wl1, study.system.nodes, study.training_intervals, &mut Random::stream(seed, "wl1"));
    train(study, &days, seed).expect("a study").0
}

#[test]
fn every_strategy_serves_every_transaction_and_repeats_to_the_bit() {
    let study = study();
    let agent = trained(&study, 1);
    for strategy in Strategy::ALL {
        let one = outcome(&study, strategy, &agent, 1);
        assert!(one.left == 0 && one.conflicts == 0 && one.steps.len() == 40, "{strategy}");
        assert_eq!(one, outcome(&study, strategy, &agent, 1), "{strategy}");
    }
}

#[test]
fn looking_ahead_is_better_than_either_protocol_alone() {
    let study = study();
    let mean = |strategy| {
        let latencies = (0..4).map(|seed| outcome(&study, strategy, &Agent::new(study.learning), seed).latency);
        latencies.sum::<f64>() / 4.0
    };
    let ahead = mean(Strategy::WhatIf);
    assert!(ahead < mean(Strategy::Pbft) && ahead < mean(Strategy::Bigfoot));
}

#[test]
fn agent_plus_simulates_only_what_it_does_not_know_and_ever_less() {
    let study = study();
    let agent = trained(&study, 2);
    let (plus, always) =
        (outcome(&study, Strategy::AgentPlus, &agent, 2), outcome(&study, Strategy::WhatIf, &agent, 2));
    assert!(plus.simulated_steps < always.simulated_steps / 2);
    assert!(plus.decision_events < always.decision_events / 2);
    let half = |steps: &[protocol_choice::Step]| steps.iter().filter(|step| step.decision_events > 0).count();
    assert!(half(&plus.steps[20..]) <= half(&plus.steps[..20]));
    assert_eq!(outcome(&study, Strategy::Agent, &agent, 2).decision_events, 0);
}
