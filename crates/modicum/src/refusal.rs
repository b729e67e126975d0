//! Why a call would be refused, under the names of the contract's errors.

use alloy_primitives::{Address, B256};
use thiserror::Error;

use crate::{Finding, OfferState, Reason, Status};

/// A rule that is broken. The fields are those of the contract's error of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each says what it is; fields are documented at the contract's interface")]
pub enum Refusal {
    #[error("a market needs a penalty rate of at least 1, two verifications, and time to react, judge and run")]
    BadConfig,
    #[error("the amount is zero")]
    ZeroAmount,
    #[error("{account} has {funds} base units in the market and needs {needed}")]
    InsufficientFunds { account: Address, funds: u128, needed: u128 },
    #[error("a service is registered as a mediator or a directory")]
    BadServiceKind,
    #[error("there is no service {service}")]
    UnknownService { service: u32 },
    #[error("service {service} is not {caller}'s")]
    NotServiceOwner { service: u32, caller: Address },
    #[error("service {service} has retired")]
    ServiceGone { service: u32 },
    #[error("the stake of service {service} is held until {release_time}")]
    StakeLocked { service: u32, release_time: u64 },
    #[error("the offer is {offerer}'s, not {caller}'s")]
    NotOfferer { caller: Address, offerer: Address },
    #[error("the offer {offer} exists already; change its nonce")]
    OfferExists { offer: B256 },
    #[error("the offer {offer} is {}", state_words(*.state))]
    OfferUnavailable { offer: B256, state: OfferState },
    #[error("the offer {offer} is neither posted nor signed by whom it names")]
    BadSignature { offer: B256 },
    #[error("the resource offer expired at {expiry}")]
    OfferExpired { expiry: u64 },
    #[error("the provider takes jobs of up to {offered} instructions, and the job may need {needed}")]
    TooFewInstructions { offered: u64, needed: u64 },
    #[error("the provider has {offered} bytes of memory, and the job may need {needed}")]
    TooLittleMemory { offered: u64, needed: u64 },
    #[error("the provider has {offered} bytes of storage, and the job may need {needed}")]
    TooLittleStorage { offered: u64, needed: u64 },
    #[error("the provider transfers up to {offered} bytes, and the job may need {needed}")]
    TooLittleBandwidth { offered: u64, needed: u64 },
    #[error("the provider asks {asked} for 10^9 instructions, and the creator pays at most {most}")]
    InstructionsTooDear { asked: u64, most: u64 },
    #[error("the provider asks {asked} for 2^30 bytes, and the creator pays at most {most}")]
    BandwidthTooDear { asked: u64, most: u64 },
    #[error("the architecture is {offered}, and the job needs {needed}")]
    OtherArchitecture { offered: u8, needed: u8 },
    #[error("instructions are counted by {offered}, and the job is limited by {needed}")]
    OtherMeter { offered: B256, needed: B256 },
    #[error("the base layer {layer} is not among the provider's")]
    BaseLayerUnsupported { layer: B256 },
    #[error("the job could last until {end}, past its deadline {deadline}")]
    TooSlow { end: u128, deadline: u64 },
    #[error("the deadline {deadline} is past {latest}, the latest this market allows")]
    TooLong { deadline: u64, latest: u64 },
    #[error("service {service} is no mediator for hire")]
    NotMediator { service: u32 },
    #[error("service {service} is no directory for hire")]
    NotDirectory { service: u32 },
    #[error("{account} does not trust service {service}")]
    NotTrusted { account: Address, service: u32 },
    #[error("{account} puts up at most {deposit}, and the match needs {needed}")]
    DepositTooSmall { account: Address, deposit: u128, needed: u128 },
    #[error("there is no match {id}, or it has ended")]
    UnknownMatch { id: B256 },
    #[error("the match {id} does not wait for this")]
    WrongPhase { id: B256 },
    #[error("this is not for {caller} to do in match {id}")]
    NotParty { id: B256, caller: Address },
    #[error("this was in time until {until}")]
    TooLate { id: B256, until: u64 },
    #[error("this is to wait until after {until}")]
    TooEarly { id: B256, until: u64 },
    #[error("a provider cannot report {status:?}")]
    NotReportable { status: Status },
    #[error("{reason:?} is no reason to reject {status:?}")]
    NotRejectable { status: Status, reason: Reason },
    #[error("{finding:?} is no answer to {reason:?}")]
    NoAnswer { reason: Reason, finding: Finding },
    #[error("the mediator may spend {most}, not {spent}")]
    SpentTooMuch { spent: u128, most: u128 },
}

impl Refusal {
    /// Whether somebody else was merely quicker.
    pub const fn is_race(&self) -> bool {
        matches!(self, Self::OfferUnavailable { .. } | Self::UnknownMatch { .. } | Self::WrongPhase { .. })
    }
}

const fn state_words(state: OfferState) -> &'static str {
    match state {
        OfferState::Unknown => "unknown",
        OfferState::Open => "open",
        OfferState::Matched => "matched already",
        OfferState::Closed => "closed",
    }
}
