//! `pow`: parallel proof of work.

mod demo;
mod figures;
mod genesis;
mod node;
mod simulate;
mod view;

use crate::{cli::Pow, exit::Failure, setting::Setting};

/// Runs a verb.
pub async fn run(setting: &Setting, verb: Pow) -> Result<(), Failure> {
    match verb {
        Pow::Key(words) => node::key(setting, &words),
        Pow::Genesis(words) => genesis::run(setting, words),
        Pow::Node(words) => node::run(setting, words).await,
        Pow::Demo(words) => demo::run(setting, &words).await,
        Pow::Simulate(words) => simulate::run(setting, &words),
    }
}
