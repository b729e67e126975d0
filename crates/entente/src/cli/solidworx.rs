//! Words about `SolidWorx`.

mod chain;

use std::path::PathBuf;

pub use chain::{
    AdvanceSolidWorx, AllocationSolidWorx, At, By, CancelSolidWorx, DeploySolidWorx, DirectoryRole, OffersSolidWorx,
    PostSolidWorx, ProsumerRole, ReturnDeposit, SolverRole, StatusSolidWorx, SubmitSolidWorx,
};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum SolidWorx {
    /// Find the allocation of most value for the offers of a file.
    Solve(SolveMarket),
    /// Judge an allocation as the contract would, and say what it is worth.
    Verify(VerifyAllocation),
    /// Write a case study's offers as a file: a start for one's own.
    Example(Example),
    /// Put a new market on a chain, set it up, and write down where it is.
    Deploy(DeploySolidWorx),
    /// Show where a market stands: phase, offers, candidate, what past cycles came to.
    Status(StatusSolidWorx),
    /// Show what is offered in a cycle.
    Offers(OffersSolidWorx),
    /// Post the offers of a file.
    Post(PostSolidWorx),
    /// Take an offer back.
    Cancel(CancelSolidWorx),
    /// Propose the allocation of a file.
    Submit(SubmitSolidWorx),
    /// End the phase that is over: close, or finalise.
    Advance(AdvanceSolidWorx),
    /// Show the final allocation of a cycle.
    Allocation(AllocationSolidWorx),
    /// Send the deposit of an offer of a past cycle back to its owner.
    ReturnDeposit(ReturnDeposit),
    /// Run a directory: it closes and finalises, and says where the market is.
    #[command(subcommand)]
    Directory(DirectoryRole),
    /// Run a prosumer's agent: it offers what its owner wishes.
    #[command(subcommand)]
    Prosumer(ProsumerRole),
    /// Run a solver: it proposes allocations.
    #[command(subcommand)]
    Solver(SolverRole),
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

The case's offers are solved, and judged by the exact twin of the contract. Then everybody takes part in a market on a
local chain, on a fresh anvil on a free port: each prosumer with a key of its own, a directory, and two solvers. Of energy
each interval is a cycle, which ends as the interval starts; of other cases each cycle repeats the case.")]
pub struct DemoSolidWorx {
    #[command(flatten)]
    pub case: Case,
    /// Where report.json, market.json, chart.svg, of a carpool map.svg, and of a market on a chain solutions.svg are
    /// written.
    #[arg(long, value_name = "DIR", default_value = "target/demo-solidworx")]
    pub out: PathBuf,
    /// How often the case is solved, to tell the middle of the times that it took; on a chain, how many cycles there are,
    /// but for energy.
    #[arg(long, value_name = "TIMES", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub repeat: u16,
    /// On a chain, offer all of an energy trace in one cycle, to see how much of it fits.
    #[arg(long, conflicts_with = "off_chain")]
    pub one_cycle: bool,
    /// Solve and judge only; put nothing on a chain.
    #[arg(long)]
    pub off_chain: bool,
    /// How often the chain makes a block, where there is something to put into it.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    pub block_milliseconds: u64,
    /// End the first solver at this time of the day, whatever it is doing; the clock of a case begins at 6:00, that of
    /// energy before the first interval.
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day, conflicts_with = "off_chain")]
    pub kill_solver_at: Option<u64>,
}

/// Seconds since midnight.
fn time_of_day(text: &str) -> Result<u64, String> {
    let parts = text.split_once(':').and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)));
    let within = parts.filter(|(hour, minute): &(u64, u64)| *hour < 24 && *minute < 60);
    within.map(|(hour, minute)| hour * 3600 + minute * 60).ok_or_else(|| "give a time such as 8:15".to_owned())
}
