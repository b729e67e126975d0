//! Offers of a TRANSAX market.

use alloy::primitives::Address;
use serde::Serialize;
use transax::{Market, Offer, Side};
use units::{GroupId, IntervalIndex, OfferId, Price};

use crate::query::{Query, Refusal};

const MOST: usize = 200;

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It can still trade.
    Open,
    /// Its intervals are over, or its energy traded.
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    offer: OfferId,
    account: Option<Address>,
    group: GroupId,
    side: Side,
    energy_wh: u64,
    /// In final intervals.
    traded_wh: u64,
    /// A kWh.
    price_base_units: Price,
    start: IntervalIndex,
    end: IntervalIndex,
    state: State,
    /// Whether its owner can take a part of it back: it reaches further than plans may.
    is_cancellable: bool,
}

/// `/api/offers`, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offers {
    offers: Vec<Row>,
    /// Ask again with `before` this one for more; absent where there are no more.
    before: Option<OfferId>,
}

/// What was asked for.
pub struct Wanted {
    all: bool,
    account: Option<Address>,
    before: Option<OfferId>,
    limit: usize,
}

impl Wanted {
    /// Reads a query.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let query = Query::parse(text, &["state", "account", "before", "limit"])?;
        let all = match query.text("state") {
            None | Some("open") => false,
            Some("all") => true,
            Some(_) => return Err(Refusal::bad("state: open or all")),
        };
        let (account, before) = (query.get("account")?, query.get("before")?.map(OfferId));
        Ok(Self { all, account, before, limit: query.limit(MOST)? })
    }
}

impl Offers {
    /// Offers at `now`.
    pub fn of(market: &Market, now: u64, wanted: &Wanted) -> Self {
        let next = market.next_interval(now);
        let is_wanted = |(id, offer): &(OfferId, &Offer)| {
            wanted.before.is_none_or(|before| *id < before)
                && wanted.account.is_none_or(|account| market.owner_address(offer.owner) == Some(account))
                && (wanted.all || offer.end >= next)
        };
        let rows = market.offers().rev().filter(is_wanted).map(|(id, offer)| Row::new(market, next, id, offer));
        let mut rows: Vec<_> =
            rows.filter(|row| wanted.all || row.state == State::Open).take(wanted.limit.saturating_add(1)).collect();
        let more = rows.len() > wanted.limit;
        rows.truncate(wanted.limit);
        let before = rows.last().filter(|_| more).map(|row| row.offer);
        Self { offers: rows, before }
    }
}

impl Row {
    fn new(market: &Market, next: IntervalIndex, id: OfferId, offer: &Offer) -> Self {
        let last = offer.end.min(next);
        let finals = (offer.start.0..=last.0).filter_map(|at| market.final_interval(IntervalIndex(at))?.leg(id));
        let traded = finals.map(|leg| leg.energy.0).sum();
        let is_open = offer.start <= offer.end && offer.end >= next && traded < offer.energy.0;
        Self {
            offer: id,
            account: market.owner_address(offer.owner),
            group: offer.group,
            side: offer.side,
            energy_wh: offer.energy.0,
            traded_wh: traded,
            price_base_units: offer.price,
            start: offer.start,
            end: offer.end,
            state: if is_open { State::Open } else { State::Over },
            is_cancellable: is_open && offer.end > market.params().plan_horizon_after(next),
        }
    }
}
