//! One call, as the contract's call data and as the twin's method.

use alloy_primitives::{Address, B256, Bytes, aliases::U24};
use alloy_primitives::{Uint, aliases::U40, aliases::U48, aliases::U96};
use alloy_sol_types::SolCall;
use transax::{Event, GroupLimits, Link, Market, Refusal, Settlement, Side};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::contract::Transax;
use crate::signed::{SignedCall, SignedMix};

#[derive(Clone, Debug)]
pub enum Call {
    AddGroup(GroupLimits),
    RegisterSmartMeter {
        meter: Address,
        group: GroupId,
        production_limit: WattHours,
        consumption_limit: WattHours,
    },
    MoveSmartMeter {
        meter: Address,
        group: GroupId,
        from: IntervalIndex,
    },
    RegisterProsumer {
        meter: Address,
        certificate: Bytes,
        is_certified: bool,
    },
    WithdrawAssets {
        side: Side,
        first: IntervalIndex,
        last: IntervalIndex,
        energy: WattHours,
    },
    DepositCredits(Money),
    WithdrawCredits(Money),
    PostOffer {
        side: Side,
        energy: WattHours,
        price: Price,
        start: IntervalIndex,
        end: IntervalIndex,
    },
    AugmentOffer {
        offer: OfferId,
        energy_added: WattHours,
        end: IntervalIndex,
    },
    CancelOffer(OfferId),
    PostSolution {
        value: WattHours,
        plan: Vec<u8>,
    },
    Finalize {
        links: Vec<Link>,
        legs: Vec<B256>,
    },
    Settle {
        account: Address,
        settlements: Vec<Settlement>,
    },
    Deposit {
        account: Address,
        group: GroupId,
        settlements: Vec<Settlement>,
        first: IntervalIndex,
        last: IntervalIndex,
    },
    Mix(SignedMix),
    PostOfferBySig(SignedCall),
    CancelOfferBySig(SignedCall),
    DepositBySig(SignedCall),
    TransferBySig(SignedCall),
}

impl Call {
    /// What the twin says to it.
    pub fn check(&self, market: &Market, caller: Address, now: u64) -> Result<Vec<Event>, Refusal> {
        match self {
            Self::AddGroup(limits) => market.add_group(caller, *limits),
            Self::RegisterSmartMeter { meter, group, production_limit, consumption_limit } => {
                market.register_smart_meter(caller, *meter, *group, *production_limit, *consumption_limit)
            }
            Self::MoveSmartMeter { meter, group, from } => market.move_smart_meter(caller, now, *meter, *group, *from),
            Self::RegisterProsumer { meter, is_certified, .. } => {
                market.register_prosumer(caller, *meter, *is_certified)
            }
            Self::WithdrawAssets { side, first, last, energy } => {
                market.withdraw_assets(caller, now, *side, *first, *last, *energy)
            }
            Self::DepositCredits(amount) => market.deposit_credits(caller, *amount),
            Self::WithdrawCredits(amount) => market.withdraw_credits(caller, *amount),
            Self::PostOffer { side, energy, price, start, end } => {
                market.post_offer(caller, now, *side, *energy, *price, *start, *end)
            }
            Self::AugmentOffer { offer, energy_added, end } => {
                market.augment_offer(caller, now, *offer, *energy_added, *end)
            }
            Self::CancelOffer(offer) => market.cancel_offer(caller, now, *offer),
            Self::PostSolution { value, plan } => market.post_solution(caller, now, *value, plan),
            Self::Finalize { links, legs } => market.finalize(now, links, legs),
            Self::Settle { account, settlements } => market.settle(*account, now, settlements),
            Self::Deposit { account, group, settlements, first, last } => {
                market.deposit(*account, now, *group, settlements, *first, *last)
            }
            Self::Mix(mix) => market.mix(caller, now, &mix.joint, &mix.signed),
            Self::PostOfferBySig(call)
            | Self::CancelOfferBySig(call)
            | Self::DepositBySig(call)
            | Self::TransferBySig(call) => call.check(market, caller, now),
        }
    }

    /// Its call data.
    pub fn encode(&self) -> Bytes {
        let data = match self.clone() {
            Self::AddGroup(limits) => Transax::addGroupCall {
                internalLimit: limits.internal.map_or(u32::MAX, energy32),
                externalLimit: limits.external.map_or(u32::MAX, energy32),
            }
            .abi_encode(),
            Self::RegisterSmartMeter { meter, group, production_limit, consumption_limit } => {
                Transax::registerSmartMeterCall {
                    meter,
                    group: group.0,
                    productionLimit: energy32(production_limit),
                    consumptionLimit: energy32(consumption_limit),
                }
                .abi_encode()
            }
            Self::MoveSmartMeter { meter, group, from } => {
                Transax::moveSmartMeterCall { meter, group: group.0, from: index(from) }.abi_encode()
            }
            Self::RegisterProsumer { meter, certificate, .. } => {
                Transax::registerProsumerCall { meter, certificate }.abi_encode()
            }
            Self::WithdrawAssets { side, first, last, energy } => Transax::withdrawAssetsCall {
                side: side8(side),
                first: index(first),
                last: index(last),
                energy: energy32(energy),
            }
            .abi_encode(),
            Self::DepositCredits(amount) => Transax::depositCreditsCall { amount: amount96(amount) }.abi_encode(),
            Self::WithdrawCredits(amount) => Transax::withdrawCreditsCall { amount: amount96(amount) }.abi_encode(),
            Self::PostOffer { side, energy, price, start, end } => Transax::postOfferCall {
                side: side8(side),
                energy: energy32(energy),
                price: U40::from(price.0),
                start: index(start),
                end: index(end),
            }
            .abi_encode(),
            Self::AugmentOffer { offer, energy_added, end } => {
                Transax::augmentOfferCall { offer: offer.0, energyAdded: energy32(energy_added), end: index(end) }
                    .abi_encode()
            }
            Self::CancelOffer(offer) => Transax::cancelOfferCall { offer: offer.0 }.abi_encode(),
            Self::PostSolution { value, plan } => {
                Transax::postSolutionCall { value: U48::from(value.0), plan: plan.into() }.abi_encode()
            }
            Self::Finalize { links, legs } => {
                Transax::finalizeCall { links: links.into_iter().map(link).collect(), legs }.abi_encode()
            }
            Self::Settle { account, settlements } => {
                Transax::settleCall { account, settlements: settlements.into_iter().map(settlement).collect() }
                    .abi_encode()
            }
            Self::Deposit { account, group, settlements, first, last } => Transax::depositCall {
                account,
                group: group.0,
                settlements: settlements.into_iter().map(settlement).collect(),
                first: index(first),
                last: index(last),
            }
            .abi_encode(),
            Self::Mix(mix) => mix.encode(),
            Self::PostOfferBySig(call)
            | Self::CancelOfferBySig(call)
            | Self::DepositBySig(call)
            | Self::TransferBySig(call) => call.encode(),
        };
        data.into()
    }

    /// The number that the contract must return with these events; `None` where it returns nothing.
    pub fn returned(events: &[Event]) -> Option<u64> {
        events.iter().find_map(|event| match event {
            Event::GroupAdded { group, .. } => Some(group.0.into()),
            Event::OfferPosted { offer, .. } => Some(offer.0.into()),
            Event::SolutionPosted { value, .. } => Some(value.0),
            _ => None,
        })
    }
}

pub fn index(interval: IntervalIndex) -> U24 {
    U24::from(interval.0)
}

pub fn side8(side: Side) -> u8 {
    u8::from(side == Side::Buy)
}

pub fn energy32(energy: WattHours) -> u32 {
    energy.0.try_into().expect("generated within 32 bits")
}

pub fn amount96(amount: Money) -> U96 {
    Uint::from(amount.0)
}

fn link(link: Link) -> Transax::Link {
    Transax::Link {
        legsHash: link.legs_hash,
        rest: link.rest,
        nextInterval: index(link.next_interval),
        nextValue: U48::from(link.next_value.0),
    }
}

fn settlement(settlement: Settlement) -> Transax::Settlement {
    let evidence = settlement.evidence.into_iter();
    Transax::Settlement {
        offer: settlement.offer.0,
        until: index(settlement.until),
        evidence: evidence
            .map(|evidence| Transax::Evidence {
                previous: evidence.previous.0,
                leg: evidence.leg,
                proof: evidence.proof,
            })
            .collect(),
    }
}
