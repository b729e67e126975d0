//! The loop: observe, choose, let the system run, learn.

use ledger_simulator::{ConfigError, Phase, Protocol, Simulator, Spacing, Transaction, transactions};
use serde::{Deserialize, Serialize};
use simulation::{Micros, Random};

use crate::{Agent, State, Strategy, Study, Weather, agent::ACTIONS, scenario::system};

/// How many transactions a look ahead expects at most.
const MOST_EXPECTED: usize = 100_000;
/// How long after the last interval the rest may take, seconds.
const DRAIN_SECONDS: f64 = 600.0;

/// A step of a course.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What was observed.
    pub state: State,
    /// What was chosen.
    pub action: Protocol,
    /// Mean latency of the transactions handed in during it, seconds; of those that wait at its end, their age.
    pub cost: f64,
    /// Events simulated to choose.
    pub decision_events: u64,
    /// How long choosing took, by the clock that was given, seconds.
    pub decision_seconds: f64,
}

/// How a course went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Mean latency over all transactions, seconds.
    pub latency: f64,
    /// Transactions committed.
    pub transactions: usize,
    /// Transactions that were not committed in the end.
    pub left: usize,
    /// Steps at which something was simulated.
    pub simulated_steps: usize,
    /// Events simulated to choose, all together.
    pub decision_events: u64,
    /// How long choosing took, all together, seconds.
    pub decision_seconds: f64,
    /// Decisions that contradict another: none.
    pub conflicts: usize,
    /// Step by step.
    pub steps: Vec<Step>,
}

/// Trains an agent on one workload, episode after episode with less and less exploring; returns it, and the mean latency
/// of each episode.
pub fn train(study: &Study, weather: &[Weather], seed: u64) -> Result<(Agent, Vec<f64>), ConfigError> {
    let mut agent = Agent::new(study.learning);
    let mut latencies = Vec::new();
    let last = f64::from(study.episodes.saturating_sub(1)).max(1.0);
    for episode in 0..study.episodes {
        let share = f64::from(episode) / last;
        let explore = study.learning.explore_first * (1.0 - share) + study.learning.explore_last * share;
        let seed = seed.wrapping_add(u64::from(episode) << 32);
        let outcome = course(study, weather, Strategy::Agent, &mut agent, explore, seed, &|| 0.0)?;
        latencies.push(outcome.latency);
    }
    Ok((agent, latencies))
}

/// Lets a strategy choose through a workload; `clock` tells the time in seconds, to measure how long choosing takes.
pub fn follow(
    study: &Study,
    weather: &[Weather],
    strategy: Strategy,
    agent: &mut Agent,
    seed: u64,
    clock: &dyn Fn() -> f64,
) -> Result<Outcome, ConfigError> {
    course(study, weather, strategy, agent, study.learning.explore_last, seed, clock)
}

fn course(
    study: &Study,
    weather: &[Weather],
    strategy: Strategy,
    agent: &mut Agent,
    explore: f64,
    seed: u64,
    clock: &dyn Fn() -> f64,
) -> Result<Outcome, ConfigError> {
    let mut physical = Simulator::new(&system(study, weather, seed))?;
    let mut chooser = Chooser { study, strategy, explore, random: Random::stream(seed, "choice") };
    let step = Micros::from_seconds(study.interval_seconds);
    let mut steps = Vec::with_capacity(weather.len());
    let mut last: Option<(State, Protocol, f64)> = None;
    let mut now = Micros::ZERO;
    for interval in weather {
        // The changes at the beginning of the interval are there to be seen.
        physical.run_until(now);
        let state = State::of(&physical);
        if let (Some((before, action, cost)), Strategy::Agent | Strategy::AgentPlus) = (last, strategy) {
            agent.learn(before, action, cost, Some(state));
        }
        let begun = clock();
        let (action, decision_events) = chooser.choose(&physical, state, interval, agent);
        let decision_seconds = clock() - begun;
        physical.switch(action);
        physical.run_until(now + step);
        let cost = cost(&physical, now);
        steps.push(Step { state, action, cost, decision_events, decision_seconds });
        last = Some((state, action, cost));
        now += step;
    }
    let end = now + Micros::from_seconds(DRAIN_SECONDS);
    while !physical.is_finished() && physical.now() < end {
        physical.run_until(physical.now() + step);
    }
    Ok(outcome(&physical, steps))
}

fn outcome(physical: &Simulator, steps: Vec<Step>) -> Outcome {
    let metrics = physical.metrics();
    Outcome {
        latency: metrics.latency,
        transactions: metrics.transactions,
        left: physical.transactions().len() - metrics.transactions,
        simulated_steps: steps.iter().filter(|step| step.decision_events > 0).count(),
        decision_events: steps.iter().map(|step| step.decision_events).sum(),
        decision_seconds: steps.iter().map(|step| step.decision_seconds).sum(),
        conflicts: metrics.conflicts,
        steps,
    }
}

/// The mean latency of the transactions handed in since a time; of those that wait still, their age.
fn cost(system: &Simulator, since: Micros) -> f64 {
    let (mut count, mut sum) = (0.0, 0.0);
    let mut seen = 0;
    for block in system.chain() {
        let decided = if block.decided > Micros::ZERO { block.decided } else { system.now() };
        for transaction in &system.transactions()[block.first as usize..block.end as usize] {
            if transaction.created >= since {
                (count, sum) = (count + 1.0, sum + decided.saturating_sub(transaction.created).seconds());
            }
        }
        seen = block.end as usize;
    }
    let waiting = system.transactions()[seen..].iter().filter(|transaction| transaction.created >= since);
    for transaction in waiting.take_while(|transaction| transaction.created <= system.now()) {
        (count, sum) = (count + 1.0, sum + system.now().saturating_sub(transaction.created).seconds());
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

/// What chooses.
struct Chooser<'a> {
    study: &'a Study,
    strategy: Strategy,
    explore: f64,
    random: Random,
}

impl Chooser<'_> {
    /// The protocol for the next interval, and how many events were simulated for it.
    fn choose(&mut self, physical: &Simulator, state: State, interval: &Weather, agent: &mut Agent) -> (Protocol, u64) {
        match self.strategy {
            Strategy::Pbft => (Protocol::Pbft, 0),
            Strategy::Bigfoot => (Protocol::Bigfoot, 0),
            Strategy::Agent => (agent.choose(state, self.explore, &mut self.random), 0),
            Strategy::AgentPlus if agent.is_confident(state) => (agent.best(state), 0),
            Strategy::AgentPlus => {
                let future = self.expected(physical, interval);
                let (costs, events) = self.look_ahead(physical, Some(&future));
                for (action, cost) in ACTIONS.into_iter().zip(costs) {
                    agent.learn(state, action, cost, None);
                }
                (cheaper(costs), events)
            }
            Strategy::WhatIf => {
                let future = self.expected(physical, interval);
                let (costs, events) = self.look_ahead(physical, Some(&future));
                (cheaper(costs), events)
            }
            Strategy::Oracle => {
                let (costs, events) = self.look_ahead(physical, None);
                (cheaper(costs), events)
            }
        }
    }

    /// Transactions like those of the interval's rate and size, which a twin reads off the pool; not the ones that come.
    fn expected(&mut self, physical: &Simulator, interval: &Weather) -> Vec<Transaction> {
        let phase = Phase {
            rate: interval.rate,
            size_bytes: interval.size_bytes,
            seconds: Some(self.study.interval_seconds),
            count: None,
            spacing: Spacing::Poisson,
        };
        transactions(&[phase], physical.now(), MOST_EXPECTED, &mut self.random)
    }

    /// What each protocol would cost over the next interval, by simulating a fork.
    fn look_ahead(&self, physical: &Simulator, expected: Option<&[Transaction]>) -> ([f64; 2], u64) {
        let now = physical.now();
        let mut events = 0;
        let costs = ACTIONS.map(|action| {
            let mut fork = physical.clone();
            if let Some(expected) = expected {
                fork.expect(expected.to_vec());
            }
            fork.switch(action);
            fork.run_until(now + Micros::from_seconds(self.study.interval_seconds));
            events += fork.events() - physical.events();
            cost(&fork, now)
        });
        (costs, events)
    }
}

fn cheaper(costs: [f64; 2]) -> Protocol {
    if costs[1] < costs[0] { Protocol::Bigfoot } else { Protocol::Pbft }
}
