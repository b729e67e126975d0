//! What the day came to.

use std::{collections::BTreeMap, time::Duration};

use ::report::{BillFigures, DayReport, IntervalFigures, OfferOutcome, Token, series};
use ::transax::{Bill, Event, Market, Offer, Side, violations};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use anyhow::anyhow;
use matching::{OpenOffer, Problem, day_optimum};
use runtime::Protocol;
use units::{IntervalIndex, OfferId, WattHours};

use super::{
    day::Day,
    hosting::Cast,
    privacy::Privacy,
    stage::Stage,
    troupe::SOLVERS,
    unseen::{self, Unseen},
};
use crate::session::logs;

/// How long the optimum of the whole day may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// Ends the day and reports on it; with `privacy`, also on what trading without being seen came to.
pub async fn report(
    stage: &Stage,
    day: &Day,
    privacy: Option<&Privacy>,
    cast: Cast,
) -> anyhow::Result<(DayReport, Option<Unseen>)> {
    let gas = stage.gas + cast.troupe.gas().values().sum::<u64>();
    let (market, events) = whole(stage).await?;
    let solutions = solutions(stage, &events);
    let bills = cast.dismiss().await?;
    let problem = all_offers(day, &market);
    let optimum = tokio::task::spawn_blocking(move || day_optimum(&problem, PATIENCE)).await?;
    let broken = violations(&market);
    for violation in &broken {
        eprintln!("broken promise: {violation}");
    }
    let owned = owned(stage, day, &market, privacy);
    let unseen = privacy.map(|_| unseen::tell(day, &market, &events, &owned, &bills));
    let offered = |side| market.offers().filter(|(_, offer)| offer.side == side).map(|(_, offer)| offer.energy.0).sum();
    let report = DayReport {
        data: day.label.clone(),
        prosumers: day.participants.len(),
        intervals: usize::try_from(day.intervals())?,
        offers: market.offer_count(),
        offered_sell_wh: offered(Side::Sell),
        offered_buy_wh: offered(Side::Buy),
        traded_wh: market.traded().0,
        optimum_wh: optimum.0,
        violations: u64::try_from(broken.len())?,
        gas_total: gas,
        solutions_by_solver: solutions,
        missed_intervals: missed(day, &market),
        series: figures(day, &market),
        bills: accounts(day, &market, &owned, &bills),
        token: Token::default(),
    };
    Ok((report, unseen))
}

/// The market with all that ever happened: what agents need not remember is read from the chain.
async fn whole(stage: &Stage) -> anyhow::Result<(Market, Vec<Event>)> {
    let read = logs(stage.node.client(), &stage.market).await;
    let entries = read.map_err(|failure| anyhow!(failure.message()))?;
    let events = entries.iter().filter_map(|entry| bindings::event(&entry.log).transpose());
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let mut market = stage.market.view();
    events.iter().try_for_each(|event| market.apply(event))?;
    Ok((market, events))
}

/// Every account of each participant.
fn owned(stage: &Stage, day: &Day, market: &Market, privacy: Option<&Privacy>) -> Vec<Vec<Address>> {
    let accounts = (0..day.participants.len()).map(|place| {
        let registered = stage.prosumers[place].0.address();
        privacy.map_or_else(|| vec![registered], |privacy| privacy.accounts(market, place, registered))
    });
    accounts.collect()
}

/// Intervals of the day that were not made final, with trades or without.
fn missed(day: &Day, market: &Market) -> u64 {
    let intervals = (day.first.0..=day.last.0).map(IntervalIndex);
    intervals.map(|interval| u64::from(!market.is_final(interval))).sum()
}

/// How often each solver's plan became the candidate.
fn solutions(stage: &Stage, events: &[Event]) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = SOLVERS.iter().map(|name| ((*name).to_owned(), 0)).collect();
    let names: BTreeMap<Address, &str> = stage.solvers.iter().map(PrivateKeySigner::address).zip(SOLVERS).collect();
    for event in events {
        if let Event::SolutionPosted { solver, .. } = event {
            let name = names.get(solver).map_or_else(|| solver.to_string(), |name| (*name).to_owned());
            *counts.entry(name).or_default() += 1;
        }
    }
    counts
}

/// Every offer of the day, as if all had been known at its start.
fn all_offers(day: &Day, market: &Market) -> Problem {
    let offers = market.offers().map(|(id, offer)| {
        let Offer { side, group, price, start, end, energy, .. } = *offer;
        (id, OpenOffer { side, group, price, start, end, remaining: energy })
    });
    Problem {
        first: day.first,
        last: day.last,
        offers: offers.collect(),
        groups: market.groups().collect(),
        price_rule: day.price_rule,
    }
}

fn figures(day: &Day, market: &Market) -> Vec<IntervalFigures> {
    let outcomes = market.offers().map(|(id, offer)| OfferOutcome {
        sells: offer.side == Side::Sell,
        energy: offer.energy,
        end: offer.end,
        traded: traded(market, id, offer),
    });
    series(day.first, day.intervals(), day.first.0, &outcomes.collect::<Vec<_>>())
}

fn traded(market: &Market, id: OfferId, offer: &Offer) -> BTreeMap<IntervalIndex, WattHours> {
    let intervals = (offer.start.0..=offer.end.0).map(IntervalIndex);
    let legs = intervals.filter_map(|interval| Some((interval, market.final_interval(interval)?.leg(id)?.energy)));
    legs.collect()
}

fn accounts(day: &Day, market: &Market, owned: &[Vec<Address>], bills: &BTreeMap<String, Bill>) -> Vec<BillFigures> {
    let figures = day.participants.iter().zip(owned).map(|(participant, accounts)| {
        let mut figures = BillFigures { prosumer: participant.name.clone(), ..BillFigures::default() };
        for position in market.positions_together(accounts).values() {
            figures.sold_wh += position.sold.0;
            figures.bought_wh += position.bought.0;
            figures.earned += position.earned.0;
            figures.paid += position.paid.0;
        }
        if let Some(bill) = bills.get(&participant.name) {
            figures.bill = bill.owed;
            for line in &bill.lines {
                let residual = line.residual_wh.unsigned_abs();
                *(if line.residual_wh < 0 { &mut figures.from_dso_wh } else { &mut figures.to_dso_wh }) += residual;
            }
        }
        figures
    });
    figures.collect()
}
