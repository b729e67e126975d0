//! Words about `SolidWorx`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum SolidWorx {
    /// Find the allocation of most value for the offers of a file.
    Solve(SolveMarket),
    /// Judge an allocation as the contract would, and say what it is worth.
    Verify(VerifyAllocation),
    /// Write a case study's offers as a file: a start for one's own.
    Example(Example),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: what is the best that can be done with these offers
  entente solidworx solve market.json --json

A market is JSON; `entente solidworx example` writes some. Its terms name the number of types, the precision and the
greatest quantity, and which extensions are in force (weighted, benefit, bounded, paired) with their rules and pairs; its
offers list alternatives, ascending by type:
  {\"terms\": {\"num_types\": 9, \"precision\": 1000, \"max_quantity\": 100},
   \"offers\": [{\"id\": 1, \"owner\": \"0x0000000000000000000000000000000000000001\", \"side\": \"providing\",
     \"alternatives\": [{\"resource_type\": 3, \"quantity\": 5, \"price\": 8}]}]}
With --json the answer is an allocation, which `entente solidworx verify` reads. No chain is needed.")]
pub struct SolveMarket {
    /// The market, JSON.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Use the general program also where the market has the shape of one for energy in intervals.
    #[arg(long)]
    pub general: bool,
    /// The most time the program may take; past it there is no allocation.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: is this allocation feasible
  entente solidworx verify market.json allocation.json

It ends with exit code 3, and the contract's reason, where the allocation is not feasible.")]
pub struct VerifyAllocation {
    /// The market, JSON.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The allocation, as `solve --json` prints it; only its assignments are read.
    #[arg(value_name = "ALLOCATION")]
    pub allocation: PathBuf,
}

/// A case study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CaseName {
    /// 75 people, 20 pick-up points, 5 garages.
    Carpool,
    /// The offers of a trace, one type an interval.
    Energy,
    /// Shops give what they cannot sell to kitchens.
    Food,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: another carpool
  entente solidworx example carpool --seed 7

The market goes to standard output, as JSON in any case.")]
pub struct Example {
    #[command(flatten)]
    pub case: Case,
}

#[derive(Debug, Args)]
pub struct Case {
    /// Which one.
    #[arg(value_enum)]
    pub name: CaseName,
    /// What a carpool, or an evening of food, is drawn from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The trace of an energy market, CSV as `entente solve` reads it.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: who rides with whom, with a map
  entente demo solidworx carpool --out target/carpool

The case's offers are solved, judged by the exact twin of the contract, and drawn. Nothing is put on a chain.")]
pub struct DemoSolidWorx {
    #[command(flatten)]
    pub case: Case,
    /// Where report.json, market.json, chart.svg and, of a carpool, map.svg are written.
    #[arg(long, value_name = "DIR", default_value = "target/demo-solidworx")]
    pub out: PathBuf,
    /// How often the case is solved, to tell the middle of the times that it took.
    #[arg(long, value_name = "TIMES", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub repeat: u16,
}
