//! Words about a new market.

use alloy::primitives::Address;
use clap::{Args, ValueEnum};
use transax::PriceRule;

use super::{
    Signer,
    values::{Decimal, Genesis, Limits},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PriceRuleName {
    /// Halfway between the reservation prices of each pair.
    Midpoint,
    /// One price an interval.
    Uniform,
}

impl From<PriceRuleName> for PriceRule {
    fn from(name: PriceRuleName) -> Self {
        match name {
            PriceRuleName::Midpoint => Self::Midpoint,
            PriceRuleName::Uniform => Self::Uniform,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example: quarter hours, two groups
  entente deploy --rpc http://127.0.0.1:8545 --wallet dso --group 20000:5000 --group none:8000

The wallet becomes the DSO. Without --token a test token is deployed too, which the same wallet mints.
Whoever takes part in a market of somebody else's writes down where it is, and needs no wallet for that:
  entente deploy --rpc http://127.0.0.1:8545 --existing 0x00000000000000000000000000000000000000aa
The URL of the chain may hold a key, so only its scheme, host and port are written down; where that is not enough, the
other verbs take the whole URL from --rpc or ENTENTE_RPC.")]
pub struct Deploy {
    #[command(flatten)]
    pub signer: Signer,
    /// Length of an interval.
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(4..))]
    pub interval_seconds: u32,
    /// Whole intervals between the end of an interval's trading and its start.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=0xFF_FFFF))]
    pub clear_intervals: u32,
    /// How many intervals past the next one a plan may cover.
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u32).range(..=255))]
    pub plan_horizon: u32,
    /// How many intervals past the next one offers and assets may reach.
    #[arg(long, value_name = "COUNT", default_value_t = 96, value_parser = clap::value_parser!(u32).range(..1 << 20))]
    pub offer_horizon: u32,
    /// How trades are priced.
    #[arg(long, value_enum, default_value_t = PriceRuleName::Midpoint)]
    pub price_rule: PriceRuleName,
    /// Start of interval 0: a time such as 2026-11-20T06:00:00Z, or a delay such as +900 or +15m after the chain's
    /// latest block. By default as soon as possible on the clock's full intervals, with time to trade for it.
    #[arg(long, value_name = "TIME|+DELAY")]
    pub genesis: Option<Genesis>,
    /// The ERC-20 to pay in. It must move exactly the amounts it is asked to move.
    #[arg(long, value_name = "ADDRESS")]
    pub token: Option<Address>,
    /// What the DSO charges for energy that was not traded, tokens per kWh.
    #[arg(long, value_name = "TOKENS", default_value = "0.30")]
    pub grid_price: Decimal,
    /// What the DSO pays for energy that was not traded, tokens per kWh.
    #[arg(long, value_name = "TOKENS", default_value = "0.08")]
    pub feed_in_price: Decimal,
    /// A group of feeders to add: its limits in Wh an interval, 'none' for none. Once for each group.
    #[arg(long = "group", value_name = "INTERNAL:EXTERNAL")]
    pub groups: Vec<Limits>,
    /// Deploy nothing: write down where this market is, whoever deployed it. Its code and terms are read from the chain.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["salt", "groups", "genesis", "token"])]
    pub existing: Option<Address>,
    /// Put the market at the address that follows from its parameters and this word alone, whoever deploys it and on
    /// whichever chain; needs the deterministic deployer that most chains have. Name --genesis and --token then: both are
    /// parameters.
    #[arg(long, value_name = "WORD")]
    pub salt: Option<String>,
    /// Replace the deployment file where there is one. The market it names stays on its chain.
    #[arg(long)]
    pub force: bool,
}
