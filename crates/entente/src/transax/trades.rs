//! `trades`: what became final.

use std::fmt;

use ::transax::{Leg, Market, Side};
use alloy::primitives::Address;
use serde::Serialize;
use units::{IntervalIndex, Money, OfferId, WattHours};

use crate::{
    cli::Trades,
    exit::Failure,
    output::{self, Table, tokens},
    session::Session,
    setting::Setting,
};

/// Lists what the wallet's offers traded, or everybody's.
pub async fn run(setting: &Setting, words: &Trades) -> Result<(), Failure> {
    let own = if words.all { None } else { Some(setting.address(&words.signer)?) };
    let session = Session::open(setting).await?;
    let view = session.view().await?;
    let market = view.market();
    let legs = market.final_intervals().flat_map(|(interval, last)| last.legs.iter().map(move |leg| (interval, leg)));
    let rows = legs.filter_map(|(interval, leg)| Row::new(market, interval, leg));
    let rows = rows.filter(|row| own.is_none_or(|own| row.account == own)).collect();
    let token_decimals = session.deployment.token_decimals;
    Ok(setting.output.result(&Listing { account: own, token_decimals, trades: rows })?)
}

#[derive(Debug, Serialize)]
struct Listing {
    account: Option<Address>,
    token_decimals: u8,
    trades: Vec<Row>,
}

/// What one offer traded in one interval.
#[derive(Debug, Serialize)]
struct Row {
    interval: IntervalIndex,
    offer: OfferId,
    account: Address,
    side: Side,
    energy_wh: WattHours,
    payment_base_units: Money,
    /// Whether money and assets have moved.
    settled: bool,
}

impl Row {
    fn new(market: &Market, interval: IntervalIndex, leg: &Leg) -> Option<Self> {
        let offer = market.offer(leg.offer)?;
        Some(Self {
            interval,
            offer: leg.offer,
            account: market.owner_address(offer.owner)?,
            side: offer.side,
            energy_wh: leg.energy,
            payment_base_units: leg.payment,
            settled: offer.next > interval,
        })
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = self.account.map_or_else(|| "all trades".to_owned(), |account| format!("trades of {account}"));
        if self.trades.is_empty() {
            return writeln!(f, "{whose}: none are final yet");
        }
        writeln!(f, "{whose}")?;
        let mut table = Table::new(&["interval", "offer", "side", "Wh", "tokens", "settled"]);
        for row in &self.trades {
            table.row([
                row.interval.to_string(),
                row.offer.to_string(),
                output::side(row.side).to_owned(),
                row.energy_wh.0.to_string(),
                tokens(row.payment_base_units, self.token_decimals),
                if row.settled { "yes" } else { "no" }.to_owned(),
            ]);
        }
        write!(f, "{table}")?;
        if self.trades.iter().any(|row| !row.settled) {
            writeln!(f, "next: entente transax deposit, which settles them")?;
        }
        Ok(())
    }
}
