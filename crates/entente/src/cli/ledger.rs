//! Words about simulating a ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Run a blockchain, or many that differ in their seed, and say how it did.
    Simulate(Simulate),
}

/// Which system.
#[derive(Clone, Debug, Args)]
pub struct System {
    /// A configuration with a name; `entente ledger simulate --preset list` lists them.
    #[arg(long, value_name = "NAME", default_value = "paper-001-figure-5", conflicts_with = "config")]
    pub preset: String,
    /// A configuration of one's own, in TOML; keys that are left out have their defaults.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The seed of all randomness, instead of the configuration's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: the system of figure 5b of \"Dynamic Digital Twins of Blockchain Systems\"
  entente ledger simulate --preset paper-001-figure-5

Latency is from a transaction's creation until a quorum has its block. With --replicas, each on a network of its own, the
figures are means with the half-widths of their 95 % confidence intervals. --print shows the configuration to start from.")]
pub struct Simulate {
    #[command(flatten)]
    pub system: System,
    /// How many systems to run, with one seed each from the first on.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replicas: u32,
    /// How many threads to use; by default one for each core. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// Print the configuration as TOML, and run nothing.
    #[arg(long)]
    pub print: bool,
    /// Stop at this simulated time, seconds, and write the state of the running system to --state.
    #[arg(long, value_name = "SECONDS", requires = "state")]
    pub until: Option<f64>,
    /// Where to write the running system's state (JSON).
    #[arg(long, value_name = "FILE", conflicts_with = "replicas")]
    pub state: Option<PathBuf>,
    /// Go on from a state that was written.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["preset", "config", "seed", "replicas"])]
    pub resume: Option<PathBuf>,
}
