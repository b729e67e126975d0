//! Words about `Modicum`.

mod run;
mod show;

use std::path::PathBuf;

use alloy::primitives::Address;
use clap::{Args, Subcommand, ValueEnum};

pub use run::{
    MachineKind, MediatorModicum, MediatorRole, ProviderRole, RunModicum, SolverModicum, Store, StoreAt, Submit,
    SubmitModicum,
};
pub use show::{
    DemoModicum, ExplainModicum, JudgeModicum, ProvidersModicum, StatusModicum, StrategyModicum, WatchModicum,
};

use crate::cli::{AccountName, Signer, values::Decimal};

#[derive(Debug, Subcommand)]
pub enum Modicum {
    /// Put a new market for computing jobs on a chain, and write down where it is.
    Deploy(DeployModicum),
    /// Make test tokens, where the market was deployed with a token of its own.
    Mint(MintModicum),
    /// Pay tokens into the market.
    Deposit(AmountModicum),
    /// Take tokens out of the market.
    Withdraw(AmountModicum),
    /// Register a mediator or a directory.
    Register(RegisterModicum),
    /// Say which mediators and directories you trust.
    Trust(TrustModicum),
    /// Job creator: have jobs run by others.
    #[command(subcommand)]
    Jc(Submit),
    /// Resource provider: run jobs for others.
    #[command(subcommand)]
    Rp(ProviderRole),
    /// Bring jobs and providers together.
    #[command(subcommand)]
    Solver(SolverModicum),
    /// Judge disputes.
    #[command(subcommand)]
    Mediator(MediatorRole),
    /// Show where a market stands, and what became of each match.
    Status(StatusModicum),
    /// Tell every step of every match as it happens.
    Watch(WatchModicum),
    /// Tell who gets what in every way in which a match can end.
    Explain(ExplainModicum),
    /// List who runs jobs, at what price and how reliably.
    Providers(ProvidersModicum),
    /// Judge again what a mediator published.
    Judge(JudgeModicum),
    /// Compute how often to verify, and whether being honest pays; with no chain at all.
    Strategy(StrategyModicum),
}

/// Where the market is.
#[derive(Clone, Debug, Args)]
pub struct AtModicum {
    /// The market, as `entente modicum deploy` wrote it down.
    #[arg(long, env = "ENTENTE_MODICUM", value_name = "FILE", default_value = "modicum.json")]
    pub market: PathBuf,
}

/// Who acts in which market.
#[derive(Clone, Debug, Args)]
pub struct ByModicum {
    #[command(flatten)]
    pub at: AtModicum,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a market with a test token of its own
  entente modicum deploy --rpc http://127.0.0.1:8545 --wallet dso

The defaults are the platform's choice of the dissertation, n = 2 and a penalty rate of 50: a job's creator then gains most
with a job that is all but deterministic, and needs to verify one result in fifty.")]
pub struct DeployModicum {
    /// Where to write down where the market is.
    #[arg(long, env = "ENTENTE_MODICUM", value_name = "FILE", default_value = "modicum.json")]
    pub market: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
    /// The ERC-20 everything is paid in; a new test token that the wallet may mint, unless given.
    #[arg(long, value_name = "ADDRESS")]
    pub token: Option<Address>,
    /// θ: how many times the estimate a fault costs.
    #[arg(long, value_name = "TIMES", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
    pub penalty_rate: u16,
    /// n: how often a mediator runs a disputed job.
    #[arg(long, value_name = "TIMES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..))]
    pub verifications: u8,
    /// How long a creator may take to accept or reject a result.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..))]
    pub reaction_seconds: u32,
    /// How long a mediator may take to judge.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..))]
    pub verdict_seconds: u32,
    /// The most that may lie between a match and its deadline.
    #[arg(long, value_name = "SECONDS", default_value_t = 604_800, value_parser = clap::value_parser!(u32).range(1..))]
    pub longest_seconds: u32,
    /// What creator and provider each pay the solver, in tokens.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub solver_fee: Decimal,
    /// What a mediator or directory puts up when it registers, in tokens.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub stake: Decimal,
    /// Replace the file where there is one. The market it names stays on its chain.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente modicum mint alice 100 --wallet dso")]
pub struct MintModicum {
    #[command(flatten)]
    pub by: ByModicum,
    /// Who gets them: an address, or a wallet here.
    #[arg(value_name = "ACCOUNT")]
    pub to: AccountName,
    /// How many.
    #[arg(value_name = "TOKENS")]
    pub amount: Decimal,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: pay in what a job may need, and take the rest out afterwards
  entente modicum deposit 20 --wallet alice
  entente modicum withdraw 19.5 --wallet alice")]
pub struct AmountModicum {
    #[command(flatten)]
    pub by: ByModicum,
    /// How many.
    #[arg(value_name = "TOKENS")]
    pub amount: Decimal,
}

/// What can be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ServiceKindName {
    /// It judges.
    Mediator,
    /// It holds jobs and results.
    Directory,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a mediator that counts as this program does, paid 0.01 tokens by each side of a match
  entente modicum register mediator --fee 0.01 --wallet judy

The market's stake is paid in where the wallet's balance in the market does not suffice.")]
pub struct RegisterModicum {
    #[command(flatten)]
    pub by: ByModicum,
    /// Which.
    #[arg(value_enum)]
    pub kind: ServiceKindName,
    /// What creator and provider each pay it in a match, in tokens.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub fee: Decimal,
    #[command(flatten)]
    pub machine: MachineKind,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: trust the services 0 and 1
  entente modicum trust 0 1 --wallet alice

Creators and providers trust mediators, providers and mediators directories, and where services have stakes, directories
mediators. Whoever is not named is not trusted any more.")]
pub struct TrustModicum {
    #[command(flatten)]
    pub by: ByModicum,
    /// Their numbers, as `register` told them.
    #[arg(value_name = "SERVICE", required = true)]
    pub services: Vec<u32>,
}
