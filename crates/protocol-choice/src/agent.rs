//! Q-learning over a table.

use std::collections::BTreeMap;

use ledger_simulator::{Protocol, Simulator};
use serde::{Deserialize, Serialize};
use simulation::Random;

/// What can be chosen.
pub(crate) const ACTIONS: [Protocol; 2] = [Protocol::Pbft, Protocol::Bigfoot];
const BITS_A_BYTE: f64 = 8.0;

/// The state of the system, as the paper has it: (`F`, `N_L`, `N_H`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct State {
    /// Whether a node is down.
    pub failed: bool,
    /// The slowest node, megabits a second, rounded.
    pub slowest: u32,
    /// The fastest node, megabits a second, rounded.
    pub fastest: u32,
}

impl State {
    /// Of a system, now.
    pub fn of(system: &Simulator) -> Self {
        let speeds = &system.topology().bandwidths;
        let failed = (0..system.topology().nodes()).any(|node| !system.is_alive(node));
        let mbps = |bandwidth: Option<&u64>| bandwidth.map_or(0, |bandwidth| megabits(*bandwidth));
        Self { failed, slowest: mbps(speeds.iter().min()), fastest: mbps(speeds.iter().max()) }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded to megabits on purpose"
)]
fn megabits(bandwidth: u64) -> u32 {
    (bandwidth as f64 * BITS_A_BYTE / 1e6).round() as u32
}

/// How an agent learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Learning {
    /// α: how much a new outcome counts; the first ones of a pair count by their mean.
    pub rate: f64,
    /// γ: how much what comes after counts.
    pub discount: f64,
    /// ε in the first episode: how often a protocol is tried at random.
    pub explore_first: f64,
    /// ε in the last one and afterwards.
    pub explore_last: f64,
    /// Simulate where a pair was seen less often than this (agent+).
    pub confident_after: u32,
}

impl Default for Learning {
    fn default() -> Self {
        Self { rate: 0.3, discount: 0.0, explore_first: 0.3, explore_last: 0.05, confident_after: 3 }
    }
}

/// The expected cost of an action in a state, and how often it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Cell {
    cost: f64,
    seen: u32,
}

/// An agent that learns which protocol is least slow in which state. Its reward is the mean latency, to be minimised.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    learning: Learning,
    table: BTreeMap<State, [Cell; 2]>,
}

impl Agent {
    /// Knows nothing yet.
    pub const fn new(learning: Learning) -> Self {
        Self { learning, table: BTreeMap::new() }
    }

    /// The action with the least expected cost; one that was never seen is tried first, PBFT where neither was.
    pub fn best(&self, state: State) -> Protocol {
        let [pbft, bigfoot] = self.cells(state);
        let unseen = |cell: Cell| cell.seen == 0;
        let better = !unseen(pbft) && (unseen(bigfoot) || bigfoot.cost < pbft.cost);
        if better { Protocol::Bigfoot } else { Protocol::Pbft }
    }

    /// The best action, or with probability `explore` any.
    pub fn choose(&self, state: State, explore: f64, random: &mut Random) -> Protocol {
        let (tries, any) = (random.unit() < explore, ACTIONS[random.index(ACTIONS.len())]);
        if tries { any } else { self.best(state) }
    }

    /// Whether both actions were seen often enough to be judged without simulating.
    pub fn is_confident(&self, state: State) -> bool {
        self.cells(state).iter().all(|cell| cell.seen >= self.learning.confident_after)
    }

    /// Learns what an action cost, and in which state it ended where that is known.
    pub fn learn(&mut self, state: State, action: Protocol, cost: f64, next: Option<State>) {
        let Learning { rate, discount, .. } = self.learning;
        let ahead = next.map_or(0.0, |next| {
            let cells = self.cells(next);
            let known = cells.iter().filter(|cell| cell.seen > 0).map(|cell| cell.cost);
            known.min_by(f64::total_cmp).unwrap_or(0.0)
        });
        let cell = &mut self.table.entry(state).or_default()[usize::from(action == Protocol::Bigfoot)];
        cell.seen += 1;
        let weight = rate.max(1.0 / f64::from(cell.seen));
        cell.cost += weight * (cost + discount * ahead - cell.cost);
    }

    /// How many states it knows.
    pub fn states(&self) -> usize {
        self.table.len()
    }

    fn cells(&self, state: State) -> [Cell; 2] {
        self.table.get(&state).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: State = State { failed: false, slowest: 20, fastest: 40 };

    #[test]
    fn the_cheaper_action_is_learned_and_the_unseen_one_tried() {
        let mut agent = Agent::new(Learning::default());
        assert_eq!(agent.best(STATE), Protocol::Pbft);
        agent.learn(STATE, Protocol::Pbft, 2.0, None);
        assert_eq!(agent.best(STATE), Protocol::Bigfoot);
        agent.learn(STATE, Protocol::Bigfoot, 1.0, None);
        assert_eq!(agent.best(STATE), Protocol::Bigfoot);
        for _ in 0..10 {
            agent.learn(STATE, Protocol::Bigfoot, 5.0, None);
        }
        assert_eq!((agent.best(STATE), agent.states()), (Protocol::Pbft, 1));
    }

    #[test]
    fn an_agent_is_confident_once_both_actions_were_seen_often_enough() {
        let mut agent = Agent::new(Learning::default());
        for _ in 0..3 {
            assert!(!agent.is_confident(STATE));
            agent.learn(STATE, Protocol::Pbft, 1.0, None);
            agent.learn(STATE, Protocol::Bigfoot, 1.0, None);
        }
        assert!(agent.is_confident(STATE));
    }

    #[test]
    fn what_comes_after_counts_by_the_discount() {
        let mut agent = Agent::new(Learning { discount: 0.5, ..Learning::default() });
        let next = State { failed: true, ..STATE };
        agent.learn(next, Protocol::Pbft, 4.0, None);
        agent.learn(STATE, Protocol::Pbft, 1.0, Some(next));
        assert!((agent.cells(STATE)[0].cost - 3.0).abs() < 1e-12);
    }

    #[test]
    fn exploring_tries_both_actions() {
        let mut agent = Agent::new(Learning::default());
        agent.learn(STATE, Protocol::Pbft, 1.0, None);
        agent.learn(STATE, Protocol::Bigfoot, 2.0, None);
        let mut random = Random::stream(1, "explore");
        let mut tried =
            |explore| (0..1000).filter(|_| agent.choose(STATE, explore, &mut random) == Protocol::Bigfoot).count();
        assert_eq!(tried(0.0), 0);
        assert!(tried(1.0).abs_diff(500) < 60);
    }
}
