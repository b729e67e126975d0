//! `ledger`: simulating blockchains, their twins, and choosing their protocol.

mod adapt;
mod observe;
mod reconstruct;
mod simulate;
mod sweep;
mod system;

use crate::{cli::Ledger, exit::Failure, setting::Setting};

/// Runs a verb.
pub async fn run(setting: &Setting, verb: Ledger) -> Result<(), Failure> {
    match verb {
        Ledger::Simulate(words) => simulate::run(setting, &words),
        Ledger::Reconstruct(words) => reconstruct::run(setting, &words),
        Ledger::Sweep(words) => sweep::run(setting, &words),
        Ledger::Adapt(words) => adapt::run(setting, &words),
        Ledger::Observe(words) => observe::run(setting, &words).await,
    }
}
