//! What there is to see of a market.

use std::fmt;

use ::solidworx::{Assignment, Exchange, Market, Offer, Side, State, Terms};
use alloy::primitives::Address;
use anyhow::Context;
use serde::Serialize;

use super::session::Session;
use crate::{
    cli::{AllocationSolidWorx, At, OffersSolidWorx},
    exit::Failure,
    output::{Table, time},
    setting::Setting,
};

/// `status`.
pub async fn status(setting: &Setting, at: &At) -> Result<(), Failure> {
    let session = Session::open(setting, at).await?;
    let (view, head) = session.view().await?;
    Ok(setting.output.result(&Screen::new(session.known.market, &view, head.timestamp))?)
}

/// Where a market stands.
#[derive(Debug, Serialize)]
struct Screen<'a> {
    market: Address,
    state: State,
    cycle: u64,
    phase_end: u64,
    now: u64,
    terms: Option<&'a Terms>,
    deposit_wei: u128,
    /// Posted in this cycle.
    offers: usize,
    candidate: Option<Proposal>,
    /// The last cycle that is over.
    last: Option<Past>,
}

#[derive(Debug, Serialize)]
struct Proposal {
    solver: Address,
    value: u128,
    assignments: usize,
    /// Which solution it is, if it was made step by step.
    solution: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Past {
    cycle: u64,
    value: u128,
    assignments: usize,
}

impl<'a> Screen<'a> {
    fn new(market: Address, view: &'a Exchange, now: u64) -> Self {
        let candidate = view.candidate().map(|candidate| Proposal {
            solver: candidate.solver,
            value: candidate.value,
            assignments: candidate.assignments.len(),
            solution: candidate.solution,
        });
        let last = view.outcomes().last_key_value().map(|(cycle, outcome)| Past {
            cycle: *cycle,
            value: outcome.value,
            assignments: outcome.assignments.len(),
        });
        Self {
            market,
            state: view.state(),
            cycle: view.cycle(),
            phase_end: view.phase_end(),
            now,
            terms: view.terms(),
            deposit_wei: view.set_up().map_or(0, |set_up| set_up.deposit),
            offers: view.offers_of_cycle(view.cycle()).filter(|(_, listing)| listing.is_posted).count(),
            candidate,
            last,
        }
    }
}

impl fmt::Display for Screen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = if self.state == State::Receive { "offering" } else { "solving" };
        let over = if self.now >= self.phase_end { ", which is over" } else { "" };
        writeln!(f, "market     {}", self.market)?;
        writeln!(f, "cycle      {}, {phase} phase until {}{over}", self.cycle, time(self.phase_end))?;
        writeln!(f, "offers     {}", self.offers)?;
        if let Some(Proposal { solver, value, assignments, .. }) = &self.candidate {
            writeln!(f, "candidate  worth {value} in {assignments} assignments, by {solver}")?;
        }
        if let Some(Past { cycle, value, assignments }) = &self.last {
            writeln!(f, "last       cycle {cycle}, worth {value} in {assignments} assignments")?;
        }
        match (self.state, over.is_empty()) {
            (_, false) => write!(f, "next: entente solidworx advance"),
            (State::Solve, true) => write!(f, "next: entente solidworx offers --json, solve, and submit"),
            _ => write!(f, "next: entente solidworx post OFFERS"),
        }
    }
}

/// `offers`.
pub async fn offers(setting: &Setting, words: &OffersSolidWorx) -> Result<(), Failure> {
    let session = Session::open(setting, &words.at).await?;
    let (view, _) = session.view().await?;
    let cycle = words.cycle.unwrap_or(view.cycle());
    let market = view.market_of(cycle).context("a market that is set up has terms")?;
    Ok(setting.output.result(&Offered(market))?)
}

/// The file of a market as JSON, a table in words.
#[derive(Serialize)]
#[serde(transparent)]
struct Offered(Market);

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["offer", "side", "type", "quantity", "price", "owner"]);
        for Offer { id, owner, side, alternatives } in &self.0.offers {
            let side = if *side == Side::Providing { "providing" } else { "consuming" };
            for listed in alternatives {
                let numbers = [listed.resource_type, listed.quantity, listed.price].map(|number| number.to_string());
                let [resource_type, quantity, price] = numbers;
                table.row([id.to_string(), side.into(), resource_type, quantity, price, owner.to_string()]);
            }
        }
        table.fmt(f)
    }
}

/// `allocation`.
pub async fn allocation(setting: &Setting, words: &AllocationSolidWorx) -> Result<(), Failure> {
    let session = Session::open(setting, &words.at).await?;
    let (view, _) = session.view().await?;
    let last = view.outcomes().last_key_value().map(|(cycle, _)| *cycle);
    let cycle = words.cycle.or(last).ok_or_else(|| Failure::Usage("no cycle is over yet".into()))?;
    let outcome = view.outcomes().get(&cycle);
    let outcome = outcome.ok_or_else(|| Failure::Usage(format!("cycle {cycle} is not over")))?;
    let owner = |id| view.offers().get(&id).map_or(Address::ZERO, |listing| listing.owner);
    let assignments = &outcome.assignments;
    let owners = assignments.iter().map(|one| [owner(one.providing_offer), owner(one.consuming_offer)]).collect();
    let shown = Final { cycle, value: outcome.value, solver: outcome.solver, assignments, owners };
    Ok(setting.output.result(&shown)?)
}

/// What a cycle came to; the file of an allocation.
#[derive(Debug, Serialize)]
struct Final<'a> {
    cycle: u64,
    value: u128,
    solver: Option<Address>,
    assignments: &'a [Assignment],
    /// By assignment: who provides and who consumes.
    owners: Vec<[Address; 2]>,
}

impl fmt::Display for Final<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "cycle {}, worth {}", self.cycle, self.value)?;
        let mut table = Table::new(&["provider", "consumer", "type", "quantity", "price"]);
        for (one, [provider, consumer]) in self.assignments.iter().zip(&self.owners) {
            let numbers = [one.resource_type, one.quantity, one.price].map(|number| number.to_string());
            let sides = [(provider, one.providing_offer), (consumer, one.consuming_offer)];
            table.row(sides.map(|(owner, offer)| format!("{owner} by {offer}")).into_iter().chain(numbers));
        }
        table.fmt(f)
    }
}
