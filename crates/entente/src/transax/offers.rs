//! `offers`: what is on offer.

use std::fmt;

use ::transax::{Market, Offer, Side};
use alloy::primitives::Address;
use serde::Serialize;
use units::{GroupId, IntervalIndex, OfferId, Price, WattHours};

use crate::{
    cli::Offers,
    exit::Failure,
    output::{self, Table},
    session::Session,
    setting::Setting,
};

/// Lists the wallet's offers that still hold something, or all.
pub async fn run(setting: &Setting, words: &Offers) -> Result<(), Failure> {
    let own = if words.all { None } else { Some(setting.address(&words.signer)?) };
    let session = Session::open(setting).await?;
    let view = session.view().await?;
    let (market, next) = (view.market(), view.next_interval());
    let rows = market.offers().map(|(id, offer)| Row::new(market, id, offer, next));
    let rows = rows.filter(|row| own.is_none_or(|own| row.account == Some(own) && row.state != State::Done));
    let listing = Listing {
        account: own,
        next_interval: next,
        token_decimals: session.deployment.token_decimals,
        offers: rows.collect(),
    };
    Ok(setting.output.result(&listing)?)
}

#[derive(Debug, Serialize)]
struct Listing {
    account: Option<Address>,
    next_interval: IntervalIndex,
    token_decimals: u8,
    offers: Vec<Row>,
}

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It can still trade.
    Open,
    /// Its intervals are over, or its energy traded; what it holds is free once it is settled.
    Over,
    /// Settled, or cancelled before it began: it holds nothing.
    Done,
}

#[derive(Debug, Serialize)]
struct Row {
    offer: OfferId,
    account: Option<Address>,
    group: GroupId,
    side: Side,
    energy_wh: WattHours,
    /// Final trades.
    traded_wh: WattHours,
    price_base_units: Price,
    start: IntervalIndex,
    end: IntervalIndex,
    /// The first interval that is not settled.
    settled_up_to: IntervalIndex,
    state: State,
}

impl Row {
    fn new(market: &Market, id: OfferId, offer: &Offer, next: IntervalIndex) -> Self {
        let traded = market.final_intervals().filter_map(|(_, last)| last.leg(id)).map(|leg| leg.energy.0).sum();
        let state = match offer {
            offer if offer.is_done() => State::Done,
            offer if offer.end < next || traded >= offer.energy.0 => State::Over,
            _ => State::Open,
        };
        Self {
            offer: id,
            account: market.owner_address(offer.owner),
            group: offer.group,
            side: offer.side,
            energy_wh: offer.energy,
            traded_wh: WattHours(traded),
            price_base_units: offer.price,
            start: offer.start,
            end: offer.end,
            settled_up_to: offer.next,
            state,
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = self.account.map_or_else(|| "all offers".to_owned(), |account| format!("offers of {account}"));
        if self.offers.is_empty() {
            writeln!(f, "{whose}: none that hold anything")?;
            return writeln!(f, "next: entente transax offer sell|buy --help");
        }
        writeln!(f, "{whose}; interval {} can be traded next", self.next_interval)?;
        let mut table = Table::new(&["offer", "side", "group", "Wh", "traded", "price", "from", "to", "state"]);
        for row in &self.offers {
            table.row([
                row.offer.to_string(),
                output::side(row.side).to_owned(),
                row.group.to_string(),
                row.energy_wh.0.to_string(),
                row.traded_wh.0.to_string(),
                output::price(row.price_base_units, self.token_decimals),
                row.start.to_string(),
                row.end.to_string(),
                row.state.word().to_owned(),
            ]);
        }
        write!(f, "{table}")?;
        if self.offers.iter().any(|row| row.state == State::Over) {
            writeln!(f, "next: entente transax deposit, which settles what is over")?;
        }
        Ok(())
    }
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Over => "over",
            Self::Done => "done",
        }
    }
}
