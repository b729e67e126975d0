//! Folding events into a market.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::{Candidate, Event, Exchange, Listing, Outcome, SetUp, Side, Solution, State, Terms};

/// An event does not follow from those before it: the log is not this contract's, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "a number of what the event speaks of")]
pub enum Inconsistent {
    /// It speaks of an offer that was never made.
    #[error("an event speaks of offer {id}, which was never made")]
    UnknownOffer { id: u64 },
    /// It speaks of a solution that this cycle does not have.
    #[error("an event speaks of solution {id}, which this cycle does not have")]
    UnknownSolution { id: u64 },
    /// It is of another cycle than the market is in, or of a phase that it is not in.
    #[error("an event of cycle {found} came in cycle {cycle}, state {state:?}")]
    OutOfTurn { found: u64, cycle: u64, state: State },
    /// A cycle ended with another allocation than its candidate.
    #[error("cycle {cycle} ended worth {value} in {assignments} assignments, unlike its candidate")]
    OtherOutcome { cycle: u64, value: u128, assignments: usize },
}

pub(crate) fn apply(exchange: &mut Exchange, event: Event) -> Result<(), Inconsistent> {
    match event {
        Event::TypeDeclared { resource_type, rule } => {
            exchange.declared.rules.insert(resource_type, rule);
        }
        Event::PairDeclared(pair) => {
            exchange.declared.pairs.insert(pair);
        }
        Event::SetUp(set_up) => {
            let (rules, pairs) = (exchange.declared.rules.clone(), exchange.declared.pairs.clone());
            let terms = Terms { rules, pairs, ..set_up.terms };
            exchange.set_up = Some(SetUp { terms, ..set_up });
        }
        Event::CycleBegun { cycle, end } => begin(exchange, cycle, end)?,
        Event::Closed { cycle, end } => {
            in_turn(exchange, cycle, State::Receive)?;
            (exchange.state, exchange.end) = (State::Solve, end);
        }
        Event::OfferUnpacked { id } => listing(exchange, id)?.is_packed = false,
        Event::SolutionCreated { .. } | Event::AssignmentAdded { .. } | Event::SolutionPosted { .. } => {
            propose(exchange, event)?;
        }
        Event::AssignmentFinalized { cycle, .. } => {
            in_turn(exchange, cycle, State::Solve)?;
            exchange.finalized = exchange.finalized.saturating_add(1);
        }
        Event::Finalized { cycle, value } => finish(exchange, cycle, value)?,
        other => offer(exchange, other)?,
    }
    Ok(())
}

fn offer(exchange: &mut Exchange, event: Event) -> Result<(), Inconsistent> {
    match event {
        Event::OfferCreated { id, owner, side, misc } => {
            let listing = blank(exchange.cycle, owner, side, misc);
            add(exchange, id, listing);
        }
        Event::PackedOfferPosted { id, owner, side, misc, alternatives } => {
            let listed = alternatives.into_iter().map(|listed| (listed.resource_type, (listed.quantity, listed.price)));
            let alternatives = listed.collect();
            let blank = blank(exchange.cycle, owner, side, misc);
            add(exchange, id, Listing { alternatives, is_posted: true, is_packed: true, ..blank });
        }
        Event::OfferUpdated { id, listed } => {
            let alternatives = &mut listing(exchange, id)?.alternatives;
            if listed.quantity == 0 {
                alternatives.remove(&listed.resource_type);
            } else {
                alternatives.insert(listed.resource_type, (listed.quantity, listed.price));
            }
        }
        Event::OfferPosted { id } => listing(exchange, id)?.is_posted = true,
        Event::OfferCanceled { id } => listing(exchange, id)?.is_posted = false,
        Event::DepositReturned { id, .. } => listing(exchange, id)?.is_returned = true,
        // The others were taken before.
        _ => {}
    }
    Ok(())
}

fn propose(exchange: &mut Exchange, event: Event) -> Result<(), Inconsistent> {
    match event {
        Event::SolutionCreated { id, solver, misc } => {
            let solution = Solution { solver, misc, value: 0, assignments: Vec::new() };
            exchange.solutions.insert(id, solution);
        }
        Event::AssignmentAdded { id, assignment, value } => {
            let solution = exchange.solutions.get_mut(&id).ok_or(Inconsistent::UnknownSolution { id })?;
            solution.assignments.push(assignment);
            solution.value = value;
            if value > exchange.candidate.as_ref().map_or(0, |candidate| candidate.value) {
                let (solver, assignments) = (solution.solver, solution.assignments.clone());
                exchange.candidate = Some(Candidate { solver, value, assignments, solution: Some(id) });
            }
        }
        Event::SolutionPosted { cycle, solver, value, assignments } => {
            in_turn(exchange, cycle, State::Solve)?;
            exchange.candidate = Some(Candidate { solver, value, assignments, solution: None });
        }
        // The others are taken elsewhere.
        _ => {}
    }
    Ok(())
}

fn begin(exchange: &mut Exchange, cycle: u64, end: u64) -> Result<(), Inconsistent> {
    if exchange.cycle.checked_add(1) != Some(cycle) {
        return Err(out_of_turn(exchange, cycle));
    }
    (exchange.state, exchange.cycle, exchange.end) = (State::Receive, cycle, end);
    exchange.solutions = BTreeMap::new();
    Ok(())
}

fn finish(exchange: &mut Exchange, cycle: u64, value: u128) -> Result<(), Inconsistent> {
    in_turn(exchange, cycle, State::Solve)?;
    let finalized = std::mem::take(&mut exchange.finalized);
    let outcome = exchange.candidate.take().map_or_else(
        || Outcome { value: 0, solver: None, assignments: Vec::new() },
        |candidate| {
            let Candidate { solver, value, assignments, .. } = candidate;
            Outcome { value, solver: Some(solver), assignments }
        },
    );
    if outcome.value != value || outcome.assignments.len() != finalized {
        return Err(Inconsistent::OtherOutcome { cycle, value, assignments: finalized });
    }
    exchange.outcomes.insert(cycle, outcome);
    Ok(())
}

fn add(exchange: &mut Exchange, id: u64, listing: Listing) {
    exchange.offers_of.entry(listing.owner).or_default().push(id);
    exchange.offers.insert(id, listing);
}

fn blank(cycle: u64, owner: alloy_primitives::Address, side: Side, misc: u64) -> Listing {
    let alternatives = BTreeMap::new();
    Listing { cycle, owner, side, misc, alternatives, is_posted: false, is_packed: false, is_returned: false }
}

fn listing(exchange: &mut Exchange, id: u64) -> Result<&mut Listing, Inconsistent> {
    exchange.offers.get_mut(&id).ok_or(Inconsistent::UnknownOffer { id })
}

fn in_turn(exchange: &Exchange, cycle: u64, state: State) -> Result<(), Inconsistent> {
    if exchange.cycle == cycle && exchange.state == state { Ok(()) } else { Err(out_of_turn(exchange, cycle)) }
}

const fn out_of_turn(exchange: &Exchange, found: u64) -> Inconsistent {
    Inconsistent::OutOfTurn { found, cycle: exchange.cycle, state: exchange.state }
}
