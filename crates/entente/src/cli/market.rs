//! Words about reading the market, and about what follows when intervals are final.

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
