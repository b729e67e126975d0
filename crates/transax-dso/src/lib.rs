#![doc = include_str!("../README.md")]

use bindings::Call;
use runtime::{Agent, Intent};
use transax::Market;
use units::IntervalIndex;

/// Finalises.
#[derive(Clone, Debug)]
pub struct Dso {
    name: String,
    /// The interval that could be finalised when it was last asked.
    due: Option<IntervalIndex>,
}

impl Dso {
    /// A finaliser under this name.
    pub fn new(name: impl Into<String>) -> Self {
        let dso = Self { name: name.into(), due: None };
        for outcome in ["final", "lapsed"] {
            dso.count(outcome, 0);
        }
        dso
    }

    /// What became of an interval that was due when the market was last seen.
    fn watch(&mut self, market: &Market, due: Option<IntervalIndex>) {
        let before = std::mem::replace(&mut self.due, due).filter(|before| Some(*before) != due);
        if let Some(before) = before {
            self.count(if market.is_final(before) { "final" } else { "lapsed" }, 1);
        }
    }

    fn count(&self, outcome: &'static str, by: u64) {
        let labels = [("dso", self.name.clone()), ("outcome", outcome.to_owned())];
        metrics::counter!("entente_intervals_total", &labels).increment(by);
    }
}

impl Agent for Dso {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        let arguments = market.finalize_arguments(now);
        self.watch(market, arguments.as_ref().map(|arguments| arguments.interval));
        let due = arguments.map(|arguments| {
            let key = format!("finalise interval {}", arguments.interval);
            Intent::new(key, Call::Finalize { links: arguments.links, legs: arguments.legs })
        });
        due.into_iter().collect()
    }
}
