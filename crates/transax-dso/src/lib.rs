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
        let due = market.finalize_arguments(now).map(|arguments| {
            let key = format!("finalise interval {}", arguments.interval);
            Intent::new(key, Call::Finalize { links: arguments.links, legs: arguments.legs })
        });
        due.into_iter().collect()
    }
}
