#![doc = include_str!("../README.md")]

mod cli;
mod config;
mod dashboard;
mod demo;
mod deploy;
mod deployment;
mod doctor;
mod exit;
mod hosting;
mod job;
mod keeping;
mod key;
mod ledger;
mod log;
mod mint;
mod modicum;
mod output;
mod password;
mod pow;
mod privacy;
mod rpc;
mod session;
mod setting;
mod solidworx;
mod solve;
mod status;
mod token;
mod transax;
mod wallet;
mod wallets;
mod watching;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;
use cli::{Cli, Command, JobProgram};
use config::{ConfigError, Words};
use exit::Failure;
use output::Output;
use setting::Setting;

/// The whole program.
pub fn run() -> ExitCode {
    // A solver runs CBC in a child of this same program.
    optimizer::run_if_worker();
    let words: Vec<OsString> = std::env::args_os().collect();
    job::give_way(&words);
    let words = config::read(words);
    let Words { cli, agent, .. } = match words {
        Ok(words) => words,
        Err(ConfigError::Words(error)) => error.exit(),
        Err(error) => return Failure::from(error).report(std::env::args_os().any(|word| word == "--json"), None),
    };
    log::start(agent.is_some(), cli.global.log_format, cli.global.rpc.clone());
    privacy::refuse_core_dumps();
    let (json, rpc) = (cli.global.json, cli.global.rpc.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.map_err(Failure::from).and_then(|runtime| runtime.block_on(obey(cli)));
    done.map_or_else(|failure| failure.report(json, rpc.as_ref()), |()| ExitCode::SUCCESS)
}

/// What of it runs jobs on this machine, and nothing else: a small program for the verbs that may run for long, many at once.
pub fn run_job() -> ExitCode {
    let JobProgram { global, verb } = JobProgram::parse();
    log::start(false, global.log_format, global.rpc.clone());
    privacy::refuse_core_dumps();
    let done = job::run_here(Output::new(global.json), verb);
    done.map_or_else(|failure| failure.report(global.json, global.rpc.as_ref()), |()| ExitCode::SUCCESS)
}

async fn obey(cli: Cli) -> Result<(), Failure> {
    let setting = Setting::new(cli.global);
    match cli.command {
        None => status::show(&setting).await,
        Some(Command::Dashboard(words)) => dashboard::run(&setting, &words).await,
        Some(Command::Demo(words)) => demo::run(&setting, words).await,
        Some(Command::Run(_)) => unreachable!("the agent of the file took its place"),
        Some(Command::Config(verb)) => config::run(&setting, verb),
        Some(Command::Doctor(words)) => doctor::run(&setting, words).await,
        Some(Command::Wallet(verb)) => wallets::run(&setting, verb).await,
        Some(Command::Deploy(words)) => deploy::run(&setting, *words).await,
        Some(Command::Token(verb)) => token::run(&setting, verb).await,
        Some(Command::Solve(words)) => solve::run(&setting, &words),
        Some(Command::Pow(verb)) => pow::run(&setting, verb).await,
        Some(Command::Transax(verb)) => transax::run(&setting, verb).await,
        Some(Command::SolidWorx(verb)) => solidworx::run(&setting, *verb).await,
        Some(Command::Modicum(verb)) => modicum::run(&setting, *verb).await,
        Some(Command::Job(verb)) => job::run(&setting, verb).await,
        Some(Command::Ledger(verb)) => ledger::run(&setting, verb).await,
        Some(Command::Mint(verb)) => mint::run(&setting, verb).await,
    }
}
