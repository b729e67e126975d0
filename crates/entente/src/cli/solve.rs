//! Words about matching the offers of a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use matching::Formulation;

/// Which linear program finds the optimum in real numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormulationName {
    /// The smaller one of the two.
    Auto,
    /// One variable for each offer and interval, and a ladder of prices for each interval.
    Compact,
    /// The papers': one variable for each seller, buyer and interval. Slow beyond a hundred thousand.
    Dense,
}

impl From<FormulationName> for Formulation {
    fn from(name: FormulationName) -> Self {
        match name {
            FormulationName::Auto => Self::Auto,
            FormulationName::Compact => Self::Compact,
            FormulationName::Dense => Self::Dense,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: a published trace, with the same limits for every feeder
  entente solve offers.csv --internal-limit-wh 25000 --external-limit-wh 20000 --json

It finds a plan that trades as much energy as possible, in whole watt-hours, and the most that any plan could trade; the
gap between the two is what is not proved. No chain is needed. All offers are known at once.

A trace is CSV with the columns prosumer,feeder,start,end,side,energy_wh, one row an offer, intervals inclusive and from
0; it holds no prices, so any two offers agree on one. An instance is JSON:
  {\"intervals\": 2,
   \"groups\": [{\"id\": 0, \"internal_limit\": 900, \"external_limit\": 300}],
   \"sells\": [{\"id\": 0, \"group\": 0, \"energy\": 500, \"price\": 10, \"start\": 0, \"end\": 1}],
   \"buys\": [{\"id\": 0, \"group\": 0, \"energy\": 400, \"price\": 12, \"start\": 1, \"end\": 1}]}
Energy and limits are in Wh, a limit is null where there is none, and of prices only the order matters.")]
pub struct Solve {
    /// A trace of offers (CSV) or an instance (JSON); told apart by what they hold.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// C^i: the most that is sold, and bought, on a feeder of a trace in an interval. No limit unless given.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u64).range(..u64::from(u32::MAX)))]
    pub internal_limit_wh: Option<u64>,
    /// C^e: the most by which sold and bought differ on a feeder of a trace in an interval. No limit unless given.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u64).range(..u64::from(u32::MAX)))]
    pub external_limit_wh: Option<u64>,
    /// Which linear program finds the optimum in real numbers. Their optima are the same.
    #[arg(long, value_enum, default_value_t = FormulationName::Auto)]
    pub formulation: FormulationName,
    /// The most time the linear program may take; past it there is no plan.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline: u64,
}
