//! Words about fair mining.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use alloy::primitives::Address;
use clap::{Args, Subcommand, ValueEnum};
use mint::MinerId;

use super::Signer;

#[derive(Debug, Subcommand)]
pub enum Mint {
    /// Supervise a miner: start it, report what it uses, carry out orders.
    Edge(Box<MintEdge>),
    /// Keep twins of miners, judge them, give orders.
    Fog(MintFog),
    /// Pool the twins of several fog servers, and find who behaves unlike the rest.
    Cloud(MintCloud),
    /// Show a fog server's twins, once or until interrupted.
    Twins(MintTwins),
    /// Repeat the paper's experiments on simulated telemetry, and draw its figures.
    Experiment(MintExperiment),
    /// Let the detector see samples that were taken before.
    Replay(MintReplay),
}

/// What measures and holds a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MechanismName {
    /// Control groups where they can be written, signals elsewhere.
    Auto,
    /// Control groups, version 2.
    CgroupV2,
    /// Control groups, version 1.
    CgroupV1,
    /// `/proc` and the signals STOP and CONT.
    Signals,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a miner that may use a fifth of a core
  entente mint edge --miner m --fog http://f -a 0x00000000000000000000000000000000000000f0 -- yes

The miner runs until it ends, until it is ordered to stop, or until this program is interrupted; it never outlives it.")]
pub struct MintEdge {
    /// The miner's name, as the fog server knows it.
    #[arg(long, value_name = "NAME")]
    pub miner: MinerId,
    /// The fog server.
    #[arg(long, value_name = "URL")]
    pub fog: String,
    /// Whose orders are carried out: the address of the fog server's wallet.
    #[arg(short = 'a', long, value_name = "ADDRESS")]
    pub fog_address: Address,
    #[command(flatten)]
    pub signer: Signer,
    /// CPU time allotted, thousandths of a core.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub cpu_millicores: u32,
    /// Memory allotted, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub memory_mib: u64,
    /// I/O allotted, KiB a second.
    #[arg(long, value_name = "KIB", default_value_t = 10_240, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub io_kib: u64,
    /// From one sample to the next, milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    pub period_ms: u64,
    /// What measures and holds the miner.
    #[arg(long, value_enum, default_value_t = MechanismName::Auto)]
    pub mechanism: MechanismName,
    /// Hold the miner to its allotment from the start, and not only when ordered to.
    #[arg(long)]
    pub capped: bool,
    /// The miner: a program and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a fog server of the miners in miners.json, for operators who hold what is in the file token
  entente mint fog --miners miners.json --diary fog.diary --token-file token --wallet fog

miners.json names miners and the addresses that sign for them: {\"miner-1\": \"0x…\"}. The diary holds every sample
taken in before it is acknowledged, and is read again at the start.")]
pub struct MintFog {
    /// The server's name, as the cloud knows it.
    #[arg(long, value_name = "NAME", default_value = "fog-1")]
    pub name: MinerId,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8600")]
    pub listen: SocketAddr,
    /// Its miners: JSON, names and addresses.
    #[arg(long, value_name = "FILE")]
    pub miners: PathBuf,
    /// Where it keeps samples.
    #[arg(long, value_name = "FILE")]
    pub diary: PathBuf,
    /// A file whose first line operators must show.
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
    /// The cloud to report to.
    #[arg(long, value_name = "URL", requires = "cloud_address")]
    pub cloud: Option<String>,
    /// Whose flags count: the address of the cloud's wallet.
    #[arg(long, value_name = "ADDRESS", requires = "cloud")]
    pub cloud_address: Option<Address>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a cloud of the fog servers in fogs.json
  entente mint cloud --fogs fogs.json --token-file token --wallet cloud

fogs.json names fog servers and the addresses that sign for them: {\"fog-1\": \"0x…\"}.")]
pub struct MintCloud {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    pub listen: SocketAddr,
    /// Its fog servers: JSON, names and addresses.
    #[arg(long, value_name = "FILE")]
    pub fogs: PathBuf,
    /// A file whose first line operators must show.
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: all twins, drawn anew every second
  entente mint twins --fog http://127.0.0.1:8600 --token-file token --watch")]
pub struct MintTwins {
    /// The fog server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8600")]
    pub fog: String,
    /// A file whose first line is the operator's token.
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// Draw them anew every second, on standard error, until interrupted.
    #[arg(long)]
    pub watch: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: what the detector says to the samples of a fog server's diary
  entente mint replay fog.diary

The file is a fog server's diary, or CSV with the columns miner,cpu_percent, one row a sample in the order of time.")]
pub struct MintReplay {
    /// The samples.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Follow the paper's recipe to the letter.
    #[arg(long)]
    pub paper: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: all experiments, with charts and figures in the folder mint
  entente mint experiment --out mint

Measured are false alarms of quiet miners, how soon steps are found, false alarms over thresholds, thresholds by
simulated run length, and colluders among sixteen miners. Figures are written to experiment.json, charts like the
paper's figures 3 to 6 beside it. A seed is a run's number, so that the same words give the same figures.

With --real, processes that really hash are measured instead: miners are held to a small part of a core each, and one
of them takes double from the middle on.")]
pub struct MintExperiment {
    /// Seeded runs of each question.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub runs: u64,
    /// Samples of a quiet run, one a second.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(200..=1_000_000))]
    pub samples: u64,
    /// Standard deviation of a miner's CPU share, percentage points.
    #[arg(long, value_name = "POINTS", default_value_t = 0.5, value_parser = noise)]
    pub noise: f64,
    /// Correlation of one sample with the next, -0.99 to 0.99.
    #[arg(long, value_name = "R", default_value_t = 0.0, allow_negative_numbers = true, value_parser = correlation)]
    pub correlation: f64,
    /// Measure processes that really hash.
    #[arg(long)]
    pub real: bool,
    /// Where figures and charts are written; nowhere unless given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

fn noise(text: &str) -> Result<f64, String> {
    let points: Option<f64> = text.parse().ok();
    points.filter(|points| (0.001..=50.0).contains(points)).ok_or_else(|| "expected 0.001 to 50".to_owned())
}

fn correlation(text: &str) -> Result<f64, String> {
    let correlation: Option<f64> = text.parse().ok();
    let within = correlation.filter(|correlation| (-0.99..=0.99).contains(correlation));
    within.ok_or_else(|| "expected -0.99 to 0.99".to_owned())
}
