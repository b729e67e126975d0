//! What the contract tells, in its order.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};

use crate::{Alternative, Assignment, Pair, Side, Terms, TypeRule};

/// What the set-up fixed beside the tables of types and pairs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// The terms; their tables are empty, see [`Event::TypeDeclared`] and [`Event::PairDeclared`].
    pub terms: Terms,
    /// How long an offering phase lasts, seconds.
    pub receive_seconds: u64,
    /// How long a solving phase lasts, seconds.
    pub solve_seconds: u64,
    /// Quantities are in units of ten to minus so many.
    pub quantity_decimals: u8,
    /// Unit prices, likewise.
    pub price_decimals: u8,
    /// What creating an offer takes and a later cycle gives back, wei.
    pub deposit: u128,
}

/// One event of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Event {
    /// A type has a rule.
    TypeDeclared { resource_type: u64, rule: TypeRule },
    /// A pair may exchange a type.
    PairDeclared(Pair),
    /// The market is set up.
    SetUp(SetUp),
    /// An offering phase has begun.
    CycleBegun { cycle: u64, end: u64 },
    /// A blank offer was made.
    OfferCreated { id: u64, owner: Address, side: Side, misc: u64 },
    /// An offer lists something else of a type.
    OfferUpdated { id: u64, listed: Alternative },
    /// An offer is posted.
    OfferPosted { id: u64 },
    /// An offer was made, filled and posted in one call.
    PackedOfferPosted { id: u64, owner: Address, side: Side, misc: u64, alternatives: Vec<Alternative> },
    /// An offer was taken back.
    OfferCanceled { id: u64 },
    /// A deposit went back to the owner.
    DepositReturned { id: u64, owner: Address, amount: u128 },
    /// The solving phase has begun.
    Closed { cycle: u64, end: u64 },
    /// A packed offer's alternatives are in storage.
    OfferUnpacked { id: u64 },
    /// An empty solution was made.
    SolutionCreated { id: u64, solver: Address, misc: u64 },
    /// A solution has one more assignment, and is worth `value` with it.
    AssignmentAdded { id: u64, assignment: Assignment, value: u128 },
    /// A whole solution is the candidate.
    SolutionPosted { cycle: u64, solver: Address, value: u128, assignments: Vec<Assignment> },
    /// An assignment is final.
    AssignmentFinalized { cycle: u64, assignment: Assignment },
    /// A cycle is over.
    Finalized { cycle: u64, value: u128 },
}
