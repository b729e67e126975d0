//! Words about computing jobs on this machine, with no chain at all.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use jobs::Limits;

use super::{DirectoryVerb, Global, JobGet, JobPut};

#[derive(Debug, Subcommand)]
pub enum Job {
    #[command(flatten)]
    Here(JobHere),
    /// Store a job or a result in a directory.
    Put(JobPut),
    /// Fetch a job or a result from a directory.
    Get(JobGet),
    /// Run a directory, which stores jobs and results, or see what one has stored and when it answered.
    #[command(subcommand)]
    Directory(DirectoryVerb),
}

/// What takes this machine alone.
#[derive(Debug, Subcommand)]
pub enum JobHere {
    /// Run a job, and keep its result in a folder.
    Run(JobRun),
    /// Count what a job uses: what will be billed.
    Meter(JobMeter),
    /// Name a folder or a job by its canonical hash.
    Hash(JobHash),
    /// Show what a job is, and what would be moved.
    Inspect(JobInspect),
    /// Write the built-in jobs, as folders.
    Samples(JobSamples),
}

/// The words of `entente job` that a program of their own understands.
#[derive(Debug, Parser)]
#[command(name = "entente job", bin_name = "entente job", version)]
pub struct JobProgram {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: JobHere,
}

/// Which job.
#[derive(Debug, Args)]
pub struct JobSource {
    /// A module, `*.wasm` or `*.wat`, or the folder of a job with its `job.json`.
    #[arg(value_name = "JOB")]
    pub job: PathBuf,
    /// The folder that a module can read, as /input.
    #[arg(long, value_name = "DIR")]
    pub input: Option<PathBuf>,
    /// What a module is told.
    #[arg(last = true, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
}

/// What it may use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct JobLimits {
    /// Instructions, as the meter counts them.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().instructions)]
    pub instructions: u64,
    /// Memory.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory_bytes)]
    pub memory_bytes: u64,
    /// Output and what is printed.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().storage_bytes)]
    pub storage_bytes: u64,
    /// What moving the job and its result may take.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().bandwidth_bytes)]
    pub bandwidth_bytes: u64,
    /// How long it may take on this machine; beyond, the verb fails, as this says nothing about the job.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub patience: u64,
}

/// What runs containers.
#[derive(Debug, Args)]
pub struct EngineAt {
    /// The engine that runs a job that is a container; the one that `DOCKER_HOST` names, or that is in its usual place, where
    /// it is not said.
    #[arg(long, value_name = "unix://SOCKET")]
    pub engine: Option<String>,
}

impl JobLimits {
    /// The limits that everybody counts alike.
    pub const fn limits(&self) -> Limits {
        Limits {
            instructions: self.instructions,
            memory_bytes: self.memory_bytes,
            storage_bytes: self.storage_bytes,
            bandwidth_bytes: self.bandwidth_bytes,
            image: None,
        }
    }

    /// The limit of this machine.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: two arguments, a folder to read, and a folder for what comes out
  entente job run filter.wasm --input pictures --out result -- blur 3

The result is what the job printed, in the files stdout and stderr, and what it wrote to /output. A job that exceeds a
limit has no result. How it ended is part of the answer; the exit code is 0 wherever that could be found out.")]
pub struct JobRun {
    #[command(flatten)]
    pub source: JobSource,
    /// Where the result goes: a folder that is new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub limits: JobLimits,
    #[command(flatten)]
    pub engine: EngineAt,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: ten runs, and what they cost at the given prices
  entente job meter filter.wasm --input pictures --runs 10 --instruction-price 2000 --bandwidth-price 50000 -- blur 3

The price is what the contract would bill: up to the limits, both parts rounded down. Fails where two runs differ:
providers and mediators would disagree about such a job. Of a container the CPU time differs always, and the result may: the
usual one is told, how many runs agree, and the most that these took.")]
pub struct JobMeter {
    #[command(flatten)]
    pub source: JobSource,
    /// How many times it is run.
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// The price of 10^9 instructions, in base units of the token.
    #[arg(long, value_name = "PRICE")]
    pub instruction_price: Option<u64>,
    /// The price of 2^30 bytes moved, in base units of the token.
    #[arg(long, value_name = "PRICE")]
    pub bandwidth_price: Option<u64>,
    #[command(flatten)]
    pub limits: JobLimits,
    #[command(flatten)]
    pub engine: EngineAt,
}

impl JobMeter {
    /// Of instructions and of bandwidth, one that is not said being zero; `None` where neither is.
    pub fn prices(&self) -> Option<[u64; 2]> {
        let prices = [self.instruction_price, self.bandwidth_price];
        prices.iter().any(Option::is_some).then(|| prices.map(Option::unwrap_or_default))
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples: a result, and a job
  entente job hash result
  entente job hash filter.wasm --input pictures -- blur 3

The hash is the SHA-256 of the tree's manifest: a line a file with its mode, size, SHA-256 and path, in the order of
paths. Times and owners are not in it, nor are empty folders.")]
pub struct JobHash {
    #[command(flatten)]
    pub source: JobSource,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente job inspect filter.wasm --input pictures -- blur 3")]
pub struct JobInspect {
    #[command(flatten)]
    pub source: JobSource,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente job samples --out samples

Each is the folder of a job, which `entente job run samples/compress --out result` runs.")]
pub struct JobSamples {
    /// Where they are written: a folder that is new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// For how many million steps the job `spin` runs.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub spin_millions: u32,
}
