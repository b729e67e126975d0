//! Reverts in words, under the names of the contract's errors.

use alloy::sol_types::SolInterface;
use modicum::{Finding, OfferState, Reason, Refusal, Status};

use super::words::{money, seconds};
use crate::{
    contracts::Modicum::ModicumErrors as E,
    revert::{self, Rules},
};

/// Who refused, and why.
pub type Refused = revert::Refused<Refusal>;

impl Rules for Refusal {
    fn decode(data: &[u8]) -> Option<Self> {
        E::abi_decode(data).ok().and_then(of_the_market)
    }

    fn is_race(&self) -> bool {
        self.is_race() || matches!(self, Self::TooEarly { .. })
    }
}

fn of_the_market(error: E) -> Option<Refusal> {
    Some(match error {
        E::BadConfig(_) => Refusal::BadConfig,
        E::ZeroAmount(_) => Refusal::ZeroAmount,
        E::InsufficientFunds(e) => {
            Refusal::InsufficientFunds { account: e.account, funds: money(e.funds), needed: money(e.needed) }
        }
        E::BadServiceKind(_) => Refusal::BadServiceKind,
        E::UnknownService(e) => Refusal::UnknownService { service: e.service },
        E::NotServiceOwner(e) => Refusal::NotServiceOwner { service: e.service, caller: e.caller },
        E::ServiceGone(e) => Refusal::ServiceGone { service: e.service },
        E::StakeLocked(e) => Refusal::StakeLocked { service: e.service, release_time: seconds(e.releaseTime) },
        E::NotOfferer(e) => Refusal::NotOfferer { caller: e.caller, offerer: e.offerer },
        E::OfferExists(e) => Refusal::OfferExists { offer: e.offer },
        E::OfferUnavailable(e) => Refusal::OfferUnavailable { offer: e.offer, state: state(e.state) },
        E::BadSignature(e) => Refusal::BadSignature { offer: e.offer },
        E::DepositTooSmall(e) => {
            Refusal::DepositTooSmall { account: e.account, deposit: e.deposit.to(), needed: money(e.needed) }
        }
        other => return of_the_match_rule(&other),
    })
}

fn of_the_match_rule(error: &E) -> Option<Refusal> {
    Some(match error {
        E::OfferExpired(e) => Refusal::OfferExpired { expiry: seconds(e.expiry) },
        E::TooFewInstructions(e) => Refusal::TooFewInstructions { offered: e.offered, needed: e.needed },
        E::TooLittleMemory(e) => Refusal::TooLittleMemory { offered: e.offered, needed: e.needed },
        E::TooLittleStorage(e) => Refusal::TooLittleStorage { offered: e.offered, needed: e.needed },
        E::TooLittleBandwidth(e) => Refusal::TooLittleBandwidth { offered: e.offered, needed: e.needed },
        E::InstructionsTooDear(e) => Refusal::InstructionsTooDear { asked: e.asked, most: e.most },
        E::BandwidthTooDear(e) => Refusal::BandwidthTooDear { asked: e.asked, most: e.most },
        E::OtherArchitecture(e) => Refusal::OtherArchitecture { offered: e.offered, needed: e.needed },
        E::OtherMeter(e) => Refusal::OtherMeter { offered: e.offered, needed: e.needed },
        E::BaseLayerUnsupported(e) => Refusal::BaseLayerUnsupported { layer: e.layer },
        E::TooSlow(e) => Refusal::TooSlow { end: money(e.end), deadline: seconds(e.deadline) },
        E::TooLong(e) => Refusal::TooLong { deadline: seconds(e.deadline), latest: e.latest.saturating_to() },
        E::NotMediator(e) => Refusal::NotMediator { service: e.service },
        E::NotDirectory(e) => Refusal::NotDirectory { service: e.service },
        E::NotTrusted(e) => Refusal::NotTrusted { account: e.account, service: e.service },
        other => return of_a_match(other),
    })
}

fn of_a_match(error: &E) -> Option<Refusal> {
    let status = |number| Status::from_number(number).unwrap_or_default();
    let reason = |number| Reason::from_number(number).unwrap_or_default();
    let finding = |number| Finding::from_number(number).unwrap_or(Finding::ResultsAgree);
    Some(match error {
        E::UnknownMatch(e) => Refusal::UnknownMatch { id: e.id },
        E::WrongPhase(e) => Refusal::WrongPhase { id: e.id },
        E::NotParty(e) => Refusal::NotParty { id: e.id, caller: e.caller },
        E::TooLate(e) => Refusal::TooLate { id: e.id, until: seconds(e.until) },
        E::TooEarly(e) => Refusal::TooEarly { id: e.id, until: seconds(e.until) },
        E::NotReportable(e) => Refusal::NotReportable { status: status(e.status) },
        E::NotRejectable(e) => Refusal::NotRejectable { status: status(e.status), reason: reason(e.reason) },
        E::NoAnswer(e) => Refusal::NoAnswer { reason: reason(e.reason), finding: finding(e.finding) },
        E::SpentTooMuch(e) => Refusal::SpentTooMuch { spent: e.spent.to(), most: money(e.most) },
        _ => return None,
    })
}

const fn state(number: u8) -> OfferState {
    match number {
        0 => OfferState::Unknown,
        1 => OfferState::Open,
        2 => OfferState::Matched,
        _ => OfferState::Closed,
    }
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolError;

    use super::*;
    use crate::contracts::Modicum;

    /// Errors of the libraries that the contract is built with.
    const FOREIGN: [&str; 3] = ["InvalidShortString", "StringTooLong", "SafeERC20FailedOperation"];

    #[test]
    fn every_error_of_the_contract_is_told_in_words() {
        for selector in E::selectors() {
            let name = E::name_by_selector(selector).unwrap();
            let data = [&selector[..], &[0; 32 * 4]].concat().into();
            let refused = Refused::decode(&data);
            if FOREIGN.contains(&name) {
                continue;
            }
            let Refused::Market(refusal) = refused else { panic!("{name} is not told: {refused:?}") };
            assert!(format!("{refusal:?}").starts_with(name), "{name} is told as {refusal:?}");
        }
    }

    #[test]
    fn fields_arrive_in_their_places() {
        let error = Modicum::InstructionsTooDear { asked: 5, most: 3 };
        let refused = Refused::decode(&error.abi_encode().into());
        assert_eq!(refused, Refused::Market(Refusal::InstructionsTooDear { asked: 5, most: 3 }));
        assert!(!refused.is_race());
    }
}
