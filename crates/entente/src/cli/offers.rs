//! Words about assets and offers.

use clap::{Args, Subcommand, ValueEnum};

use super::{
    Signer,
    values::{self, Decimal, When},
};

/// A side, under the names of its offers or of its assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SideName {
    /// Production assets, which offers to sell rely on.
    #[value(alias = "production")]
    Sell,
    /// Consumption assets, which offers to buy rely on.
    #[value(alias = "consumption")]
    Buy,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: be able to sell up to 800 Wh in each of the next four intervals
  entente transax withdraw-assets sell --first next --last next+3 --energy-wh 800 --wallet alice")]
pub struct WithdrawAssets {
    /// Production (to sell) or consumption (to buy).
    #[arg(value_enum)]
    pub side: SideName,
    /// First interval: its index, 'next' or 'next+3'.
    #[arg(long, value_name = "INTERVAL")]
    pub first: When,
    /// Last interval.
    #[arg(long, value_name = "INTERVAL")]
    pub last: When,
    /// Energy for each of these intervals.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u32).range(1..))]
    pub energy_wh: u32,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Subcommand)]
pub enum Offer {
    /// Offer energy.
    #[command(after_help = "\
Example: sell 500 Wh within the next three intervals for 0.12 tokens a kWh or more
  entente transax offer sell --energy-wh 500 --price 0.12 --from next --to next+2 --wallet alice

It needs 500 Wh of free production assets in each of these intervals: see withdraw-assets.")]
    Sell(OfferTerms),
    /// Ask for energy.
    #[command(after_help = "\
Example: buy 500 Wh in interval 57 for 0.24 tokens a kWh or less
  entente transax offer buy --energy-wh 500 --price 0.24 --from 57 --to 57 --wallet bob

It needs 500 Wh of free consumption assets in that interval, and holds 0.12 tokens of credits until it is settled: see
withdraw-assets and credits deposit.")]
    Buy(OfferTerms),
    /// Add energy to an offer, or intervals at its end, or both.
    #[command(after_help = "Example:\n  entente transax offer augment 12 --energy-wh 250 --to next+6 --wallet alice")]
    Augment(Augment),
}

#[derive(Clone, Debug, Args)]
pub struct OfferTerms {
    /// Energy in all.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u32).range(1..))]
    pub energy_wh: u32,
    /// Reservation price, tokens per kWh, such as 0.24.
    #[arg(long, value_name = "TOKENS")]
    pub price: Decimal,
    /// First interval: its index, 'next' or 'next+3'.
    #[arg(long, value_name = "INTERVAL")]
    pub from: When,
    /// Last interval; the first by default.
    #[arg(long, value_name = "INTERVAL")]
    pub to: Option<When>,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
pub struct Augment {
    /// The offer's number.
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub offer: u32,
    /// Energy to add.
    #[arg(long, value_name = "WH", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=i64::from(values::MOST_ENERGY)))]
    pub energy_wh: u32,
    /// New last interval; the old one by default.
    #[arg(long, value_name = "INTERVAL")]
    pub to: Option<When>,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  entente transax cancel 12 --wallet alice

Plans may rely on the intervals within the plan horizon, so these stay; what lies beyond is given back.")]
pub struct Cancel {
    /// The offer's number.
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub offer: u32,
    #[command(flatten)]
    pub signer: Signer,
}
