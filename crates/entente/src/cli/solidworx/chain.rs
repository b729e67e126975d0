//! Words about a `SolidWorx` market on a chain.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use crate::{
    cli::{Host, Signer, solve::BackendName},
    rpc::RpcUrl,
};

/// Where the market is.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub struct At {
    /// The market, as `entente solidworx deploy` wrote it down.
    #[arg(long, env = "ENTENTE_SOLIDWORX", value_name = "FILE", default_value = "solidworx.json")]
    pub market: PathBuf,
    /// Ask the directory that answers here where the market is.
    #[arg(long, value_name = "URL")]
    pub directory: Option<RpcUrl>,
}

/// Who acts in which market.
#[derive(Clone, Debug, Args)]
pub struct By {
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a market of 96 types, cycles of a quarter of an hour
  entente solidworx deploy --rpc http://127.0.0.1:8545 --num-types 96 --max-quantity 5000

The terms may come from a file instead, which has what `terms` has in the file of a market (`entente solidworx example`):
so the extensions are chosen. Set-up is for good; the first offering phase begins at once.")]
pub struct DeploySolidWorx {
    /// Where to write down where the market is.
    #[arg(long, env = "ENTENTE_SOLIDWORX", value_name = "FILE", default_value = "solidworx.json")]
    pub market: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
    /// The terms, JSON.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["num_types", "precision", "max_quantity"])]
    pub terms: Option<PathBuf>,
    /// How many types there are.
    #[arg(long, value_name = "COUNT", required_unless_present = "terms")]
    pub num_types: Option<u64>,
    /// The parts of an offer that its alternatives of different quantity are mixed by.
    #[arg(long, value_name = "PARTS", default_value_t = 1_000_000)]
    pub precision: u64,
    /// The most that an offer may list of a type.
    #[arg(long, value_name = "UNITS", required_unless_present = "terms")]
    pub max_quantity: Option<u64>,
    /// How long an offering phase lasts.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub receive_seconds: u64,
    /// How long a solving phase lasts.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub solve_seconds: u64,
    /// What creating an offer takes, and a later cycle gives back.
    #[arg(long, value_name = "WEI", default_value_t = 0)]
    pub deposit_wei: u128,
    /// Replace the file where there is one. The market it names stays on its chain.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente solidworx status --market solidworx.json")]
pub struct StatusSolidWorx {
    #[command(flatten)]
    pub at: At,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: solve by hand what is offered
  entente solidworx offers --json

What it prints with --json is the file of a market: `entente solidworx solve` reads it, and its answer
`entente solidworx submit`.")]
pub struct OffersSolidWorx {
    #[command(flatten)]
    pub at: At,
    /// Of this cycle instead of the present one.
    #[arg(long, value_name = "NUMBER")]
    pub cycle: Option<u64>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: post the offers of a file
  entente solidworx post offers.json --wallet alice

The file is a JSON list; each offer carries what is written as `misc`, by which its owner knows it again:
  [{\"misc\": 1, \"side\": \"providing\",
    \"alternatives\": [{\"resource_type\": 3, \"quantity\": 5, \"price\": 8}]}]")]
pub struct PostSolidWorx {
    #[command(flatten)]
    pub by: By,
    /// The offers, JSON.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Make them call by call, as in the paper: create, a call for each alternative, post.
    #[arg(long)]
    pub stepwise: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente solidworx cancel 3 --wallet alice")]
pub struct CancelSolidWorx {
    #[command(flatten)]
    pub by: By,
    /// The offer's number.
    #[arg(value_name = "OFFER")]
    pub id: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: propose what `solve --json` printed
  entente solidworx submit allocation.json --wallet solver

The allocation is one transaction; --stepwise makes a call of each assignment, as in the paper, for allocations that are
too large for one.")]
pub struct SubmitSolidWorx {
    #[command(flatten)]
    pub by: By,
    /// The allocation, JSON; only its assignments are read.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Make it call by call.
    #[arg(long)]
    pub stepwise: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: end the phase, whichever it is
  entente solidworx advance --wallet bob

Closes an offering phase that is over, or makes the candidate of a solving phase final, in as many transactions as its
assignments need. Anybody may.")]
pub struct AdvanceSolidWorx {
    #[command(flatten)]
    pub by: By,
    /// The most assignments made final in a transaction.
    #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=4000))]
    pub page: u32,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: what the last cycle came to
  entente solidworx allocation --json

With --json it is the file of an allocation, which `entente solidworx verify` judges.")]
pub struct AllocationSolidWorx {
    #[command(flatten)]
    pub at: At,
    /// Of this cycle instead of the last that is over.
    #[arg(long, value_name = "NUMBER")]
    pub cycle: Option<u64>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente solidworx return-deposit 3 --wallet alice")]
pub struct ReturnDeposit {
    #[command(flatten)]
    pub by: By,
    /// The offer's number.
    #[arg(value_name = "OFFER")]
    pub id: u64,
}

#[derive(Debug, Subcommand)]
pub enum DirectoryRole {
    /// Close and finalise as soon as the contract lets one, until interrupted.
    #[command(after_help = "\
Example: and tell those who ask over HTTP where the market is
  entente solidworx directory run --wallet bob --listen 127.0.0.1:8700

Others name it with --directory http://127.0.0.1:8700 instead of a file.")]
    Run {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        host: Host,
        /// Where to tell others about the market.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
        /// The most assignments made final in a transaction.
        #[arg(long, value_name = "COUNT", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=4000))]
        page: u32,
    },
}

#[derive(Debug, Subcommand)]
pub enum ProsumerRole {
    /// Offer what a file wishes in every cycle that it is for, until interrupted.
    #[command(after_help = "\
Example:
  entente solidworx prosumer run --wishes alice.json --wallet alice

The file is a JSON list. A wish is an offer (see `entente solidworx post`) that may have a `first_cycle`, and its
alternatives a `last_cycle`; what was assigned of it is not offered again, unless \"renewal\" is \"whole\".")]
    Run {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        host: Host,
        /// What is wished, JSON.
        #[arg(long, value_name = "FILE")]
        wishes: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum SolverRole {
    /// Propose an allocation whenever a better one is found, until interrupted. Anybody may.
    #[command(after_help = "Example:\n  entente solidworx solver run --wallet solver --deadline 20")]
    Run {
        #[command(flatten)]
        at: At,
        #[command(flatten)]
        host: Host,
        /// By how much an allocation must beat the candidate to be worth a transaction.
        #[arg(long, value_name = "VALUE", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
        margin: u64,
        /// Which solver is asked.
        #[arg(long, value_enum, default_value_t = BackendName::Cbc)]
        backend: BackendName,
        /// The most time an allocation may take to find.
        #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
        deadline: u64,
    },
}
