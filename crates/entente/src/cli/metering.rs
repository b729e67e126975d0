//! Words about what a meter reads, and what is owed for it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use meter_readings::mqtt::Topic;

use super::{Host, Secrets, Signer, values};

#[derive(Debug, Args)]
pub struct MeterRun {
    #[command(flatten)]
    pub host: Host,
    #[command(flatten)]
    pub source: MeterSource,
    /// What is charged and paid for what was not traded, as JSON; the market's two prices unless given.
    #[arg(long, value_name = "FILE")]
    pub schedule: Option<PathBuf>,
    /// Sign a bill of each period, and leave it in this folder for the DSO.
    #[arg(long, value_name = "DIR")]
    pub bills: Option<PathBuf>,
    /// How long a period is; periods begin at its multiples, the first one with the first reading.
    #[arg(long, value_name = "INTERVALS", default_value_t = 96, requires = "bills")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(values::LAST_INTERVAL)))]
    pub period: u32,
    /// How many intervals after its end a period is billed though some of its assets were not deposited.
    #[arg(long, value_name = "INTERVALS", default_value_t = 12, requires = "bills")]
    pub patience: u32,
    /// Of a home that trades without being seen; its secrets go with it.
    #[arg(long, requires_all = ["secret", "meter_secret"])]
    pub private: bool,
    #[command(flatten)]
    pub secrets: Secrets,
}

/// Where readings come from. The profile's first day is the market's: interval 0 starts at its midnight.
#[derive(Debug, Args)]
pub struct MeterSource {
    /// A folder with homes.csv, feeders.csv, `load_diversified.csv` and pv.csv.
    #[arg(long, value_name = "DIR", requires = "home", required_unless_present_any = ["readings", "mqtt"])]
    pub profile: Option<PathBuf>,
    /// The home's id in homes.csv.
    #[arg(long, value_name = "ID", requires = "profile")]
    pub home: Option<String>,
    /// What the meter read, as CSV with the columns `interval,net_wh`; lines that are added are read as well.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "mqtt"])]
    pub readings: Option<PathBuf>,
    /// The topic to which the meter sends its counters, each message `{"time": Unix seconds, "import_wh": …,
    /// "export_wh": …}`.
    #[arg(long, value_name = "mqtt://HOST:PORT/TOPIC", conflicts_with = "profile")]
    pub mqtt: Option<Topic>,
    /// A file with the broker's user on its first line and the password on its second.
    #[arg(long, value_name = "FILE", requires = "mqtt")]
    pub mqtt_login: Option<PathBuf>,
}

impl MeterRun {
    pub const EXAMPLE: &str = "\
Example:
  entente transax meter run --profile data/simbench-fifteen --home P103 --wallet meter-3

A real meter, with a signed bill each day of 96 intervals:
  entente transax meter run --mqtt mqtt://127.0.0.1/home/meter --bills bills --wallet meter-3

Counters are cumulative, in whole Wh. What was sent while this did not run is sent again, and what was read is kept in the
data folder. A gap is filled evenly; a counter that falls has begun again at zero.";
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Example:
  entente transax bill --readings alice.csv --wallet alice

Signed by the meter, for the DSO:
  entente transax bill --readings alice.csv --sign --out bill.json --wallet alice-meter

The file's columns are interval,net_wh: what the meter read in each interval, produced minus consumed. In an interval,
the residual is that reading plus the production assets deposited less those withdrawn. The DSO charges its grid price
for a residual below zero, and pays its feed-in price for one above; each line is rounded toward zero to a base unit of
the token. Deposit first: what was withdrawn and not deposited is reported as missing, and counts as sold.

A schedule is JSON, prices in base units of the token per kWh. Intervals that begin within a period of the day have its
prices; each part of a residual, up to so many Wh, has the price of its block:
  {\"utc_offset_minutes\": 60, \"periods\": [
    {\"from\": \"00:00\", \"grid\": [{\"price\": 240000}], \"feed_in\": [{\"price\": 80000}]},
    {\"from\": \"17:00\", \"grid\": [{\"up_to_wh\": 500, \"price\": 300000}, {\"price\": 480000}],
     \"feed_in\": [{\"price\": 120000}]}]}")]
pub struct Bill {
    #[command(subcommand)]
    pub verb: Option<BillVerb>,
    /// What the meter read, as CSV with the columns `interval,net_wh`.
    #[arg(long, value_name = "FILE", required = true)]
    pub readings: Option<PathBuf>,
    /// What is charged and paid, as JSON; the market's two prices unless given.
    #[arg(long, value_name = "FILE")]
    pub schedule: Option<PathBuf>,
    /// Sign the sum with the meter's wallet, for the DSO. Its intervals have ended, and all were read.
    #[arg(long, requires = "out")]
    pub sign: bool,
    /// Write what was signed here.
    #[arg(long, value_name = "FILE", requires = "sign")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Subcommand)]
pub enum BillVerb {
    /// Verify a bill that a meter has signed, and remember it as accepted (the DSO's).
    Verify(VerifyBill),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: bills by the market's two prices, or by those of a file
  entente transax bill verify bill.json --schedule data/price-schedule.json

It is accepted if the meter that is registered for its prosumer has signed it for this market, its intervals have ended,
it is billed by a schedule that is known, and it begins where the prosumer's last accepted bill ended.")]
pub struct VerifyBill {
    /// What `bill --sign` or `meter run --bills` wrote.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A schedule that may be billed by, besides the market's two prices; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub schedule: Vec<PathBuf>,
    /// Where accepted bills are kept; by default a folder for each market in the data folder.
    #[arg(long, value_name = "DIR")]
    pub accepted: Option<PathBuf>,
}
