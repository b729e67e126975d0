//! What a runtime has done, and whether anything is left to do.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use chain::Head;
use tokio::sync::watch;

/// What a runtime has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The newest block that agents were shown; 0 while the past is still being read.
    pub block: u64,
    /// When it was made, Unix seconds.
    pub now: u64,
    /// Whether every agent has seen this block and wants nothing more that the market would grant on it.
    pub idle: bool,
    /// How often the chain was asked for news, and answered.
    pub polls: u64,
    /// How often an agent has decided, and what it wanted was tried.
    pub rounds: u64,
    /// Intents that were carried out.
    pub landed: u64,
    /// Transactions that failed since others were quicker.
    pub raced: u64,
    /// Times an intent was refused when simulated; nothing was sent.
    pub refused: u64,
    /// Intents whose deadline passed before they were carried out.
    pub expired: u64,
    /// Intents that would have been sent in a dry run, each once.
    pub withheld: u64,
    /// Transactions that failed although nobody was quicker, and intents that were refused, or could not be sent, for such
    /// a reason: each reason of an intent once. The last is a [`Failure`].
    pub failed: u64,
    /// Gas that all transactions used.
    pub gas_used: u64,
}

/// Why an intent of an agent was not carried out, where that is more than a lost race.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The agent.
    pub agent: String,
    /// The intent's name.
    pub intent: String,
    /// What was wrong, for people.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.agent, self.intent, self.reason)
    }
}

/// Where agents and the follower write what they did.
#[derive(Default)]
pub(crate) struct Board {
    agents: Mutex<Agents>,
    status: watch::Sender<Status>,
    failure: watch::Sender<Option<Failure>>,
}

#[derive(Default)]
struct Agents {
    sequence: u64,
    /// By agent, the sequence on which it came to rest.
    rest: Vec<Option<u64>>,
}

impl Board {
    /// Takes one more agent in and returns its number.
    pub(crate) fn enlist(&self) -> usize {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        agents.rest.push(None);
        agents.rest.len() - 1
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// A view was reached; agents will be shown it.
    pub(crate) fn reached(&self, sequence: u64, head: Head) {
        self.change(|agents, status| {
            agents.sequence = sequence;
            (status.block, status.now) = (head.block.number, head.timestamp);
        });
    }

    /// An agent wants nothing more on this view.
    pub(crate) fn rested(&self, agent: usize, sequence: u64) {
        self.change(|agents, _| {
            if let Some(rest) = agents.rest.get_mut(agent) {
                *rest = Some(sequence);
            }
        });
    }

    /// Counts something.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Status)) {
        self.change(|_, status| count(status));
    }

    /// Keeps a failure, and counts it.
    pub(crate) fn failed(&self, failure: Failure) {
        // Before it is counted, so that whoever sees the count finds it.
        self.failure.send_replace(Some(failure));
        self.count(|status| status.failed += 1);
    }

    pub(crate) fn failures(&self) -> watch::Receiver<Option<Failure>> {
        self.failure.subscribe()
    }

    fn change(&self, change: impl FnOnce(&mut Agents, &mut Status)) {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        self.status.send_modify(|status| {
            change(&mut agents, status);
            status.idle = agents.sequence > 0 && agents.rest.iter().all(|rest| *rest == Some(agents.sequence));
        });
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::B256;
    use journal::BlockRef;

    use super::*;

    fn head(number: u64) -> Head {
        let block = BlockRef { number, hash: B256::ZERO };
        Head { block, parent: B256::ZERO, timestamp: 1000 + number, base_fee: 0 }
    }

    #[test]
    fn it_is_idle_once_every_agent_rests_on_the_newest_view() {
        let board = Board::default();
        let status = board.subscribe();
        assert_eq!([board.enlist(), board.enlist()], [0, 1]);
        board.reached(1, head(5));
        board.rested(0, 1);
        assert!(!status.borrow().idle, "one agent is still deciding");
        board.rested(1, 1);
        assert!(status.borrow().idle);
        board.reached(2, head(6));
        assert_eq!((status.borrow().block, status.borrow().idle), (6, false), "nobody has seen the new block yet");
    }
}
