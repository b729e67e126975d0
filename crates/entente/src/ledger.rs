//! `ledger`: simulating blockchains, their twins, and choosing their protocol.

mod simulate;
mod system;

use crate::{cli::Ledger, exit::Failure, setting::Setting};

/// Runs a verb.
#[expect(clippy::unused_async, reason = "verbs that ask a node will wait")]
pub async fn run(setting: &Setting, verb: Ledger) -> Result<(), Failure> {
    match verb {
        Ledger::Simulate(words) => simulate::run(setting, &words),
    }
}
