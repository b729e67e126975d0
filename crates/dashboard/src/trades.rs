//! Final trades of a TRANSAX market.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use serde::Serialize;
use transax::{Market, Side};
use units::{GroupId, IntervalIndex, OfferId};

use crate::query::{Query, Refusal};

const MOST: usize = 400;

/// What an offer traded in an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    interval: IntervalIndex,
    /// Unix seconds.
    starts: u64,
    offer: OfferId,
    account: Option<Address>,
    group: Option<GroupId>,
    side: Option<Side>,
    energy_wh: u64,
    /// A decimal number.
    payment_base_units: String,
    /// Whose plan it was.
    solver: Option<Address>,
}

/// `/api/trades`, the newest first, whole intervals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trades {
    trades: Vec<Row>,
    /// Ask again with `before` this interval for more; absent where there are no more.
    before: Option<IntervalIndex>,
}

/// What was asked for.
pub struct Wanted {
    account: Option<Address>,
    before: Option<IntervalIndex>,
    limit: usize,
}

impl Wanted {
    /// Reads a query.
    pub fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let query = Query::parse(text, &["account", "before", "limit"])?;
        let (account, before) = (query.get("account")?, query.get("before")?.map(IntervalIndex));
        Ok(Self { account, before, limit: query.limit(MOST)? })
    }
}

impl Trades {
    /// What was traded, and by whose plan.
    pub fn of(market: &Market, winners: &BTreeMap<IntervalIndex, Address>, wanted: &Wanted) -> Self {
        let all: Vec<_> = market.final_intervals().collect();
        let (mut trades, mut before) = (Vec::new(), None);
        for (interval, done) in all.into_iter().rev() {
            if done.legs.is_empty() || wanted.before.is_some_and(|before| interval >= before) {
                continue;
            }
            let rows = done.legs.iter().map(|leg| {
                let offer = market.offer(leg.offer);
                Row {
                    interval,
                    starts: market.params().start_of(interval),
                    offer: leg.offer,
                    account: offer.and_then(|offer| market.owner_address(offer.owner)),
                    group: offer.map(|offer| offer.group),
                    side: offer.map(|offer| offer.side),
                    energy_wh: leg.energy.0,
                    payment_base_units: leg.payment.0.to_string(),
                    solver: winners.get(&interval).copied(),
                }
            });
            let rows: Vec<_> =
                rows.filter(|row| wanted.account.is_none_or(|account| row.account == Some(account))).collect();
            // At least one interval, so that asking on ends.
            if !trades.is_empty() && trades.len() + rows.len() > wanted.limit {
                before = Some(interval.next());
                break;
            }
            trades.extend(rows);
        }
        Self { trades, before }
    }
}
