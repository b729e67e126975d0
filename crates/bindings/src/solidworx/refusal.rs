//! Reverts in words, under the names of the contract's errors.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::SolInterface,
};
use solidworx::{Refusal, State};
use thiserror::Error;

use crate::{contracts::SolidWorx::SolidWorxErrors as E, revert::in_words};

/// Why the contract refuses. The fields are those of its error of that name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Refused {
    /// An offer or an allocation breaks a rule.
    #[error(transparent)]
    Rules(Refusal),
    /// Only the deployer sets a market up.
    #[error("{caller} did not deploy the market, and only who did sets it up")]
    NotDeployer { caller: Address },
    /// Not in this phase.
    #[error("not now: the market is {}", phase(*.state))]
    WrongState { state: State },
    /// The phase is not over.
    #[error("not yet: the phase ends at {from}, and it is {time}")]
    TooEarly { time: u64, from: u64 },
    /// The phase is over.
    #[error("too late: the phase ended at {end}, and it is {time}")]
    PhaseOver { time: u64, end: u64 },
    /// A phase has a length.
    #[error("a phase cannot last {length} seconds; give 1 to 4294967295")]
    LengthOutOfRange { length: u64 },
    /// Bounds are in order.
    #[error("type {resource_type} cannot have prices from {min_price} to {max_price}")]
    InvertedBounds { resource_type: u64, min_price: u64, max_price: u64 },
    /// The deposit is exact.
    #[error("{paid} wei were paid, and the deposit is {deposit}")]
    WrongDeposit { paid: U256, deposit: u128 },
    /// An offer belongs to its cycle.
    #[error("offer {id} is of a past cycle; this one's offers begin at {first_of_cycle}")]
    OfferOfPastCycle { id: u64, first_of_cycle: u64 },
    /// A deposit returns after the cycle.
    #[error("offer {id} is of this cycle, which is not over")]
    OfferOfThisCycle { id: u64, first_of_cycle: u64 },
    /// Not the owner.
    #[error("offer {id} is not {caller}'s")]
    NotOwner { id: u64, caller: Address },
    /// Already posted.
    #[error("offer {id} is posted already")]
    AlreadyPosted { id: u64 },
    /// Not posted.
    #[error("offer {id} is not posted")]
    NotPosted { id: u64 },
    /// Not of the stepwise interface.
    #[error("offer {id} is packed; unpack it first, or use the packed calls")]
    IsPacked { id: u64 },
    /// Not of the packed interface.
    #[error("offer {id} is not packed")]
    NotPacked { id: u64 },
    /// Other contents than were posted.
    #[error("these are not the contents of offer {id}")]
    ContentsMismatch { id: u64 },
    /// Nothing to return.
    #[error("offer {id} has no deposit to return")]
    NoDeposit { id: u64 },
    /// The owner takes no ether.
    #[error("{owner} does not accept its deposit")]
    DepositNotAccepted { owner: Address },
    /// No such solution.
    #[error("there is no solution {id}")]
    UnknownSolution { id: u64 },
    /// A solution belongs to its cycle.
    #[error("solution {id} is of a past cycle; this one's solutions begin at {first_of_cycle}")]
    SolutionOfPastCycle { id: u64, first_of_cycle: u64 },
    /// S8
    #[error("solution {id} is not {caller}'s")]
    NotSolver { id: u64, caller: Address },
    /// S7
    #[error("an allocation worth {value} does not beat the candidate, which is worth {candidate}")]
    NotBetter { value: u128, candidate: u128 },
    /// The claim is wrong.
    #[error("the allocation is worth {actual}, not {claimed}")]
    WrongObjective { claimed: u128, actual: u128 },
    /// Offers end early.
    #[error("the {size} bytes of offers end within one")]
    OffersTruncated { size: U256 },
    /// Assignments end early.
    #[error("the {size} bytes of assignments end within one")]
    AssignmentsTruncated { size: U256 },
    /// No such place.
    #[error("assignment {assignment} names offer {place} of a list that is shorter")]
    OfferNotListed { assignment: U256, place: U256 },
    /// No such alternative.
    #[error("offer {id} has no alternative {number}")]
    AlternativeNotListed { id: u64, number: U256 },
    /// Records end early.
    #[error("the {size} bytes of records end within one")]
    RecordsTruncated { size: U256 },
    /// Not the candidate's.
    #[error("these are not the candidate's last assignments: they lead to {opened}, not to {chain}")]
    WrongRecords { opened: B256, chain: B256 },
    /// A page makes something final.
    #[error("a page without assignments ends nothing")]
    NoRecords,
    /// In words that are not known here.
    #[error("{}", in_words(.0))]
    Unknown(Bytes),
}

impl Refused {
    /// Reads the data of a revert.
    pub fn decode(data: &Bytes) -> Self {
        E::abi_decode(data).map_or_else(|_| Self::Unknown(data.clone()), of_phases)
    }

    /// The contract's error of this name with its fields, for programs.
    pub fn name_and_fields(&self) -> String {
        match self {
            Self::Rules(refusal) => format!("{refusal:?}"),
            other => format!("{other:?}"),
        }
    }

    /// Whether it says no more than that somebody else was quicker, or that the clock moved on.
    pub const fn is_race(&self) -> bool {
        matches!(
            self,
            Self::WrongState { .. }
                | Self::TooEarly { .. }
                | Self::PhaseOver { .. }
                | Self::NotBetter { .. }
                | Self::WrongRecords { .. }
                | Self::OfferOfPastCycle { .. }
                | Self::SolutionOfPastCycle { .. }
                | Self::NotPacked { .. }
                | Self::NoDeposit { .. }
        )
    }
}

fn of_phases(error: E) -> Refused {
    match error {
        E::NotDeployer(e) => Refused::NotDeployer { caller: e.caller },
        E::WrongState(e) => Refused::WrongState { state: state(e.state) },
        E::TooEarly(e) => Refused::TooEarly { time: e.time.saturating_to(), from: e.from },
        E::PhaseOver(e) => Refused::PhaseOver { time: e.time.saturating_to(), end: e.end },
        E::ZeroParameter(_) => Refused::Rules(Refusal::ZeroParameter),
        E::LengthOutOfRange(e) => Refused::LengthOutOfRange { length: e.length },
        E::InvertedBounds(e) => {
            Refused::InvertedBounds { resource_type: e.resourceType, min_price: e.minPrice, max_price: e.maxPrice }
        }
        E::RecordsTruncated(e) => Refused::RecordsTruncated { size: e.size },
        E::WrongRecords(e) => Refused::WrongRecords { opened: e.opened, chain: e.chain },
        E::NoRecords(_) => Refused::NoRecords,
        other => of_offers(other),
    }
}

fn of_offers(error: E) -> Refused {
    match error {
        E::WrongDeposit(e) => Refused::WrongDeposit { paid: e.paid, deposit: e.deposit.to() },
        E::UnknownOffer(e) => Refused::Rules(Refusal::UnknownOffer { id: e.id }),
        E::OfferOfPastCycle(e) => Refused::OfferOfPastCycle { id: e.id, first_of_cycle: e.firstOfCycle },
        E::OfferOfThisCycle(e) => Refused::OfferOfThisCycle { id: e.id, first_of_cycle: e.firstOfCycle },
        E::NotOwner(e) => Refused::NotOwner { id: e.id, caller: e.caller },
        E::AlreadyPosted(e) => Refused::AlreadyPosted { id: e.id },
        E::NotPosted(e) => Refused::NotPosted { id: e.id },
        E::IsPacked(e) => Refused::IsPacked { id: e.id },
        E::NotPacked(e) => Refused::NotPacked { id: e.id },
        E::UnknownType(e) => {
            Refused::Rules(Refusal::UnknownType { resource_type: e.resourceType, num_types: e.numTypes })
        }
        E::ZeroQuantity(_) => Refused::Rules(Refusal::ZeroQuantity),
        E::QuantityTooLarge(e) => {
            Refused::Rules(Refusal::QuantityTooLarge { quantity: e.quantity, max_quantity: e.maxQuantity })
        }
        E::BadNumberOfAlternatives(e) => {
            Refused::Rules(Refusal::BadNumberOfAlternatives { size: e.size.saturating_to() })
        }
        E::TypesNotAscending(e) => Refused::Rules(Refusal::TypesNotAscending { resource_type: e.resourceType }),
        E::ContentsMismatch(e) => Refused::ContentsMismatch { id: e.id },
        E::NoDeposit(e) => Refused::NoDeposit { id: e.id },
        E::DepositNotAccepted(e) => Refused::DepositNotAccepted { owner: e.owner },
        other => of_solutions(other),
    }
}

fn of_solutions(error: E) -> Refused {
    match error {
        E::UnknownSolution(e) => Refused::UnknownSolution { id: e.id },
        E::SolutionOfPastCycle(e) => Refused::SolutionOfPastCycle { id: e.id, first_of_cycle: e.firstOfCycle },
        E::NotSolver(e) => Refused::NotSolver { id: e.id, caller: e.caller },
        E::NotBetter(e) => Refused::NotBetter { value: e.value, candidate: e.candidate },
        E::WrongObjective(e) => Refused::WrongObjective { claimed: e.claimed, actual: e.actual },
        E::OffersTruncated(e) => Refused::OffersTruncated { size: e.size },
        E::OffersNotAscending(e) => Refused::Rules(Refusal::OffersNotAscending { id: e.id }),
        E::AssignmentsTruncated(e) => Refused::AssignmentsTruncated { size: e.size },
        E::OfferNotListed(e) => Refused::OfferNotListed { assignment: e.assignment, place: e.place },
        E::AlternativeNotListed(e) => Refused::AlternativeNotListed { id: e.id, number: e.number },
        other => of_assignments(other),
    }
}

fn of_assignments(error: E) -> Refused {
    Refused::Rules(match error {
        E::WrongSide(e) => Refusal::WrongSide { id: e.id },
        E::UnlistedType(e) => Refusal::UnlistedType { id: e.id, resource_type: e.resourceType },
        E::PriceBelowOffer(e) => Refusal::PriceBelowOffer { id: e.id, price: e.price, reservation: e.reservation },
        E::PriceAboveOffer(e) => Refusal::PriceAboveOffer { id: e.id, price: e.price, reservation: e.reservation },
        E::PriceOutOfBounds(e) => Refusal::PriceOutOfBounds {
            resource_type: e.resourceType,
            price: e.price,
            min_price: e.minPrice,
            max_price: e.maxPrice,
        },
        E::PairForbidden(e) => {
            Refusal::PairForbidden { resource_type: e.resourceType, provider: e.provider, consumer: e.consumer }
        }
        E::ExceedsOffer(e) => Refusal::ExceedsOffer { id: e.id, used: e.used, precision: e.precision },
        E::ValueOverflow(e) => Refusal::ValueOverflow { value: e.value },
        other => return Refused::Unknown(other.abi_encode().into()),
    })
}

const fn state(number: u8) -> State {
    match number {
        0 => State::Init,
        1 => State::Receive,
        _ => State::Solve,
    }
}

const fn phase(state: State) -> &'static str {
    match state {
        State::Init => "not set up",
        State::Receive => "in its offering phase",
        State::Solve => "in its solving phase",
    }
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolError;

    use super::*;
    use crate::contracts::SolidWorx;

    #[test]
    fn every_error_of_the_contract_is_told_in_words() {
        for selector in E::selectors() {
            let name = E::name_by_selector(selector).unwrap();
            let data = [&selector[..], &[0; 32 * 5]].concat().into();
            let refused = Refused::decode(&data);
            assert!(!matches!(refused, Refused::Unknown(_)), "{name}");
            let told = format!("{refused:?}");
            assert!(told.contains(name), "{name} is told as {told}");
        }
    }

    #[test]
    fn fields_arrive_in_their_places() {
        let error = SolidWorx::PriceBelowOffer { id: 3, price: 5, reservation: 8 };
        let refusal = Refusal::PriceBelowOffer { id: 3, price: 5, reservation: 8 };
        assert_eq!(Refused::decode(&error.abi_encode().into()), Refused::Rules(refusal));
        let error = SolidWorx::TooEarly { time: U256::from(7), from: 9 };
        assert_eq!(
            Refused::decode(&error.abi_encode().into()).to_string(),
            "not yet: the phase ends at 9, and it is 7"
        );
    }
}
