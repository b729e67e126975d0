//! Words about matching the offers of a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use matching::{Formulation, Objective};
use optimizer::Backend;

/// Which model is solved, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormulationName {
    /// A flow where the offers allow it, else first-order.
    Auto,
    /// A network, in whole numbers at once: with one price, ample limits, or offers of one interval each.
    Flow,
    /// The compact program by this program's own method, which comes nearer from the first millisecond on.
    FirstOrder,
    /// One variable for each offer and interval, and a ladder of prices for each interval; solved by the backend.
    Compact,
    /// The papers': one variable for each seller, buyer and interval; solved by the backend. Slow beyond a hundred
    /// thousand.
    Dense,
}

/// A solver of linear and whole-number programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    /// COIN-OR CBC.
    Cbc,
    /// HiGHS, faster on large linear programs.
    Highs,
}

/// What a plan is to be good at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ObjectiveName {
    /// The energy traded.
    Energy,
    /// What buyers would have paid less what sellers asked for.
    Benefit,
    /// The energy, and the benefit among plans of most energy.
    EnergyThenBenefit,
}

impl From<BackendName> for Backend {
    fn from(name: BackendName) -> Self {
        match name {
            BackendName::Cbc => Self::Cbc,
            BackendName::Highs => Self::Highs,
        }
    }
}

impl From<ObjectiveName> for Objective {
    fn from(name: ObjectiveName) -> Self {
        match name {
            ObjectiveName::Energy => Self::Energy,
            ObjectiveName::Benefit => Self::Benefit,
            ObjectiveName::EnergyThenBenefit => Self::EnergyThenBenefit,
        }
    }
}

impl From<FormulationName> for Formulation {
    fn from(name: FormulationName) -> Self {
        match name {
            FormulationName::Auto => Self::Auto,
            FormulationName::Flow => Self::Flow,
            FormulationName::FirstOrder => Self::FirstOrder,
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
Energy and limits are in Wh, a limit is null where there is none. Of prices only the order matters, unless the objective
is the benefit.")]
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
    /// Which model is solved, and how. Their optima are the same.
    #[arg(long, value_enum, default_value_t = FormulationName::Auto)]
    pub formulation: FormulationName,
    /// Which solver is asked where one is needed.
    #[arg(long, value_enum, default_value_t = BackendName::Cbc)]
    pub backend: BackendName,
    /// What is made as large as possible.
    #[arg(long, value_enum, default_value_t = ObjectiveName::Energy)]
    pub objective: ObjectiveName,
    /// The paper's `T_h`: instead of knowing all offers at once, plan this many intervals ahead, fix the first, and move on.
    #[arg(long, value_name = "INTERVALS")]
    pub horizon: Option<u32>,
    /// Do not prefer offers that expire first, as plans with a horizon do.
    #[arg(long, requires = "horizon")]
    pub no_tie_break: bool,
    /// Plan with each of these horizons, with offers that expire first preferred and plainly, each time in a process of
    /// its own: how much is traded, how long the day takes, and how much memory.
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "horizon")]
    pub horizons: Vec<u32>,
    /// Draw that, too: energy.svg, time.svg and memory.svg in this folder.
    #[arg(long, value_name = "DIR", requires = "horizons")]
    pub charts: Option<PathBuf>,
    /// One price an interval that all its sellers and buyers accept, instead of one between each pair.
    #[arg(long)]
    pub uniform_price: bool,
    /// The most trades that the plan may have, with the least loss of energy that was found.
    #[arg(long, value_name = "COUNT")]
    pub most_trades: Option<usize>,
    /// When to be content with the best plan so far; with a horizon, for each step. Only compact and dense may have
    /// none by then.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline: u64,
}
