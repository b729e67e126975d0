//! Which offers to match, and why others are not.

use std::{collections::BTreeMap, fmt};

use alloy_primitives::{Address, B256};
use modicum::{JobOffer, ResourceOffer, View};
use serde::Serialize;

use crate::{
    Board, Candidate,
    book::{Book, pairing},
    matching::most_pairs,
};

/// Reasons that are told of an offer, at most.
const REASONS: usize = 3;

/// A match to be posted.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The job.
    pub job: Candidate<JobOffer>,
    /// The resource.
    pub resource: Candidate<ResourceOffer>,
    /// Who is to judge.
    pub mediator: u32,
}

/// Why an offer is not matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    /// There is nothing to match it with.
    Alone,
    /// Nothing on offer suits it: reasons, each with how often it was met, the commonest first.
    Unsuitable {
        /// The reasons.
        reasons: Vec<(String, usize)>,
    },
    /// All that suits it goes to others.
    Taken,
    /// It suits, but money that is needed goes to another match.
    Funds {
        /// Whose, and how much.
        refusal: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone => f.write_str("there is nothing to match it with"),
            Self::Unsuitable { reasons } => {
                for (number, (reason, times)) in reasons.iter().take(REASONS).enumerate() {
                    let separator = if number == 0 { "" } else { "; " };
                    write!(f, "{separator}{reason}")?;
                    if *times > 1 {
                        write!(f, " ({times} times)")?;
                    }
                }
                Ok(())
            }
            Self::Taken => f.write_str("all that suits it goes to others"),
            Self::Funds { refusal } => f.write_str(refusal),
        }
    }
}

/// What to match, and why the rest is not.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Matches that would all be granted together.
    pub pairs: Vec<Pair>,
    /// Job offers that are open and not matched.
    pub jobs_left: BTreeMap<B256, Why>,
    /// Resource offers that are open and not matched.
    pub resources_left: BTreeMap<B256, Why>,
}

/// As many matches as can be made at `now`. Jobs with the nearest deadline and the cheapest resources come first, where
/// that does not make it fewer. A creator or provider whose money is enough for some of its matches only gets the first.
pub fn plan(view: &View, board: &Board, now: u64) -> Plan {
    let book = Book::read(view, board, now);
    let chosen = most_pairs(&book.edges, book.resources.len());
    let mut plan = Plan::default();
    let mut scratch = view.market().clone();
    for (left, job) in book.jobs.iter().enumerate() {
        let Some(right) = chosen[left] else {
            plan.jobs_left.insert(job.offer.name(), book.why_job(left));
            continue;
        };
        let (resource, mediator) = (&book.resources[right], book.mediators[&(left, right)]);
        match scratch.post_match(Address::ZERO, &pairing(job, resource, mediator), now) {
            Ok(_) => plan.pairs.push(Pair { job: job.clone(), resource: resource.clone(), mediator }),
            Err(refusal) => {
                let why = Why::Funds { refusal: refusal.to_string() };
                plan.jobs_left.insert(job.offer.name(), why.clone());
                plan.resources_left.insert(resource.offer.name(), why);
            }
        }
    }
    for (right, resource) in book.resources.iter().enumerate().filter(|(right, _)| !chosen.contains(&Some(*right))) {
        plan.resources_left.insert(resource.offer.name(), book.why_resource(right));
    }
    plan
}
