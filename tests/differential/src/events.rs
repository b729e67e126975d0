//! The contract's logs as the twin's events.

use alloy_primitives::{Log, U256};
use alloy_sol_types::SolEventInterface;
use transax::{Event, GroupLimits, Leg, Mixed, SettledOffer, Side, TransferredAssets};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

use crate::contract::Transax::TransaxEvents as Logged;

pub fn decode(log: &Log) -> Event {
    match Logged::decode_log(log).expect("an event of the interface").data {
        Logged::GroupAdded(e) => {
            let limits = limits(e.internalLimit, e.externalLimit);
            let (internal_limit, external_limit) = (limits.internal, limits.external);
            Event::GroupAdded { group: GroupId(e.group), internal_limit, external_limit }
        }
        Logged::SmartMeterRegistered(e) => Event::SmartMeterRegistered {
            meter: e.meter,
            group: GroupId(e.group),
            production_limit: WattHours(e.productionLimit.into()),
            consumption_limit: WattHours(e.consumptionLimit.into()),
        },
        Logged::SmartMeterMoved(e) => Event::SmartMeterMoved {
            meter: e.meter,
            old_group: GroupId(e.oldGroup),
            group: GroupId(e.group),
            from: IntervalIndex(e.from.to()),
        },
        Logged::ProsumerRegistered(e) => {
            Event::ProsumerRegistered { prosumer: e.prosumer, meter: e.meter, owner: OwnerId(e.owner.to()) }
        }
        Logged::AssetsWithdrawn(e) => Event::AssetsWithdrawn {
            account: e.account,
            side: side(e.side),
            first: IntervalIndex(e.first.to()),
            last: IntervalIndex(e.last.to()),
            energy: WattHours(e.energy.into()),
        },
        Logged::CreditsDeposited(e) => Event::CreditsDeposited { account: e.account, amount: Money(e.amount.to()) },
        Logged::CreditsWithdrawn(e) => Event::CreditsWithdrawn { account: e.account, amount: Money(e.amount.to()) },
        Logged::OfferPosted(e) => Event::OfferPosted {
            offer: OfferId(e.offer),
            account: e.account,
            group: GroupId(e.group),
            side: side(e.side),
            energy: WattHours(e.energy.into()),
            price: Price(e.price.to()),
            start: IntervalIndex(e.start.to()),
            end: IntervalIndex(e.end.to()),
        },
        Logged::OfferAugmented(e) => Event::OfferAugmented {
            offer: OfferId(e.offer),
            energy_added: WattHours(e.energyAdded.into()),
            end: IntervalIndex(e.end.to()),
        },
        Logged::OfferCancelled(e) => Event::OfferCancelled { offer: OfferId(e.offer), end: IntervalIndex(e.end.to()) },
        Logged::SolutionPosted(e) => Event::SolutionPosted {
            solver: e.solver,
            value: WattHours(e.value.to()),
            first_interval: IntervalIndex(e.firstInterval.to()),
            plan: e.plan.to_vec(),
        },
        Logged::Finalized(e) => Event::Finalized {
            interval: IntervalIndex(e.interval.to()),
            value: WattHours(e.value.to()),
            root: e.root,
            legs: e.legs.into_iter().map(Leg::from_word).collect(),
        },
        Logged::Lapsed(e) => Event::Lapsed { interval: IntervalIndex(e.interval.to()), value: WattHours(e.value.to()) },
        Logged::Settled(e) => {
            Event::Settled { account: e.account, settled: e.settled.into_iter().map(settled).collect() }
        }
        Logged::Deposited(e) => Event::Deposited {
            account: e.account,
            meter: e.meter,
            group: GroupId(e.group),
            first: IntervalIndex(e.first.to()),
            assets: e.assets.iter().map(|pair| (WattHours(pair >> 32), WattHours(pair & 0xffff_ffff))).collect(),
        },
        Logged::Mixed(e) => Event::Mixed(Mixed {
            group: GroupId(e.group),
            side: side(e.side),
            first: IntervalIndex(e.first.to()),
            amounts: e.amounts.iter().map(|word| std::array::from_fn(|i| (*word >> (32 * i)).wrapping_to())).collect(),
            credits: Money(e.credits.to()),
            fee: Money(e.fee.to()),
            relay: e.relay,
            inputs: e.inputs,
            outputs: e.outputs,
        }),
        Logged::Relayed(e) => {
            Event::Relayed { account: e.account, nonce: e.nonce, relay: e.relay, fee: Money(e.fee.to()) }
        }
        Logged::Transferred(e) => Event::Transferred {
            account: e.account,
            to: e.to,
            credits: Money(e.credits.to()),
            assets: TransferredAssets {
                group: GroupId(e.group),
                side: side(e.side),
                first: IntervalIndex(e.first.to()),
                last: IntervalIndex(e.last.to()),
                energy: WattHours(e.energy.into()),
            },
        },
        other @ Logged::EIP712DomainChanged(_) => panic!("nothing of it ever changes: {other:?}"),
    }
}

/// Offer, energy and payment stand as in a leg word, the interval in the lowest bits.
fn settled(word: U256) -> SettledOffer {
    let leg = Leg::from_word(word.into());
    let until = IntervalIndex((word & U256::from(0xff_ffff)).to());
    SettledOffer { offer: leg.offer, until, energy: leg.energy, payment: leg.payment }
}

pub fn limits(internal: u32, external: u32) -> GroupLimits {
    let limit = |limit: u32| (limit != u32::MAX).then_some(WattHours(limit.into()));
    GroupLimits { internal: limit(internal), external: limit(external) }
}

fn side(number: u8) -> Side {
    if number == 0 { Side::Sell } else { Side::Buy }
}
