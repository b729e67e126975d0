//! Agents that want little.

use std::sync::mpsc::Receiver;

use bindings::Call;
use runtime::{Agent, Intent};
use transax::Market;

fn add_group(number: usize) -> Intent {
    Intent::new(format!("group {number}"), Call::AddGroup { internal_limit: None, external_limit: None })
}

/// Wants the market to have this many groups.
pub struct Groups(pub usize);

impl Agent for Groups {
    fn name(&self) -> &'static str {
        "groups"
    }

    fn decide(&mut self, view: &Market, _: u64) -> Vec<Intent> {
        (view.groups().count()..self.0).map(add_group).collect()
    }
}

/// Wants one thing, whatever it sees.
pub struct Wants(pub &'static str, pub Call);

impl Agent for Wants {
    fn name(&self) -> &str {
        self.0
    }

    fn decide(&mut self, _: &Market, _: u64) -> Vec<Intent> {
        vec![Intent::new("the one thing", self.1.clone())]
    }
}

/// Thinks until it is told to stop, and wants nothing.
pub struct Thinker(pub Receiver<()>);

impl Agent for Thinker {
    fn name(&self) -> &'static str {
        "thinker"
    }

    fn decide(&mut self, _: &Market, _: u64) -> Vec<Intent> {
        // Once there is nobody to tell it, it is quick.
        let _ = self.0.recv();
        Vec::new()
    }
}

/// Cannot decide.
pub struct Broken;

impl Agent for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn decide(&mut self, _: &Market, _: u64) -> Vec<Intent> {
        panic!("an agent that panics")
    }
}
