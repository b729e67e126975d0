//! Reverts as the rules crate's refusals.

use alloy::sol_types::SolInterface;
use transax::Refusal;
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::{
    contracts::Transax::TransaxErrors as E,
    number::{energy, interval},
    revert::{self, Rules},
};

/// Who refused, and why.
pub type Refused = revert::Refused<Refusal>;

impl Rules for Refusal {
    fn decode(data: &[u8]) -> Option<Self> {
        E::abi_decode(data).ok().and_then(of_setting_up)
    }

    fn is_race(&self) -> bool {
        self.is_race()
    }
}

fn of_setting_up(error: E) -> Option<Refusal> {
    Some(match error {
        E::BadConfig(_) => Refusal::BadConfig,
        E::NotDso(e) => Refusal::NotDso { caller: e.caller },
        E::TooManyGroups(e) => Refusal::TooManyGroups { groups: e.groups },
        E::UnknownGroup(e) => Refusal::UnknownGroup { group: GroupId(e.group) },
        E::MeterExists(e) => Refusal::MeterExists { meter: e.meter },
        E::UnknownMeter(e) => Refusal::UnknownMeter { meter: e.meter },
        E::MeterTaken(e) => Refusal::MeterTaken { meter: e.meter, prosumer: e.prosumer },
        E::AlreadyRegistered(e) => Refusal::AlreadyRegistered { account: e.account },
        E::BadCertificate(e) => Refusal::BadCertificate { prosumer: e.prosumer, meter: e.meter },
        E::UnknownAccount(e) => Refusal::UnknownAccount { account: e.account },
        E::LimitsTooLarge(e) => Refusal::LimitsTooLarge { meter: e.meter },
        E::SameGroup(e) => Refusal::SameGroup { meter: e.meter, group: GroupId(e.group) },
        E::MovePending(e) => Refusal::MovePending { meter: e.meter, from: interval(e.from) },
        E::WithinOfferHorizon(e) => Refusal::WithinOfferHorizon { from: interval(e.from), last: interval(e.last) },
        E::CrossesMove(e) => Refusal::CrossesMove { from: interval(e.from) },
        E::ZeroEnergy(_) => Refusal::ZeroEnergy,
        E::ZeroAmount(_) => Refusal::ZeroAmount,
        E::InvertedRange(e) => Refusal::InvertedRange { first: interval(e.first), last: interval(e.last) },
        E::IntervalFinal(e) => {
            Refusal::IntervalFinal { interval: interval(e.interval), next_interval: interval(e.nextInterval) }
        }
        E::BeyondHorizon(e) => Refusal::BeyondHorizon { interval: interval(e.interval), last: interval(e.last) },
        E::OverLimit(e) => Refusal::OverLimit {
            interval: interval(e.interval),
            wanted: energy(e.wanted),
            limit: WattHours(e.limit.into()),
        },
        E::InsufficientAssets(e) => Refusal::InsufficientAssets {
            interval: interval(e.interval),
            free: WattHours(e.free.into()),
            needed: WattHours(e.needed.into()),
        },
        E::InsufficientCredits(e) => {
            Refusal::InsufficientCredits { credits: Money(e.credits.to()), needed: Money(e.needed.to()) }
        }
        other => return of_an_offer(other),
    })
}

fn of_an_offer(error: E) -> Option<Refusal> {
    Some(match error {
        E::UnknownOffer(e) => Refusal::UnknownOffer { offer: OfferId(e.offer) },
        E::NotOwner(e) => Refusal::NotOwner { offer: OfferId(e.offer), account: e.account },
        E::OfferClosed(e) => Refusal::OfferClosed { offer: OfferId(e.offer) },
        E::SettleFirst(e) => Refusal::SettleFirst { offer: OfferId(e.offer), from: interval(e.from) },
        E::NothingToAdd(e) => Refusal::NothingToAdd { offer: OfferId(e.offer) },
        E::EnergyOverflow(e) => Refusal::EnergyOverflow { offer: OfferId(e.offer) },
        E::WithinPlanHorizon(e) => Refusal::WithinPlanHorizon { offer: OfferId(e.offer), end: interval(e.end) },
        other => return of_a_plan(other),
    })
}

fn of_a_plan(error: E) -> Option<Refusal> {
    Some(match error {
        E::IntervalFrozen(e) => Refusal::IntervalFrozen { interval: interval(e.interval) },
        E::NotBetter(e) => {
            Refusal::NotBetter { value: WattHours(e.value.to()), candidate: WattHours(e.candidate.to()) }
        }
        E::PlanTruncated(e) => Refusal::PlanTruncated { size: e.size.saturating_to() },
        E::TrailingBytes(e) => Refusal::TrailingBytes { size: e.size.saturating_to() },
        E::OffersNotAscending(e) => Refusal::OffersNotAscending { offer: OfferId(e.offer) },
        E::IntervalsNotAscending(e) => Refusal::IntervalsNotAscending { interval: interval(e.interval) },
        E::EmptyBlock(e) => Refusal::EmptyBlock { interval: interval(e.interval) },
        E::TooManyLegs(e) => Refusal::TooManyLegs { interval: interval(e.interval), legs: e.legs.saturating_to() },
        E::TradesNotAscending(e) => {
            Refusal::TradesNotAscending { interval: interval(e.interval), trade: e.trade.saturating_to() }
        }
        E::OfferNotListed(e) => {
            Refusal::OfferNotListed { interval: interval(e.interval), trade: e.trade.saturating_to() }
        }
        E::ZeroTrade(e) => Refusal::ZeroTrade { interval: interval(e.interval), trade: e.trade.saturating_to() },
        E::WrongSide(e) => Refusal::WrongSide { interval: interval(e.interval), trade: e.trade.saturating_to() },
        E::PriceConflict(e) => Refusal::PriceConflict { seller: OfferId(e.seller), buyer: OfferId(e.buyer) },
        E::OutsideOffer(e) => Refusal::OutsideOffer { offer: OfferId(e.offer), interval: interval(e.interval) },
        E::ExceedsOffer(e) => Refusal::ExceedsOffer { offer: OfferId(e.offer), interval: interval(e.interval) },
        E::InternalLimitExceeded(e) => Refusal::InternalLimitExceeded {
            group: GroupId(e.group),
            interval: interval(e.interval),
            energy: energy(e.energy),
        },
        E::ExternalLimitExceeded(e) => Refusal::ExternalLimitExceeded {
            group: GroupId(e.group),
            interval: interval(e.interval),
            net: energy(e.net),
        },
        E::NoUniformPrice(e) => Refusal::NoUniformPrice {
            interval: interval(e.interval),
            highest_sell: Price(e.highestSell.to()),
            lowest_buy: Price(e.lowestBuy.to()),
        },
        E::WrongObjective(e) => {
            Refusal::WrongObjective { claimed: WattHours(e.claimed.to()), actual: energy(e.actual) }
        }
        E::WeakensNextInterval(e) => Refusal::WeakensNextInterval {
            interval: interval(e.interval),
            planned: WattHours(e.planned.to()),
            candidate: WattHours(e.candidate.to()),
        },
        other => return of_finality(other),
    })
}

fn of_finality(error: E) -> Option<Refusal> {
    Some(match error {
        E::TooEarly(e) => Refusal::TooEarly { interval: interval(e.interval), time: e.time.saturating_to() },
        E::WrongLink(e) => Refusal::WrongLink { interval: interval(e.interval) },
        E::LegsMismatch(e) => Refusal::LegsMismatch { interval: interval(e.interval) },
        E::CandidateLapsed(e) => Refusal::CandidateLapsed { interval: interval(e.interval) },
        E::NotFinal(e) => Refusal::NotFinal { interval: interval(e.interval), next_interval: interval(e.nextInterval) },
        E::AlreadySettled(e) => Refusal::AlreadySettled { offer: OfferId(e.offer), next: interval(e.next) },
        E::BadEvidence(e) => Refusal::BadEvidence { offer: OfferId(e.offer), interval: interval(e.interval) },
        E::UnusedEvidence(e) => Refusal::UnusedEvidence { offer: OfferId(e.offer) },
        E::NoMeter(e) => Refusal::NoMeter { account: e.account },
        other => return of_what_is_signed(other),
    })
}

fn of_what_is_signed(error: E) -> Option<Refusal> {
    Some(match error {
        E::Expired(e) => Refusal::Expired { deadline: e.deadline },
        E::WrongNonce(e) => Refusal::WrongNonce { account: e.account, expected: e.expected, given: e.given },
        E::BadSignature(e) => Refusal::BadSignature { account: e.account },
        E::CrowdTooSmall(e) => Refusal::CrowdTooSmall { inputs: e.inputs.saturating_to() },
        E::UnevenMix(e) => Refusal::UnevenMix {
            inputs: e.inputs.saturating_to(),
            nonces: e.nonces.saturating_to(),
            outputs: e.outputs.saturating_to(),
            signatures: e.signatures.saturating_to(),
        },
        E::InputsNotAscending(e) => Refusal::InputsNotAscending { input: e.input },
        E::OutputsNotAscending(e) => Refusal::OutputsNotAscending { output: e.output },
        E::OutputIsInput(e) => Refusal::OutputIsInput { account: e.account },
        E::MisalignedInterval(e) => Refusal::MisalignedInterval { interval: interval(e.interval) },
        E::NothingToMove(_) => Refusal::NothingToMove,
        E::MixLacksAssets(e) => Refusal::MixLacksAssets {
            input: e.input,
            interval: IntervalIndex(e.interval.saturating_to()),
            free: WattHours(e.free.into()),
            needed: WattHours(e.needed.into()),
        },
        E::MixLacksCredits(e) => Refusal::MixLacksCredits {
            input: e.input,
            credits: Money(e.credits.to()),
            needed: Money(e.needed.saturating_to()),
        },
        E::ZeroAddress(_) => Refusal::ZeroAddress,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use alloy::{primitives::U256, sol_types::SolError};

    use super::*;
    use crate::contracts::Transax;

    /// Errors of the libraries that the market stands on; its own code keeps them from ever being met.
    const LIBRARIES: [&str; 5] =
        ["InvalidShortString", "StringTooLong", "SafeERC20FailedOperation", "LaneOverflow", "LaneUnderflow"];

    #[test]
    fn every_error_of_the_market_is_a_refusal() {
        for selector in E::selectors() {
            let name = E::name_by_selector(selector).unwrap();
            let data = [&selector[..], &[0; 32 * 5]].concat().into();
            assert_eq!(Refused::decode(&data).market().is_none(), LIBRARIES.contains(&name), "{name}");
        }
    }

    #[test]
    fn fields_arrive_in_their_places() {
        let error = Transax::OverLimit { interval: U256::from(7).to(), wanted: U256::MAX, limit: 3 };
        let refusal =
            Refusal::OverLimit { interval: IntervalIndex(7), wanted: WattHours(u64::MAX), limit: WattHours(3) };
        assert_eq!(Refused::decode(&error.abi_encode().into()), Refused::Market(refusal));
    }
}
