//! Cycles of a `SolidWorx` market.

use alloy::primitives::Address;
use bindings::solidworx::event;
use chain::Head;
use journal::Entry;
use runtime::{BoxError, SolidWorx};
use serde::Serialize;
use solidworx::{Event, Exchange, State};

use crate::watched::{Chronicle, Told, short};

const MOST: usize = 100;

impl Chronicle for SolidWorx {
    const SYSTEM: &'static str = "solidworx";
    const FORM: u32 = 1;
    type History = ();

    fn note(&self, _: &Exchange, (): &mut (), entry: &Entry) -> Result<Option<Told>, BoxError> {
        Ok(tell(&event(&entry.log)?))
    }
}

fn tell(event: &Event) -> Option<Told> {
    Some(match event {
        Event::CycleBegun { cycle, .. } => Told::new("cycle", format!("cycle {cycle} takes offers")),
        Event::Closed { cycle, .. } => Told::new("cycle", format!("cycle {cycle} is closed, and being solved")),
        Event::OfferPosted { id } => Told::new("offer", format!("offer {id} was posted")),
        Event::PackedOfferPosted { id, owner, .. } => {
            Told::new("offer", format!("offer {id} was posted by {}", short(owner)))
        }
        Event::OfferCanceled { id } => Told::new("cancelled", format!("offer {id} was taken back")),
        Event::SolutionPosted { cycle, solver, value, .. } => {
            Told::new("solution", format!("{} has the best allocation of cycle {cycle}, worth {value}", short(solver)))
        }
        Event::Finalized { cycle, value } => Told::new("final", format!("cycle {cycle} is final, worth {value}")),
        _ => return None,
    })
}

/// An allocation. Values are decimal numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Allocation {
    cycle: u64,
    solver: Option<Address>,
    value: String,
    assignments: usize,
}

/// `/api/solidworx`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cycles {
    market: Address,
    block: u64,
    /// Unix seconds, like the end of the phase.
    time: u64,
    state: State,
    cycle: u64,
    phase_end: u64,
    /// Posted in this cycle.
    offers: usize,
    /// The best allocation of this cycle.
    candidate: Option<Allocation>,
    /// What cycles came to, the newest first, at most a hundred.
    outcomes: Vec<Allocation>,
}

impl Cycles {
    /// The market at `address` as of `head`.
    pub fn of(view: &Exchange, address: Address, head: Head) -> Self {
        let candidate = view.candidate().map(|candidate| Allocation {
            cycle: view.cycle(),
            solver: Some(candidate.solver),
            value: candidate.value.to_string(),
            assignments: candidate.assignments.len(),
        });
        let outcome = |(cycle, outcome): (&u64, &solidworx::Outcome)| Allocation {
            cycle: *cycle,
            solver: outcome.solver,
            value: outcome.value.to_string(),
            assignments: outcome.assignments.len(),
        };
        Self {
            market: address,
            block: head.block.number,
            time: head.timestamp,
            state: view.state(),
            cycle: view.cycle(),
            phase_end: view.phase_end(),
            offers: view.offers_of_cycle(view.cycle()).filter(|(_, listing)| listing.is_posted).count(),
            candidate,
            outcomes: view.outcomes().iter().rev().take(MOST).map(outcome).collect(),
        }
    }
}
