//! Words about files of options.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Signer;

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Say whether a file is right, every value that its agent would have, and where it is from.
    #[command(after_help = "\
Example: what the solver would be told
  entente config check config/transax-solver.toml

It ends with exit code 2 where the file is wrong, and says in which line. `entente doctor` looks beyond the file: at what
it names, and at the chain.")]
    Check {
        /// The file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print a file for an agent in which every option is explained.
    #[command(after_help = "\
Example: a file for a solver of the energy market
  entente config example transax solver

With --from it says what an older file says, and explains what has come since.")]
    Example {
        /// The agent: a system, and a role in it.
        #[arg(value_name = "AGENT")]
        agent: Vec<String>,
        /// A file to take values from.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: the solver that a file describes
  entente run config/transax-solver.toml

It is the same as the agent's own verb with --config FILE; its options may follow.")]
pub struct RunFile {
    /// The file; `entente config example` prints one.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: is all there that the solver of this file needs
  entente doctor config/transax-solver.toml

Without a file the energy market that is written down, and a wallet, are examined. It ends with exit code 1 where
something fails; a warning is no failure. Let the user examine whose agent it is: permissions are those of whoever asks.")]
pub struct Doctor {
    /// The agent's file.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub signer: Signer,
}
