//! Words about demonstrations.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{DemoModicum, DemoSolidWorx, PriceRuleName};

#[derive(Debug, Subcommand)]
pub enum Demo {
    /// Trade a whole day on a local chain, from deployment to bills, and report on it.
    Transax(DemoTransax),
    /// Allocate the offers of a case study, and draw what comes of it.
    #[command(name = "solidworx")]
    SolidWorx(DemoSolidWorx),
    /// Have jobs run by strangers, one of whom cheats, and see who is paid.
    Modicum(DemoModicum),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a published trace with limits of one's own
  entente demo transax --data offers.csv --internal-limit-wh 25000 --external-limit-wh 20000

Without --data fifteen homes of the SimBench data set trade the 48 intervals from 08:00 to 20:00 of a day in July. A
trace is CSV with the columns prosumer,feeder,start,end,side,energy_wh, one row an offer, intervals inclusive; a profile
is a folder with homes.csv, feeders.csv, load_diversified.csv and pv.csv. Everything runs on this machine: a fresh anvil
on a free port, two solvers, the DSO's finaliser, and an agent for each prosumer and each meter.")]
pub struct DemoTransax {
    /// A trace of offers (a file) or a profile of homes (a folder), instead of the homes that are built in.
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// C^i: the most that is sold, and bought, on a feeder in an interval. No limit for a trace, the folder's own for a
    /// profile, unless given.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u64).range(..u64::from(u32::MAX)))]
    pub internal_limit_wh: Option<u64>,
    /// C^e: the most by which sold and bought differ on a feeder in an interval. As above.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u64).range(..u64::from(u32::MAX)))]
    pub external_limit_wh: Option<u64>,
    /// How trades are priced.
    #[arg(long, value_enum, default_value_t = PriceRuleName::Midpoint)]
    pub price_rule: PriceRuleName,
    /// Trade the day twice: as above, and from anonymous accounts that homes mix their assets to every two hours. Tells how
    /// much is traded either way, who is hidden among how many, and whether the bills are right.
    #[arg(long)]
    pub privacy: bool,
    /// Keep the agents' journals in files, as those that run for months do, and tell what the day took: memory, space on
    /// disk, and how long each needs to be up to date after a restart.
    #[arg(long)]
    pub endurance: bool,
    /// How long an interval of 15 minutes lasts at least; with 0, as long as the agents have anything to do.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub interval_milliseconds: u64,
    /// Where report.json, chart.svg and chart.png are written.
    #[arg(long, value_name = "DIR", default_value = "target/demo")]
    pub out: PathBuf,
}
