//! Words about agents that run until they are interrupted.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use alloy::primitives::utils::parse_ether;
use chain::SubmitSettings;
use clap::{Args, Subcommand};

use super::{Signer, solve::BackendName, values::Decimal};
use crate::wallet::WalletName;

/// What every agent needs.
#[derive(Clone, Debug, Args)]
pub struct Host {
    #[command(flatten)]
    pub signer: Signer,
    /// How often the chain is asked for news.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub poll_milliseconds: u64,
    /// Where what is read from the chain is kept: a file, or a database of PostgreSQL by its address. By default a file for
    /// each market and wallet in the data folder. Of several programs with one wallet and one place, one acts; the others
    /// stand by, and take over within seconds.
    #[arg(long, env = "ENTENTE_JOURNAL", value_name = "FILE|URL", hide_env_values = true)]
    pub journal: Option<journal::Place>,
    /// Spend no more on a day (UTC, by the chain's clock) than this: fees of gas, and ether that goes with calls. Counted for
    /// all agents of the wallet, and across restarts; what might cost more than is left waits for the next day.
    #[arg(long, value_name = "ETHER", value_parser = ether)]
    pub spend_at_most: Option<u128>,
    /// Do everything but send: the log tells what would be sent.
    #[arg(long)]
    pub dry_run: bool,
    /// Serve figures for Prometheus at /metrics, and whether it hangs (/live) and has caught up (/ready).
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics: Option<SocketAddr>,
}

impl Host {
    /// How its runtime behaves.
    pub fn settings(&self) -> runtime::Settings {
        let submit =
            SubmitSettings { spend_at_most: self.spend_at_most, dry_run: self.dry_run, ..SubmitSettings::default() };
        runtime::Settings {
            poll: Duration::from_millis(self.poll_milliseconds),
            submit,
            ..runtime::Settings::default()
        }
    }
}

/// Ether as a decimal number, in wei.
fn ether(text: &str) -> Result<u128, String> {
    let wei = parse_ether(text).map_err(|error| format!("give ether as a number such as 0.05: {error}"))?;
    u128::try_from(wei).map_err(|_| "that is more ether than there is".to_owned())
}

/// Which home of which data. The profile's first day is the market's: interval 0 starts at its midnight.
#[derive(Clone, Debug, Args)]
pub struct Profile {
    /// A folder with homes.csv, feeders.csv, `load_diversified.csv` and pv.csv.
    #[arg(long, value_name = "DIR")]
    pub profile: PathBuf,
    /// The home's id in homes.csv.
    #[arg(long, value_name = "ID")]
    pub home: String,
}

#[derive(Debug, Subcommand)]
pub enum Dso {
    /// Finalise every interval as soon as its time has come, until interrupted.
    #[command(after_help = "Example:\n  entente transax dso run --wallet dso")]
    Run(Host),
}

#[derive(Debug, Subcommand)]
pub enum Prosumer {
    /// Offer what the home needs and has, and settle what was traded, until interrupted.
    #[command(after_help = "\
Example:
  entente transax prosumer run --profile data/simbench-fifteen --home P103 --wallet alice

Without being seen, each of --secret, --meter-secret and --circle the name of a wallet that signs nothing:
  entente transax prosumer run --profile data/simbench-fifteen --home P103 --wallet alice --private \
    --secret alice-secret --meter-secret alice-meter-secret --circle feeder-1 \
    --mailbox http://127.0.0.1:8700 --relay http://127.0.0.1:8600")]
    Run {
        #[command(flatten)]
        host: Host,
        #[command(flatten)]
        profile: Profile,
        /// What the DSO's `certify` wrote; to register first where that has not been done.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        #[command(flatten)]
        unseen: Box<Unseen>,
    },
}

/// How a home trades without being seen.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Trading without being seen")]
pub struct Unseen {
    /// Every two hours, mix assets and credits with others of the group, and trade from the accounts that come of it.
    #[arg(long, requires_all = ["mailbox", "circle", "relay"])]
    pub private: bool,
    #[command(flatten)]
    pub secrets: Secrets,
    /// The board at which the group mixes.
    #[arg(long, value_name = "URL", requires = "private")]
    pub mailbox: Option<String>,
    /// The wallet whose key all of the group know, and nobody else should; it signs nothing.
    #[arg(long, value_name = "NAME", requires = "private")]
    pub circle: Option<WalletName>,
    /// Who submits what the accounts sign; given several times, whichever does.
    #[arg(long, value_name = "URL", requires = "private")]
    pub relay: Vec<String>,
    /// What each order, and each share of a mix, pays the relay; in tokens of credits. The group's must be the same.
    #[arg(long, value_name = "TOKENS", default_value = "0", requires = "private")]
    pub relay_fee: Decimal,
    /// How long others are waited for in a mix. The group's must be the same.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub patience_seconds: u64,
    /// How long orders are kept back at most, at random, so that nobody is known by being quick.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=600))]
    pub spread_seconds: u64,
    /// Where fewer than three take part, do not trade at all; otherwise the registered account does, for all to see.
    #[arg(long, requires = "private")]
    pub never_openly: bool,
    /// Submit with the wallet itself what no relay takes. All can see then whose account it is.
    #[arg(long, requires = "private")]
    pub submit_itself: bool,
}

/// What accounts follow from. Kept like keys, and they sign nothing: `entente wallet new` makes one.
#[derive(Clone, Debug, Args)]
pub struct Secrets {
    /// The wallet whose key is the home's secret, which its anonymous accounts follow from.
    #[arg(long, value_name = "NAME")]
    pub secret: Option<WalletName>,
    /// The wallet whose key is the meter's secret, which the accounts follow from where it awaits deposits.
    #[arg(long, value_name = "NAME")]
    pub meter_secret: Option<WalletName>,
}

#[derive(Debug, Subcommand)]
pub enum Mailbox {
    /// Serve a board, until interrupted. Anybody may; it cannot read what it keeps.
    Run(MailboxRun),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax mailbox run --listen 127.0.0.1:8700

Messages are sealed by those who share a secret, and forgotten after an hour.")]
pub struct MailboxRun {
    /// Where it listens; port 0 for a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8700")]
    pub listen: SocketAddr,
}

#[derive(Debug, Subcommand)]
pub enum Solver {
    /// Propose a better plan whenever one is found, until interrupted. Anybody may.
    #[command(after_help = "Example:\n  entente transax solver run --wallet solver --deadline 20")]
    Run {
        #[command(flatten)]
        host: Host,
        #[command(flatten)]
        seeking: Seeking,
    },
}

#[derive(Debug, Subcommand)]
pub enum Relay {
    /// Submit what is handed in over HTTP, paying the gas and taking the fees, until interrupted. Anybody may.
    Run(RelayRun),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax relay run --listen 127.0.0.1:8600 --least-fee 0.002 --wallet relay

It verifies an order before it pays for it: deadline, fee, signatures, and what the market would say. Orders are JSON,
handed in with POST /v1/orders; GET /v1/terms says what it asks for.")]
pub struct RelayRun {
    /// Where it listens; port 0 for a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8600")]
    pub listen: SocketAddr,
    /// The least it is paid for an order, in tokens of credits.
    #[arg(long, value_name = "TOKENS", default_value = "0")]
    pub least_fee: Decimal,
    /// How long an order must still hold when it is handed in.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub least_seconds: u64,
    #[command(flatten)]
    pub signer: Signer,
}

/// How a solver works.
#[derive(Clone, Copy, Debug, Args)]
pub struct Seeking {
    /// How many intervals past the next one to plan for; the market's plan horizon by default.
    #[arg(long, value_name = "COUNT")]
    pub horizon: Option<u32>,
    /// By how much a plan must beat the candidate to be worth a transaction.
    #[arg(long, value_name = "WH", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub margin_wh: u64,
    /// Which solver is asked where the engine's own methods end.
    #[arg(long, value_enum, default_value_t = BackendName::Cbc)]
    pub backend: BackendName,
    /// The most time a plan may take to find.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline: u64,
}
