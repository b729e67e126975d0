#![doc = include_str!("../README.md")]

mod board;
mod book;
mod matching;
mod plan;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use alloy_primitives::B256;
use bindings::modicum::Call;
use modicum::View;
use runtime::{Agent, Intent, Modicum};

pub use board::{Board, NotTaken, SignedOffer};
pub use book::Candidate;
pub use matching::most_pairs;
pub use plan::{Pair, Plan, Why, plan};

/// Brings offers together.
pub struct Solver {
    name: String,
    board: Arc<Mutex<Board>>,
    /// Why offers were not matched when that was told last.
    told: BTreeMap<B256, Why>,
}

impl Solver {
    /// A solver under this name, which also matches what is on the board.
    pub fn new(name: impl Into<String>, board: Arc<Mutex<Board>>) -> Self {
        Self { name: name.into(), board, told: BTreeMap::new() }
    }

    /// Tells why offers stay unmatched, each reason once.
    fn tell(&mut self, plan: &Plan) {
        let left = plan.jobs_left.iter().chain(&plan.resources_left);
        let left: BTreeMap<_, _> = left.map(|(offer, why)| (*offer, why.clone())).collect();
        for (offer, why) in left.iter().filter(|(offer, why)| self.told.get(*offer) != Some(*why)) {
            tracing::info!(solver = self.name, %offer, %why, "an offer is not matched");
        }
        self.told = left;
    }
}

impl Agent<Modicum> for Solver {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, view: &View, now: u64) -> Vec<Intent<Call>> {
        let board = {
            let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
            board.tidy(view, now);
            board.clone()
        };
        let plan = plan(view, &board, now);
        self.tell(&plan);
        plan.pairs.into_iter().map(intent).collect()
    }
}

fn intent(pair: Pair) -> Intent<Call> {
    let Pair { job, resource, mediator } = pair;
    let key = format!("match {} with {}", job.offer.name(), resource.offer.name());
    let call = Call::PostMatch {
        job: Box::new(job.offer),
        job_signature: job.signature,
        resource: Box::new(resource.offer),
        resource_signature: resource.signature,
        mediator,
        layer_proof: Vec::new(),
    };
    Intent::new(key, call)
}
