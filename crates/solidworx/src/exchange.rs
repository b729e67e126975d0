//! A market over its cycles, as its events tell it.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::{Alternative, Assignment, Event, Inconsistent, Market, Offer, SetUp, Side, Terms, packing};

/// Where a market stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Deployed, and not set up.
    #[default]
    Init,
    /// In the offering phase of a cycle.
    Receive,
    /// In its solving phase.
    Solve,
}

/// An offer as it was made, of this cycle or one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The cycle it belongs to.
    pub cycle: u64,
    /// Who made it.
    pub owner: Address,
    /// Whether it provides.
    pub side: Side,
    /// What its owner wrote on it.
    pub misc: u64,
    /// What it lists, by type: quantity and unit reservation price.
    pub alternatives: BTreeMap<u64, (u64, u64)>,
    /// Whether solutions may use it.
    pub is_posted: bool,
    /// Whether only the hash of its contents is in the contract's storage.
    pub is_packed: bool,
    /// Whether its deposit went back.
    pub is_returned: bool,
}

impl Listing {
    /// The offer, under its number.
    pub fn offer(&self, id: u64) -> Offer {
        let listed = |(resource_type, (quantity, price)): (&u64, &(u64, u64))| Alternative {
            resource_type: *resource_type,
            quantity: *quantity,
            price: *price,
        };
        let alternatives = self.alternatives.iter().map(listed).collect();
        Offer { id, owner: self.owner, side: self.side, alternatives }
    }
}

/// A solution made step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// Who makes it.
    pub solver: Address,
    /// What its solver wrote on it.
    pub misc: u64,
    /// What it is worth.
    pub value: u128,
    /// What it consists of, in order.
    pub assignments: Vec<Assignment>,
}

/// The best allocation of the cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Whose it is.
    pub solver: Address,
    /// What it is worth.
    pub value: u128,
    /// In the order of its chain.
    pub assignments: Vec<Assignment>,
    /// Which solution it is, if it was made step by step.
    pub solution: Option<u64>,
}

/// What a cycle came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What the final allocation is worth.
    pub value: u128,
    /// Whose it was; `None` where nobody proposed any.
    pub solver: Option<Address>,
    /// The final allocation.
    pub assignments: Vec<Assignment>,
}

/// What moves a market on once its phase is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The offering phase of this cycle is to be closed.
    Close {
        /// The cycle.
        cycle: u64,
    },
    /// Assignments of this cycle are to be made final, the last ones first.
    Finalize {
        /// The cycle.
        cycle: u64,
        /// How many are left before this page.
        left: usize,
        /// What the call takes.
        page: packing::Page,
    },
}

/// A fold over the contract's events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub(crate) state: State,
    pub(crate) cycle: u64,
    pub(crate) end: u64,
    pub(crate) declared: Declared,
    pub(crate) set_up: Option<SetUp>,
    /// All there ever were.
    pub(crate) offers: BTreeMap<u64, Listing>,
    /// Numbers of offers by owner, ascending.
    pub(crate) offers_of: BTreeMap<Address, Vec<u64>>,
    /// Of this cycle.
    pub(crate) solutions: BTreeMap<u64, Solution>,
    pub(crate) candidate: Option<Candidate>,
    /// How many of the candidate's assignments are final.
    pub(crate) finalized: usize,
    pub(crate) outcomes: BTreeMap<u64, Outcome>,
}

/// Rules and pairs, before the set-up puts them in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Declared {
    pub(crate) rules: BTreeMap<u64, crate::TypeRule>,
    pub(crate) pairs: std::collections::BTreeSet<crate::Pair>,
}

impl Exchange {
    /// Tells how serde writes it down: another number whenever a field of it, or of what it holds, changes.
    pub const FORM: u32 = 1;

    /// Where it stands.
    pub const fn state(&self) -> State {
        self.state
    }

    /// The cycle, from 1; 0 before the set-up.
    pub const fn cycle(&self) -> u64 {
        self.cycle
    }

    /// When the phase is over, Unix seconds.
    pub const fn phase_end(&self) -> u64 {
        self.end
    }

    /// What the set-up fixed; `None` before it.
    pub const fn set_up(&self) -> Option<&SetUp> {
        self.set_up.as_ref()
    }

    /// Its terms; `None` before the set-up.
    pub fn terms(&self) -> Option<&Terms> {
        self.set_up.as_ref().map(|set_up| &set_up.terms)
    }

    /// Every offer there ever was, by number.
    pub const fn offers(&self) -> &BTreeMap<u64, Listing> {
        &self.offers
    }

    /// Every offer that an account ever made, ascending.
    pub fn offers_of(&self, owner: Address) -> impl Iterator<Item = (u64, &Listing)> {
        let own = self.offers_of.get(&owner).into_iter().flatten();
        own.filter_map(|id| Some((*id, self.offers.get(id)?)))
    }

    /// Offers of a cycle, posted or not, the newest first.
    pub fn offers_of_cycle(&self, cycle: u64) -> impl Iterator<Item = (u64, &Listing)> {
        // Numbers ascend with cycles.
        let newest = self.offers.iter().rev().skip_while(move |(_, listing)| listing.cycle > cycle);
        newest.take_while(move |(_, listing)| listing.cycle == cycle).map(|(id, listing)| (*id, listing))
    }

    /// Solutions of this cycle that were made step by step.
    pub const fn solutions(&self) -> &BTreeMap<u64, Solution> {
        &self.solutions
    }

    /// The best allocation so far, whether or not parts of it are final.
    pub const fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_ref()
    }

    /// What past cycles came to.
    pub const fn outcomes(&self) -> &BTreeMap<u64, Outcome> {
        &self.outcomes
    }

    /// What there is to allocate in this cycle: posted offers, ascending. `None` before the set-up.
    pub fn market(&self) -> Option<Market> {
        self.market_of(self.cycle)
    }

    /// What there was to allocate in a cycle.
    pub fn market_of(&self, cycle: u64) -> Option<Market> {
        let posted = self.offers_of_cycle(cycle).filter(|(_, listing)| listing.is_posted);
        let mut offers: Vec<Offer> = posted.map(|(id, listing)| listing.offer(id)).collect();
        offers.reverse();
        Some(Market { terms: self.terms()?.clone(), offers })
    }

    /// What is to be done at `now` so that the market moves on; `None` while its phase lasts. A page has at most `most`
    /// assignments.
    pub fn due(&self, now: u64, most: usize) -> Option<Due> {
        let cycle = self.cycle;
        match self.state {
            _ if now < self.end => None,
            State::Init => None,
            State::Receive => Some(Due::Close { cycle }),
            State::Solve => {
                let all = self.candidate.as_ref().map_or(&[][..], |candidate| &candidate.assignments);
                let left = all.get(..all.len().saturating_sub(self.finalized)).unwrap_or_default();
                let page = packing::pages(left, most).into_iter().next()?;
                let left = left.len().saturating_sub(most.max(1));
                Some(Due::Finalize { cycle, left, page })
            }
        }
    }

    /// How much of an offer final assignments used, as parts of `whole`, rounded up. Zero for an offer of this cycle.
    pub fn used_parts(&self, id: u64, whole: u64) -> u64 {
        let Some(listing) = self.offers.get(&id) else { return 0 };
        let Some(outcome) = self.outcomes.get(&listing.cycle) else { return 0 };
        let mut usage = crate::usage::Usage::default();
        let mut used = alloy_primitives::U256::ZERO;
        let own = |one: &&Assignment| one.providing_offer == id || one.consuming_offer == id;
        for one in outcome.assignments.iter().filter(own) {
            if let Some((listed, _)) = listing.alternatives.get(&one.resource_type) {
                used = usage.add_rounded_up(*listed, one.quantity, whole);
            }
        }
        used.saturating_to()
    }

    /// Folds an event in.
    pub fn apply(&mut self, event: Event) -> Result<(), Inconsistent> {
        crate::fold::apply(self, event)
    }
}
