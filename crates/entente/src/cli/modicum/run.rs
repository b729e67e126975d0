//! Words about creators, providers, solvers and mediators.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use clap::{Args, Subcommand};
use jobs::ContentHash;
use modicum_creator::Behaviour as CreatorBehaviour;
use modicum_provider::Behaviour as ProviderBehaviour;
use url::Url;

use super::{AtModicum, ByModicum};
use crate::{
    cli::{Host, JobLimits, JobSource, values::Decimal},
    rpc::RpcUrl,
};

/// Where jobs and results are.
#[derive(Clone, Debug, Args)]
pub struct Store {
    /// Where jobs and results are: a directory's URL (`entente job directory run`), or a folder that all who take part
    /// reach.
    #[arg(long, env = "ENTENTE_STORE", value_name = "URL|DIR")]
    pub store: StoreAt,
}

/// What jobs are run with. Only those who run them with the same are matched.
#[derive(Clone, Debug, Args)]
pub struct MachineKind {
    /// Run containers in place of modules, with Docker's or Podman's engine on this machine. They are measured, not
    /// metered: an instruction is then a nanosecond of CPU time.
    #[arg(long)]
    pub containers: bool,
    /// The engine; the one that `DOCKER_HOST` names, or that is in its usual place, where it is not said.
    #[arg(long, value_name = "unix://SOCKET", requires = "containers")]
    pub engine: Option<String>,
    /// Let chance into jobs that ask for it: the argument {chance} becomes a number drawn anew in each run. For trying
    /// disputes about jobs that are not deterministic; such a market counts by a meter of its own.
    #[arg(long, conflicts_with = "containers")]
    pub leaky: bool,
}

/// A place for jobs and results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAt {
    /// A folder.
    Folder(PathBuf),
    /// The URL of a directory.
    Directory(String),
}

impl FromStr for StoreAt {
    type Err = url::ParseError;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        if words.starts_with("http://") || words.starts_with("https://") {
            return Ok(Self::Directory(Url::parse(words)?.into()));
        }
        Ok(Self::Folder(words.into()))
    }
}

#[derive(Debug, Subcommand)]
pub enum Submit {
    /// Have a job run, and get its result in a folder.
    Submit(Box<SubmitModicum>),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: have a built-in job run for at most 0.5 tokens per 10^9 instructions
  entente job samples --out samples
  entente modicum jc submit samples/blur --max-price 0.5 --out result --store store

It stays until the result is there, or there will be none: it stores the job, offers it, waits for a provider, checks the
result as often as makes it pay for a provider to be honest, and accepts it or has it judged. What the wallet's balance
in the market lacks is paid in. Ctrl-C stops it; the same command continues where it was, as long as the deadline is given
by --deadline-at. With --dry-run nothing is sent: it tells who would get what.")]
pub struct SubmitModicum {
    #[command(flatten)]
    pub by: ByModicum,
    /// How often the chain is asked for news.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub poll_milliseconds: u64,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub machine: MachineKind,
    #[command(flatten)]
    pub job: Job,
    #[command(flatten)]
    pub source: JobSource,
    #[command(flatten)]
    pub limits: JobLimits,
}

/// What a creator wants and pays.
#[derive(Debug, Args)]
pub struct Job {
    /// Where the result goes: a folder that is new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The most it pays for 10^9 instructions, in tokens.
    #[arg(long, value_name = "TOKENS")]
    pub max_price: Decimal,
    /// The most it pays for 2^30 bytes moved, in tokens.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub max_bandwidth_price: Decimal,
    /// The directory that holds the job: a service's number; the cheapest one unless given.
    #[arg(long, value_name = "SERVICE")]
    pub directory: Option<u32>,
    /// How long it may take until a result is there.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, conflicts_with = "deadline_at")]
    pub deadline: u64,
    /// By when a result must be there, Unix seconds.
    #[arg(long, value_name = "TIME")]
    pub deadline_at: Option<u64>,
    /// Tells this job from an equal one of the same deadline.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub nonce: u64,
    /// How likely a result is verified by running the job here, 0 to 1; as much as is advised by the costs unless given.
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub verify: Option<f64>,
    /// How likely a correct run gives the job's usual result, 0 to 1: all but certain for a module, and for a container what
    /// `entente job meter --runs` counts.
    #[arg(long, value_name = "RATE", default_value_t = 1.0, value_parser = rate)]
    pub determinism: f64,
    /// What running 10^9 instructions costs here, in tokens; four fifths of --max-price unless given.
    #[arg(long, value_name = "TOKENS")]
    pub own_cost: Option<Decimal>,
    /// What the result is worth, in tokens; twice what it can cost unless given.
    #[arg(long, value_name = "TOKENS")]
    pub benefit: Option<Decimal>,
    /// Sign the offer and send it to this solver instead of posting it, which saves gas.
    #[arg(long, value_name = "URL")]
    pub solver: Option<RpcUrl>,
    /// honest, silent or denying; all but the first for experiments.
    #[arg(long, value_name = "WORD", default_value_t = CreatorBehaviour::Honest)]
    pub behaviour: CreatorBehaviour,
    /// Send nothing; tell who would get what.
    #[arg(long)]
    pub dry_run: bool,
}

fn image(text: &str) -> Result<ContentHash, String> {
    let id = text.strip_prefix("sha256:").and_then(|id| id.parse().ok());
    id.ok_or_else(|| "give the image's id, sha256: and 64 hexadecimal digits".to_owned())
}

/// A probability.
fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| "give a number from 0 to 1".to_owned())
}

#[derive(Debug, Subcommand)]
pub enum ProviderRole {
    /// Run jobs for others until interrupted.
    Run(Box<RunModicum>),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: run jobs of up to 10^12 instructions for 0.2 tokens per 10^9
  entente modicum rp run --instruction-price 0.2 --deposit 500 --store store --work work

It offers what it has, runs what it is matched with, stores results, reports and is paid. How fast this machine is, is
measured at the start, so that it is matched only with what it can finish in time. A run that is done survives a restart,
in the folder --work; while promised work fails no further work is taken.")]
pub struct RunModicum {
    #[command(flatten)]
    pub host: Host,
    #[command(flatten)]
    pub at: AtModicum,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub machine: MachineKind,
    /// The image, loaded in the engine, in which it runs containers: its id, as the engine's `images --no-trunc` tells it.
    #[arg(long, value_name = "sha256:ID", requires = "containers", value_parser = image)]
    pub image: Option<ContentHash>,
    /// Where it works. It is to outlive the program.
    #[arg(long, value_name = "DIR")]
    pub work: PathBuf,
    /// What it asks for 10^9 instructions, in tokens.
    #[arg(long, value_name = "TOKENS")]
    pub instruction_price: Decimal,
    /// What it asks for 2^30 bytes moved, in tokens.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub bandwidth_price: Decimal,
    /// The most it puts up in a match, in tokens; paid in where its balance does not suffice.
    #[arg(long, value_name = "TOKENS")]
    pub deposit: Decimal,
    #[command(flatten)]
    pub limits: JobLimits,
    /// Instructions a second; measured unless given.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub speed: Option<u64>,
    /// How long an offer stands.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub offer_seconds: u64,
    /// How long before a deadline it gives up what fails.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub margin_seconds: u64,
    /// honest, silent, copying, wrong-every:K or over-reporting:PERCENT; all but the first for experiments.
    #[arg(long, value_name = "WORD", default_value_t = ProviderBehaviour::Honest)]
    pub behaviour: ProviderBehaviour,
    /// Sign offers and send them to this solver instead of posting them.
    #[arg(long, value_name = "URL")]
    pub solver: Option<RpcUrl>,
}

#[derive(Debug, Subcommand)]
pub enum SolverModicum {
    /// Match offers, as many as can be, until interrupted. Anybody may, and is paid the solver's fee.
    #[command(after_help = "\
Example: and take offers that are signed and not posted
  entente modicum solver run --wallet sam --listen 127.0.0.1:8800")]
    Run {
        #[command(flatten)]
        at: AtModicum,
        #[command(flatten)]
        host: Host,
        /// Where to take signed offers.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<SocketAddr>,
    },
}

#[derive(Debug, Subcommand)]
pub enum MediatorRole {
    /// Run disputed jobs again, judge, and publish why, until interrupted.
    Run(MediatorModicum),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente modicum mediator run --store store --wallet judy

The wallet must own a mediator that `register` made. What it publishes about a dispute is signed; `judge` judges it again.")]
pub struct MediatorModicum {
    #[command(flatten)]
    pub at: AtModicum,
    #[command(flatten)]
    pub host: Host,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub machine: MachineKind,
    /// Where it keeps copies of what it publishes.
    #[arg(long, value_name = "DIR", default_value = "dossiers")]
    pub archive: PathBuf,
    /// How long a job may take on this machine.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub patience: u64,
    /// Say nothing, for experiments.
    #[arg(long)]
    pub silent: bool,
}
