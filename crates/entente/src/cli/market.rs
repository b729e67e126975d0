//! Words about reading the market, and about what follows when intervals are final.

use std::path::PathBuf;

use clap::Args;

use super::Signer;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente transax market --watch")]
pub struct Market {
    /// Show it again whenever the chain moves, until interrupted; in words only.
    #[arg(long)]
    pub watch: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: everybody's, those that are over as well\n  entente transax offers --all")]
pub struct Offers {
    /// Everybody's offers, and those that are over, instead of the wallet's own that still hold something.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente transax trades --wallet alice")]
pub struct Trades {
    /// Everybody's trades instead of the wallet's own.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente transax deposit --wallet alice")]
pub struct Deposit {
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax bill --readings alice.csv --wallet alice

The file's columns are interval,net_wh: what the meter read in each interval, produced minus consumed. In an interval,
the residual is that reading plus the production assets deposited less those withdrawn. The DSO charges its grid price
for a residual below zero, and pays its feed-in price for one above; each line is rounded toward zero to a base unit of
the token. Deposit first: what was withdrawn and not deposited is reported as missing, and counts as sold.")]
pub struct Bill {
    /// What the meter read, as CSV with the columns `interval,net_wh`.
    #[arg(long, value_name = "FILE")]
    pub readings: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
}
