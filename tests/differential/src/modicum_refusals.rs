//! The twin's refusals of `Modicum` as the contract's errors, byte by byte.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use modicum::{OfferState, Refusal as R};

use crate::{contract::Modicum as M, modicum_words::wide};

pub fn encode(refusal: R) -> Vec<u8> {
    match refusal {
        R::BadConfig => M::BadConfig {}.abi_encode(),
        R::ZeroAmount => M::ZeroAmount {}.abi_encode(),
        R::InsufficientFunds { account, funds, needed } => {
            M::InsufficientFunds { account, funds: U256::from(funds), needed: U256::from(needed) }.abi_encode()
        }
        R::UnknownService { service } => M::UnknownService { service }.abi_encode(),
        R::NotServiceOwner { service, caller } => M::NotServiceOwner { service, caller }.abi_encode(),
        R::ServiceGone { service } => M::ServiceGone { service }.abi_encode(),
        R::StakeLocked { service, release_time } => {
            M::StakeLocked { service, releaseTime: wide!(release_time) }.abi_encode()
        }
        R::NotOfferer { caller, offerer } => M::NotOfferer { caller, offerer }.abi_encode(),
        R::OfferExists { offer } => M::OfferExists { offer }.abi_encode(),
        R::OfferUnavailable { offer, state } => M::OfferUnavailable { offer, state: number(state) }.abi_encode(),
        R::BadSignature { offer } => M::BadSignature { offer }.abi_encode(),
        R::NotMediator { service } => M::NotMediator { service }.abi_encode(),
        R::NotDirectory { service } => M::NotDirectory { service }.abi_encode(),
        R::NotTrusted { account, service } => M::NotTrusted { account, service }.abi_encode(),
        R::DepositTooSmall { account, deposit, needed } => {
            M::DepositTooSmall { account, deposit: wide!(deposit), needed: U256::from(needed) }.abi_encode()
        }
        other => rule(other),
    }
}

fn rule(refusal: R) -> Vec<u8> {
    match refusal {
        R::OfferExpired { expiry } => M::OfferExpired { expiry: wide!(expiry) }.abi_encode(),
        R::TooFewInstructions { offered, needed } => M::TooFewInstructions { offered, needed }.abi_encode(),
        R::TooLittleMemory { offered, needed } => M::TooLittleMemory { offered, needed }.abi_encode(),
        R::TooLittleStorage { offered, needed } => M::TooLittleStorage { offered, needed }.abi_encode(),
        R::TooLittleBandwidth { offered, needed } => M::TooLittleBandwidth { offered, needed }.abi_encode(),
        R::InstructionsTooDear { asked, most } => M::InstructionsTooDear { asked, most }.abi_encode(),
        R::BandwidthTooDear { asked, most } => M::BandwidthTooDear { asked, most }.abi_encode(),
        R::OtherArchitecture { offered, needed } => M::OtherArchitecture { offered, needed }.abi_encode(),
        R::OtherMeter { offered, needed } => M::OtherMeter { offered, needed }.abi_encode(),
        R::BaseLayerUnsupported { layer } => M::BaseLayerUnsupported { layer }.abi_encode(),
        R::TooSlow { end, deadline } => M::TooSlow { end: U256::from(end), deadline: wide!(deadline) }.abi_encode(),
        R::TooLong { deadline, latest } => {
            M::TooLong { deadline: wide!(deadline), latest: U256::from(latest) }.abi_encode()
        }
        other => life(other),
    }
}

fn life(refusal: R) -> Vec<u8> {
    match refusal {
        R::UnknownMatch { id } => M::UnknownMatch { id }.abi_encode(),
        R::WrongPhase { id } => M::WrongPhase { id }.abi_encode(),
        R::NotParty { id, caller } => M::NotParty { id, caller }.abi_encode(),
        R::TooLate { id, until } => M::TooLate { id, until: wide!(until) }.abi_encode(),
        R::TooEarly { id, until } => M::TooEarly { id, until: wide!(until) }.abi_encode(),
        R::NotReportable { status } => M::NotReportable { status: status.number() }.abi_encode(),
        R::NotRejectable { status, reason } => {
            M::NotRejectable { status: status.number(), reason: reason.number() }.abi_encode()
        }
        R::NoAnswer { reason, finding } => {
            M::NoAnswer { reason: reason.number(), finding: finding.number() }.abi_encode()
        }
        R::SpentTooMuch { spent, most } => M::SpentTooMuch { spent: wide!(spent), most: U256::from(most) }.abi_encode(),
        other => panic!("the contract has no such error: {other:?}"),
    }
}

pub const fn number(state: OfferState) -> u8 {
    match state {
        OfferState::Unknown => 0,
        OfferState::Open => 1,
        OfferState::Matched => 2,
        OfferState::Closed => 3,
    }
}
