//! Words about storing jobs and results, and running a directory that stores them.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use alloy::primitives::Address;
use clap::{Args, Subcommand};
use job_directory::{Quotas, Setting};
use jobs::ContentHash;

use super::{Signer, job::JobSource};

#[derive(Debug, Subcommand)]
pub enum DirectoryVerb {
    /// Run a directory, until interrupted.
    Run(DirectoryRun),
    /// Show what a wallet has stored in a directory.
    Holdings(DirectoryHoldings),
    /// Give a stored tree up.
    Release(DirectoryRelease),
    /// Say whether a directory's signed record covers a time.
    Uptime(DirectoryUptime),
}

/// Which directory, and who asks.
#[derive(Debug, Args)]
pub struct Asking {
    /// The directory.
    #[arg(long, env = "ENTENTE_DIRECTORY", value_name = "URL", default_value = "http://127.0.0.1:8750")]
    pub directory: String,
    /// The address of the directory's wallet; whoever answers at the URL is believed where it is not given.
    #[arg(long, value_name = "ADDRESS")]
    pub directory_address: Option<Address>,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a directory for everybody, which keeps for a day what nobody pins
  entente job directory run --folder store --wallet directory --keep 86400

It speaks plain HTTP: put it behind HTTPS where others could listen. What it acknowledges is on the disk; it may be
killed and started again at any moment.")]
pub struct DirectoryRun {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8750")]
    pub listen: SocketAddr,
    /// Where it stores.
    #[arg(long, value_name = "DIR")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
    /// Who may use it, as often as there are members; everybody unless given.
    #[arg(long = "member", value_name = "ADDRESS")]
    pub members: Vec<Address>,
    /// What an account may store.
    #[arg(long, value_name = "BYTES", default_value_t = Quotas::default().account_bytes)]
    pub account_bytes: u64,
    /// How many trees an account may store.
    #[arg(long, value_name = "COUNT", default_value_t = Quotas::default().account_trees)]
    pub account_trees: usize,
    /// What all accounts may store together.
    #[arg(long, value_name = "BYTES", default_value_t = Quotas::default().total_bytes)]
    pub total_bytes: u64,
    /// For how long it keeps what nobody pins.
    #[arg(long, value_name = "SECONDS", default_value_t = Setting::default().keep.as_secs())]
    pub keep: u64,
    /// How often it asks itself whether it answers, for its uptime record.
    #[arg(long, value_name = "SECONDS", default_value_t = Setting::default().probe_every.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub probe_every: u64,
}

impl DirectoryRun {
    /// What that sets it to.
    pub fn setting(&self) -> Setting {
        let Self { account_bytes, account_trees, total_bytes, .. } = *self;
        let members = (!self.members.is_empty()).then(|| self.members.iter().copied().collect());
        Setting {
            quotas: Quotas { account_bytes, account_trees, total_bytes },
            members,
            keep: Duration::from_secs(self.keep),
            probe_every: Duration::from_secs(self.probe_every),
            ..Setting::default()
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente job directory holdings --wallet alice")]
pub struct DirectoryHoldings {
    #[command(flatten)]
    pub asking: Asking,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente job directory release fe09702e6a6429041177cc4bc16fca479025d7c0d2a8878dcfb7e101b8a40bfd --wallet alice

It is removed when nobody else has stored or pinned it.")]
pub struct DirectoryRelease {
    /// The tree's hash.
    #[arg(value_name = "HASH")]
    pub tree: ContentHash,
    #[command(flatten)]
    pub asking: Asking,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a minute
  entente job directory uptime --from 1800000000 --until 1800000060

The record is signed by the directory, and with --directory-address what others signed counts for nothing. No wallet is
needed.")]
pub struct DirectoryUptime {
    /// The directory.
    #[arg(long, env = "ENTENTE_DIRECTORY", value_name = "URL", default_value = "http://127.0.0.1:8750")]
    pub directory: String,
    /// The address of the directory's wallet; whoever answers at the URL is believed where it is not given.
    #[arg(long, value_name = "ADDRESS")]
    pub directory_address: Option<Address>,
    /// From when, seconds of Unix time.
    #[arg(long, value_name = "SECONDS")]
    pub from: u64,
    /// Until when, seconds of Unix time.
    #[arg(long, value_name = "SECONDS")]
    pub until: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples: a job, and a result that is kept until it is unpinned
  entente job put filter.wasm --input pictures --wallet alice -- blur 3
  entente job put result --pin --wallet bob

Only files that the directory does not have are sent; broken off, it goes on with the next file when it is called again.")]
pub struct JobPut {
    #[command(flatten)]
    pub source: JobSource,
    /// Keep it until it is released.
    #[arg(long)]
    pub pin: bool,
    #[command(flatten)]
    pub asking: Asking,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente job get fe09702e6a6429041177cc4bc16fca479025d7c0d2a8878dcfb7e101b8a40bfd --out job --wallet bob

Everything is verified before it is in the folder. A lost connection is taken up again where it was; so is a call that
was interrupted, when it is repeated.")]
pub struct JobGet {
    /// The tree's hash.
    #[arg(value_name = "HASH")]
    pub tree: ContentHash,
    /// Where it goes: a folder that is new or empty.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What it may have at most.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub most_bytes: u64,
    #[command(flatten)]
    pub asking: Asking,
}
