//! Words about what is to be seen.

use std::path::PathBuf;

use alloy::primitives::B256;
use clap::Args;

use super::{AtModicum, MachineKind, Store};

#[derive(Debug, Args)]
#[command(after_help = "\
Example: every step of every match, with its time
  entente modicum status --timeline

It says why offers are not matched, too, as a solver would.")]
pub struct StatusModicum {
    #[command(flatten)]
    pub at: AtModicum,
    /// Show every step of matches.
    #[arg(long)]
    pub timeline: bool,
    /// Only this match.
    #[arg(long = "match", value_name = "MATCH", requires = "timeline")]
    pub id: Option<B256>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples: what happens from now on, and one match from its beginning to its end
  entente modicum watch
  entente modicum watch --all --match 0x5f3a0c1d2e4b68798a9bacbdcedfe0f102132435465768798a9bacbdcedfe0f1

With --json each step is a document on a line of its own.")]
pub struct WatchModicum {
    #[command(flatten)]
    pub at: AtModicum,
    /// Tell what has happened before, too.
    #[arg(long)]
    pub all: bool,
    /// Only this match, until it is over.
    #[arg(long = "match", value_name = "MATCH")]
    pub id: Option<B256>,
    /// How often the chain is asked for news.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub poll_milliseconds: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: who gets what, by the name of a match or of a job offer
  entente modicum explain 0x5f3a0c1d2e4b68798a9bacbdcedfe0f102132435465768798a9bacbdcedfe0f1

What a job costs is not known before it has run; until then the estimate stands for it. `jc submit --dry-run` tells the
same of a job that is not offered yet.")]
pub struct ExplainModicum {
    #[command(flatten)]
    pub at: AtModicum,
    /// A match, or a job offer.
    #[arg(value_name = "MATCH")]
    pub id: B256,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente modicum providers --json")]
pub struct ProvidersModicum {
    #[command(flatten)]
    pub at: AtModicum,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: judge again, by running the job as often as the mediator had to
  entente modicum judge dossier.json --store store

It fails where the verdict blames another than judging again does, does not follow from its own evidence, or is not signed
by its mediator. No chain is needed.")]
pub struct JudgeModicum {
    /// What the mediator published: the file, or the name under which it is in the store.
    #[arg(value_name = "DOSSIER")]
    pub dossier: PathBuf,
    #[command(flatten)]
    pub store: Store,
    #[command(flatten)]
    pub machine: MachineKind,
    /// How long the job may take on this machine.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub patience: u64,
}

#[derive(Clone, Copy, Debug, Args)]
#[command(after_help = "\
Example: how often must I verify if one run in a hundred comes out differently
  entente modicum strategy --determinism 0.99 --execution-cost 0.8 --verification-cost 0.5

Costs are in prices of the job: 1 is what it pays. Section 3.6 of the dissertation, with its symbols.")]
pub struct StrategyModicum {
    /// n: how often the mediator runs a disputed job.
    #[arg(long, value_name = "TIMES", default_value_t = 2)]
    pub verifications: u32,
    /// θ.
    #[arg(long, value_name = "TIMES", default_value_t = 50.0)]
    pub penalty_rate: f64,
    /// `p_a`: how likely a correct run gives the job's normal result.
    #[arg(long, value_name = "RATE", default_value_t = 1.0)]
    pub determinism: f64,
    /// `p_e`: how likely the provider executes, for the optimal `p_a`.
    #[arg(long, value_name = "RATE", default_value_t = 1.0)]
    pub execution: f64,
    /// `c_e`: what executing costs the provider.
    #[arg(long, value_name = "PRICES", default_value_t = 0.8)]
    pub execution_cost: f64,
    /// `c_d`: what deceiving costs it.
    #[arg(long, value_name = "PRICES", default_value_t = 0.0)]
    pub deception_cost: f64,
    /// `c_v`: what verifying costs the creator.
    #[arg(long, value_name = "PRICES", default_value_t = 0.5)]
    pub verification_cost: f64,
    /// b: what the result is worth to the creator.
    #[arg(long, value_name = "PRICES", default_value_t = 2.0)]
    pub benefit: f64,
    /// `π_a`: what both pay whoever is available, and the solver.
    #[arg(long, value_name = "PRICES", default_value_t = 0.0)]
    pub availability: f64,
    /// `g_m`: what asking for mediation costs the creator.
    #[arg(long, value_name = "PRICES", default_value_t = 0.0)]
    pub mediation_request: f64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente demo modicum --out target/demo-modicum

On a fresh anvil on a free port: a solver, a mediator, a directory, an honest and a cheating provider, and creators of five
real jobs. All honest jobs are paid, the cheater is fined, a non-deterministic job is blamed on its creator, then the
mediator vanishes during a dispute, and last the provider with a job. It ends with a ledger of who was paid, and why.")]
pub struct DemoModicum {
    /// Where report.json, results and the store of jobs are written; what is there is replaced.
    #[arg(long, value_name = "DIR", default_value = "target/demo-modicum")]
    pub out: PathBuf,
}
