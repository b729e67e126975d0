//! `deposit`: settling all that is final, and handing the assets to the meter.

use std::ops::RangeInclusive;

use ::transax::{Event, Market, Refusal, Settlement, Side};
use alloy::primitives::Address;
use bindings::{Call, Refused};
use chain::Receipt;
use serde_json::json;
use units::{IntervalIndex, Money, WattHours};

use crate::{
    cli::Deposit,
    exit::Failure,
    output::tokens,
    session::{Done, Sender, Session, View},
    setting::Setting,
};

/// The most intervals in one transaction.
const MOST_INTERVALS: u32 = 96;
/// The most pieces of evidence in one transaction: each is a path through a tree of hashes, and a transaction has a cap
/// on its gas.
const MOST_EVIDENCE: usize = 400;

/// Carries the verb out, in as many transactions as it takes.
pub async fn run(setting: &Setting, words: Deposit) -> Result<(), Failure> {
    let account = setting.address(&words.signer)?;
    let session = Session::open(setting).await?;
    let mut view = session.view().await?;
    if view.market().account(account).and_then(|account| account.meter).is_none() {
        return Err(Refused::Market(Refusal::NoMeter { account }).into());
    }
    let decimals = session.deployment.token_decimals;
    if due(view.market(), account, view.next_interval()).is_none() {
        let next = view.next_interval();
        let sentence = format!("nothing to deposit: {account} holds nothing of an interval before {next}");
        return Ok(setting.output.result(&Done::new(sentence, Tally::default().figures(account), &[]))?);
    }
    let mut sender = session.sender(setting, &words.signer).await?;
    let (mut tally, mut receipts) = (Tally::default(), Vec::new());
    while let Some(span) = due(view.market(), account, view.next_interval()) {
        let (first, last) = (span.start().0, span.end().0);
        setting.output.progress(format_args!("depositing what is final from interval {first} to {last} at most"));
        receipts.push(one(&session, &mut sender, &view, account, span, &mut tally).await?);
        view.advance().await?;
    }
    let sentence = tally.sentence(account, decimals);
    let done = Done::new(sentence, tally.figures(account), &receipts);
    Ok(setting.output.result(&done.then("entente transax bill --readings FILE"))?)
}

async fn one(
    session: &Session,
    sender: &mut Sender,
    view: &View,
    account: Address,
    span: RangeInclusive<IntervalIndex>,
    tally: &mut Tally,
) -> Result<Receipt, Failure> {
    let (first, last, settlements) = piece(view.market(), account, view.now(), span);
    // Whoever has anything to deposit has a meter, or is refused.
    let group = view.market().group_at(account, first).unwrap_or_default();
    let receipt = session.send(sender, &Call::Deposit { account, group, settlements, first, last }).await?;
    for event in session.events(&receipt).await? {
        tally.add(view.market(), &event);
    }
    Ok(receipt)
}

/// The intervals before `next` of which the account holds something: free assets, or offers that are not settled.
fn due(market: &Market, account: Address, next: IntervalIndex) -> Option<RangeInclusive<IntervalIndex>> {
    let holds = |interval: &IntervalIndex| {
        let free = |side| market.free_assets(account, side, *interval).0 > 0;
        let is_open = || market.offers_of(account).any(|(_, offer)| offer.next <= *interval && *interval <= offer.end);
        free(Side::Sell) || free(Side::Buy) || is_open()
    };
    let first = (0..next.0).map(IntervalIndex).find(holds)?;
    let last = (first.0..next.0).rev().map(IntervalIndex).find(holds)?;
    Some(first..=last)
}

/// As much of a span, from its start, as one transaction should hold; all of one group.
fn piece(
    market: &Market,
    account: Address,
    now: u64,
    span: RangeInclusive<IntervalIndex>,
) -> (IntervalIndex, IntervalIndex, Vec<Settlement>) {
    let first = *span.start();
    let end = market.membership(account).map_or(*span.end(), |groups| groups.stretch(first, *span.end()));
    let mut length = (end.0 - first.0 + 1).min(MOST_INTERVALS);
    loop {
        let last = IntervalIndex(first.0 + length - 1);
        let settlements = market.settlements(account, now, last.next());
        let evidence: usize = settlements.iter().map(|settlement| settlement.evidence.len()).sum();
        if length == 1 || evidence <= MOST_EVIDENCE {
            return (first, last, settlements);
        }
        length /= 2;
    }
}

/// What deposits moved.
#[derive(Debug, Default)]
struct Tally {
    offers: usize,
    received: Money,
    paid: Money,
    production: WattHours,
    consumption: WattHours,
}

impl Tally {
    fn add(&mut self, market: &Market, event: &Event) {
        match event {
            Event::Settled { settled, .. } => {
                for settled in settled {
                    self.offers += 1;
                    let sum = match market.offer(settled.offer).map(|offer| offer.side) {
                        Some(Side::Buy) => &mut self.paid,
                        _ => &mut self.received,
                    };
                    *sum = Money(sum.0 + settled.payment.0);
                }
            }
            Event::Deposited { assets, .. } => {
                for (production, consumption) in assets {
                    self.production = WattHours(self.production.0 + production.0);
                    self.consumption = WattHours(self.consumption.0 + consumption.0);
                }
            }
            _ => {}
        }
    }

    fn sentence(&self, account: Address, decimals: u8) -> String {
        format!(
            "{account} settled {} offers, received {} and paid {} tokens of credits, and handed its meter\n  \
             {} of production assets and {} of consumption assets",
            self.offers,
            tokens(self.received, decimals),
            tokens(self.paid, decimals),
            self.production,
            self.consumption
        )
    }

    fn figures(&self, account: Address) -> serde_json::Value {
        json!({
            "account": account,
            "settled_offers": self.offers,
            "received_base_units": self.received,
            "paid_base_units": self.paid,
            "production_wh": self.production,
            "consumption_wh": self.consumption,
        })
    }
}
