#![doc = include_str!("../README.md")]

use bindings::Call;
use runtime::{Agent, Intent};
use transax::Market;

/// Finalises.
#[derive(Clone, Debug)]
pub struct Dso {
    name: String,
}

impl Dso {
    /// A finaliser under this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Agent for Dso {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        if let Some(arguments) = market.finalize_arguments(now) {
            let key = format!("finalise interval {}", arguments.interval);
            return vec![Intent::new(key, Call::Finalize { links: arguments.links, legs: arguments.legs })];
        }
        let Some(links) = market.drop_lapsed_arguments(now) else { return Vec::new() };
        // The chain names the candidate, so dropping from another one is another intent.
        let Some(candidate) = market.candidate() else { return Vec::new() };
        vec![Intent::new(format!("drop what lapsed from {}", candidate.chain()), Call::DropLapsed { links })]
    }
}
