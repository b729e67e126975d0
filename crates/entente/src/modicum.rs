//! `Modicum`: computing jobs between strangers.

mod accounts;
pub mod demo;
mod deploy;
mod explain;
mod jc;
mod judge;
mod known;
mod listen;
mod providers;
mod roles;
mod rp;
mod session;
mod status;
mod store;
mod strategy;
mod watch;

pub use known::Known;
pub use session::Session;

use crate::{cli::Modicum, exit::Failure, setting::Setting};

/// Carries out a verb.
pub async fn run(setting: &Setting, verb: Modicum) -> Result<(), Failure> {
    match verb {
        Modicum::Deploy(words) => deploy::run(setting, &words).await,
        Modicum::Mint(words) => accounts::mint(setting, &words).await,
        Modicum::Deposit(words) => accounts::deposit(setting, &words).await,
        Modicum::Withdraw(words) => accounts::withdraw(setting, &words).await,
        Modicum::Register(words) => accounts::register(setting, &words).await,
        Modicum::Trust(words) => accounts::trust(setting, &words).await,
        Modicum::Jc(verb) => jc::run(setting, verb).await,
        Modicum::Rp(verb) => rp::run(setting, verb).await,
        Modicum::Solver(verb) => roles::solver(setting, verb).await,
        Modicum::Mediator(verb) => roles::mediator(setting, verb).await,
        Modicum::Status(words) => status::run(setting, &words).await,
        Modicum::Watch(words) => watch::run(setting, &words).await,
        Modicum::Explain(words) => explain::run(setting, &words).await,
        Modicum::Providers(words) => providers::run(setting, &words).await,
        Modicum::Judge(words) => judge::run(setting, words).await,
        Modicum::Strategy(words) => strategy::run(setting, &words),
    }
}
