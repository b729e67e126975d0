//! Why an event cannot follow the ones before it.

use alloy_primitives::Address;
use thiserror::Error;
use units::{GroupId, IntervalIndex, OfferId, OwnerId};

/// An event contradicts the state it meets: events were lost, reordered, or come from another contract.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each message explains its fields")]
pub enum Inconsistent {
    #[error("group {group} was added where group {expected} is next")]
    Group { group: GroupId, expected: usize },
    #[error("owner {owner} was registered where owner {expected} is next")]
    Owner { owner: OwnerId, expected: usize },
    #[error("offer {offer} was posted where offer {expected} is next")]
    Offer { offer: OfferId, expected: usize },
    #[error("meter {meter} is not registered")]
    UnknownMeter { meter: Address },
    #[error("meter {meter} was moved from interval {from} on, out of a group it is not in or before an earlier move")]
    Move { meter: Address, from: IntervalIndex },
    #[error("there is no offer {offer}")]
    UnknownOffer { offer: OfferId },
    #[error("{account} used nonce {nonce} where {expected} is next")]
    Nonce { account: Address, nonce: u32, expected: u32 },
    #[error("{account} does not hold the credits it gives")]
    Credits { account: Address },
    #[error("{account} does not hold the assets it gives in interval {interval}")]
    Assets { account: Address, interval: IntervalIndex },
    #[error("offer {offer} cannot hold what was done to it")]
    OfferOverflow { offer: OfferId },
    #[error("the plan that was accepted cannot be read, or does not trade what was claimed")]
    Plan,
    #[error("interval {interval} was finalised or lapsed other than the candidate trades there")]
    Candidate { interval: IntervalIndex },
    #[error("offer {offer} was settled other than the final intervals say")]
    Settlement { offer: OfferId },
}
