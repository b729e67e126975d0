//! Words about simulating a ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ledger_twin::{Belief, Estimator};

#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Run a blockchain, or many that differ in their seed, and say how it did.
    Simulate(Simulate),
    /// Rebuild a blockchain from the reports that were not lost, and compare the two.
    Reconstruct(Reconstruct),
    /// Rebuild one many times, with ever more reports lost.
    Sweep(Sweep),
    /// Choose between PBFT and `BigFoot` as conditions change, in six ways.
    Adapt(Adapt),
    /// Say of a real chain what a twin can know of it by RPC.
    Observe(Observe),
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

/// How a bandwidth is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EstimatorName {
    /// The mean of size / delay, as in the paper.
    Mean,
    /// The sum of sizes by the sum of delays.
    Weighted,
    /// The mean, with the latency of links taken off.
    Corrected,
}

impl From<EstimatorName> for Estimator {
    fn from(name: EstimatorName) -> Self {
        match name {
            EstimatorName::Mean => Self::Mean,
            EstimatorName::Weighted => Self::Weighted,
            EstimatorName::Corrected => Self::Corrected,
        }
    }
}

/// Which of several estimates is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BeliefName {
    /// The greatest, as in the paper.
    Maximum,
    /// The greatest but as many as there may be liars (--liars, at least 1).
    TrimmedMaximum,
    /// The one in the middle.
    Median,
}

impl BeliefName {
    /// With so many liars expected.
    pub fn belief(self, liars: usize) -> Belief {
        match self {
            Self::Maximum => Belief::Maximum,
            Self::TrimmedMaximum => Belief::TrimmedMaximum(liars.max(1)),
            Self::Median => Belief::Median,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: three of ten reports are lost, as in figure 5 of \"Dynamic Digital Twins of Blockchain Systems\"
  entente ledger reconstruct --preset paper-001-figure-5 --lost 3 --chart network.svg

The system does its work, every node reports, and so many reports are lost. What is rebuilt from the others is simulated
with the same workload. Where the rebuilt network falls apart, that is said, and nothing is simulated.")]
pub struct Reconstruct {
    #[command(flatten)]
    pub system: System,
    /// How many reports are lost, at random.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub lost: u32,
    /// Which reports are lost, instead.
    #[arg(long, value_name = "NODES", value_delimiter = ',', conflicts_with = "lost")]
    pub nodes: Vec<u32>,
    /// Which ones are lost follows from this.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub draw: u64,
    /// How many of those who report say that their peers are ten times as fast as they are.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub liars: usize,
    /// How a bandwidth is estimated from the messages exchanged.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = EstimatorName::Mean)]
    pub estimator: EstimatorName,
    /// Which of several estimates is believed.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = BeliefName::Maximum)]
    pub belief: BeliefName,
    /// Where to draw the original beside what was rebuilt (SVG).
    #[arg(long, value_name = "FILE")]
    pub chart: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: the table of figure 6 of \"Dynamic Digital Twins of Blockchain Systems\"
  entente ledger sweep --preset paper-001-figure-6 --lost 3,5,7 --replicas 100 --charts charts

Deviations are relative to the original. Rebuilt networks that fall apart are counted, not simulated.")]
pub struct Sweep {
    #[command(flatten)]
    pub system: System,
    /// How many reports are lost, one number after the other.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "3,5,7,9,12,15,20")]
    pub lost: Vec<u32>,
    /// How many draws of lost reports for each number.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replicas: u32,
    /// How many threads to use; by default one for each core. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// Where to draw boxplots (SVG).
    #[arg(long, value_name = "DIR")]
    pub charts: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: thirty systems, each with an agent of its own
  entente ledger adapt --seeds 30 --charts charts

An agent is trained on WL1, and every strategy chooses through WL2 (\"Dynamic Data-Driven Digital Twins for Blockchain
Systems\", section 4). Differences are of one system's latencies, so that what befell it does not count.")]
pub struct Adapt {
    /// A study of one's own, in TOML, instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub study: Option<PathBuf>,
    /// How many intervals the evolved workload has, instead of the study's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub intervals: Option<u32>,
    /// How many systems.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub seeds: u32,
    /// How many threads to use; by default one, which keeps the measured times honest.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: u32,
    /// Where to draw latencies, run times and the training (SVG).
    #[arg(long, value_name = "DIR")]
    pub charts: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: the last hundred blocks of a local node
  entente ledger observe --blocks 100 --rpc http://127.0.0.1:8545

Block times are whole seconds, as blocks have them. A transaction's latency is not in the chain: with --watch, those
that the node hears of meanwhile are timed until it has their block.")]
pub struct Observe {
    /// How many of the latest blocks.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(2..=100_000))]
    pub blocks: u64,
    /// For how long to time pending transactions, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub watch: u64,
}
