//! What may be said on the command line. Only words are read here; what they mean for a market is resolved by each verb.

mod accounts;
mod config;
mod dashboard;
mod demo;
mod deploy;
mod directory;
mod groups;
mod job;
mod ledger;
mod market;
mod metering;
mod mint;
mod modicum;
mod offers;
mod pow;
mod run;
mod solidworx;
mod solve;
pub mod values;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use accounts::{AccountName, Certify, Credits, Group, Meter, MeterLimits, Register, Token, Wallet};
pub use config::{Config, Doctor, RunFile};
pub use dashboard::Dashboard;
pub use demo::{Demo, DemoTransax};
pub use deploy::{Deploy, PriceRuleName};
pub use directory::{Asking, DirectoryRun, DirectoryUptime, DirectoryVerb, JobGet, JobPut};
pub use groups::{Groups, MoveMeter, PlanGroups};
pub use job::{EngineAt, Job, JobHere, JobLimits, JobMeter, JobProgram, JobRun, JobSamples, JobSource};
pub use ledger::{Adapt, Ledger, Observe, Reconstruct, Simulate, Sweep, System};
pub use market::{Deposit, Market, Offers, Trades};
pub use metering::{Bill, BillVerb, MeterRun, MeterSource, VerifyBill};
pub use mint::{MechanismName, Mint, MintCloud, MintEdge, MintExperiment, MintFog, MintReplay, MintTwins};
pub use modicum::{
    AmountModicum, AtModicum, DemoModicum, DeployModicum, ExplainModicum, JudgeModicum, MachineKind, MediatorModicum,
    MediatorRole, MintModicum, Modicum, ProviderRole, ProvidersModicum, RegisterModicum, RunModicum, ServiceKindName,
    SolverModicum, StatusModicum, Store, StoreAt, StrategyModicum, Submit, SubmitModicum, TrustModicum, WatchModicum,
};
pub use offers::{Augment, Cancel, Offer, OfferTerms, SideName, WithdrawAssets};
pub use pow::{KernelName, ModeName, Pow, PowDemo, PowGenesis, PowKey, PowNode, PowSimulate};
pub use run::{Dso, Host, Mailbox, MailboxRun, Profile, Prosumer, Relay, RelayRun, Secrets, Seeking, Solver, Unseen};
pub use solidworx::{
    AdvanceSolidWorx, AllocationSolidWorx, At, By, CancelSolidWorx, Case, CaseName, DemoSolidWorx, DeploySolidWorx,
    DirectoryRole, OffersSolidWorx, PostSolidWorx, ProsumerRole, ReturnDeposit, SolidWorx, SolveMarket, SolverRole,
    SubmitSolidWorx, VerifyAllocation,
};
pub use solve::Solve;

use crate::wallet::WalletName;

const LEARN: &str = "\
Exit codes:
  0  done
  1  failed for another reason
  2  the command line, or a file it names, does not make sense
  3  the contract refuses, or would refuse, what was asked
  4  the chain cannot be reached
  5  the wallet cannot be opened
  6  there is no usable deployment file

Example: a market of one group on a local node, whose first development key is in the file dev.key
  entente wallet import dso --key-file dev.key
  entente deploy --rpc http://127.0.0.1:8545 --wallet dso --genesis +30m --group 20000:20000
  entente transax market";

/// Markets for people who share a resource and do not trust each other.
///
/// Contracts hold what must be trusted: offers, deposits, limits, the best plan so far, payments. This program does
/// the rest. Called without a command it says what is configured and reachable, and the next useful command.
#[derive(Debug, Parser)]
#[command(name = "entente", version, after_help = LEARN, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Global {
    /// Print the result as one JSON document on standard output; a failure as one on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// The market to use, as `deploy` wrote it down.
    #[arg(long, global = true, env = "ENTENTE_DEPLOYMENT", value_name = "FILE", default_value = "entente.json")]
    pub deployment: PathBuf,
    /// Where the chain's JSON-RPC answers; instead of the deployment file's. Never written down beyond its host. Several
    /// nodes with commas between: the first is asked, the next while it fails or lags, and none that contradicts the others.
    #[arg(long, global = true, env = "ENTENTE_RPC", value_name = "URL", hide_env_values = true)]
    pub rpc: Option<crate::rpc::RpcUrls>,
    /// Where this program keeps wallets; by default `entente` in the user's data folder.
    #[arg(long, global = true, env = "ENTENTE_HOME", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// A file whose first line is the wallet's password; asked for without echo where there is none, unless it is in the
    /// environment, `ENTENTE_PASSWORD`.
    #[arg(long, global = true, env = "ENTENTE_PASSWORD_FILE", value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// An agent's options, TOML; the command line and the environment go before it. `entente config example` prints one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How an agent's log is written, to standard error.
    #[arg(long, global = true, env = "ENTENTE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON document a line, with the spans that it belongs to.
    Json,
}

/// Who signs and pays.
#[derive(Clone, Debug, Args)]
pub struct Signer {
    /// The wallet that signs; may be left out where there is only one.
    #[arg(long, env = "ENTENTE_WALLET", value_name = "NAME")]
    pub wallet: Option<WalletName>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch a market at work on a local chain.
    #[command(subcommand)]
    Demo(Demo),
    /// Run the agent that a file describes.
    Run(RunFile),
    /// Check the file of an agent, or begin one.
    #[command(subcommand)]
    Config(Config),
    /// Examine all that an agent needs: its file, keys, node, contracts, journal, ports.
    Doctor(Doctor),
    /// Make and list wallets: encrypted keystores, and keys that stay in hardware wallets.
    #[command(subcommand)]
    Wallet(Wallet),
    /// Put a new energy market on a chain, and write down where it is.
    Deploy(Box<Deploy>),
    /// Handle the test token of a market that was deployed without a token of its own.
    #[command(subcommand)]
    Token(Token),
    /// Serve a web page over the markets here: the day, the competition of solvers, offers, trades, jobs.
    Dashboard(Dashboard),
    /// Find the plan that trades the most energy for the offers of a file.
    Solve(Solve),
    /// Trade energy ahead, within the limits of the grid.
    #[command(subcommand)]
    Transax(Transax),
    /// Allocate anything that can be divided.
    #[command(subcommand, name = "solidworx")]
    SolidWorx(Box<SolidWorx>),
    /// Have computing jobs run by strangers, or run them.
    #[command(subcommand)]
    Modicum(Box<Modicum>),
    /// Run and meter computing jobs on this machine, and name them; with no chain at all.
    #[command(subcommand)]
    Job(Job),
    /// Simulate a permissioned blockchain, rebuild it from what its nodes report, choose its protocol.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Keep proof-of-work mining fair: watch miners, and hold them to what they are allotted.
    #[command(subcommand)]
    Mint(Mint),
    /// Mine one block together, with a manager that leases work and backups that take over.
    #[command(subcommand)]
    Pow(Pow),
}

#[derive(Debug, Subcommand)]
pub enum Transax {
    /// Show the market on one screen: interval, limits, offers, candidate, final intervals.
    Market(Market),
    /// Groups of feeders and their limits (the DSO's).
    #[command(subcommand)]
    Group(Group),
    /// Plan which feeders can form a group, with no chain at all, and move homes between groups (the DSO's).
    #[command(subcommand)]
    Groups(Groups),
    /// Meters: register them (the DSO's), or run one.
    #[command(subcommand)]
    Meter(Meter),
    /// Certify that a prosumer belongs to a meter (the DSO's).
    Certify(Certify),
    /// Register behind a meter, with the DSO's certificate.
    Register(Register),
    /// Withdraw the right to produce or consume energy in future intervals.
    WithdrawAssets(WithdrawAssets),
    /// Move tokens into the market and out of it.
    #[command(subcommand)]
    Credits(Credits),
    /// Offer to sell or buy energy, or enlarge an offer.
    #[command(subcommand)]
    Offer(Offer),
    /// List offers.
    Offers(Offers),
    /// List final trades.
    Trades(Trades),
    /// Take back the part of an offer that no plan may rely on yet.
    Cancel(Cancel),
    /// Settle all that is final and hand the assets to the meter.
    Deposit(Deposit),
    /// Compute what is owed to the DSO for what was not traded; sign it (the meter's), verify it (the DSO's).
    Bill(Box<Bill>),
    /// Run the DSO's agent: it finalises intervals in time.
    #[command(subcommand)]
    Dso(Dso),
    /// Run a prosumer's agent: it offers what its home needs and has.
    #[command(subcommand)]
    Prosumer(Prosumer),
    /// Run a solver: it proposes plans.
    #[command(subcommand)]
    Solver(Solver),
    /// Run a relay: it submits what accounts without ether have signed.
    #[command(subcommand)]
    Relay(Relay),
    /// Run a board: homes that mix leave each other sealed messages there.
    #[command(subcommand)]
    Mailbox(Mailbox),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        let path = format!("{path} {}", command.get_name());
        command.get_subcommands().for_each(|sub| leaves(sub, &path, found));
        // Some verbs have verbs of their own, and can do without.
        if !command.has_subcommands() || command.is_subcommand_negates_reqs_set() {
            found.push((path, command.clone().render_long_help().to_string()));
        }
    }

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_verb_shows_an_example_that_can_be_read() {
        let mut found = Vec::new();
        leaves(&Cli::command(), "", &mut found);
        assert!(found.len() > 20);
        for (path, help) in found {
            let (_, example) = help.split_once("Example").unwrap_or_else(|| panic!("{path} has no example"));
            let line = example.lines().map(str::trim).find(|line| line.starts_with("entente ")).expect("a command");
            Cli::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn keys_and_passwords_are_no_arguments() {
        for flag in ["--password=x", "--private-key=x", "--key=x"] {
            assert!(Cli::try_parse_from(["entente", "wallet", "new", "alice", flag]).is_err());
        }
    }
}
