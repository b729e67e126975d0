//! Logs as the rules crate's events.

use alloy::{
    primitives::{LogData, U256},
    sol_types::SolEventInterface,
};
use thiserror::Error;
use transax::{Event, Leg, Mixed, SettledOffer, TransferredAssets};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

use crate::{
    contracts::Transax::{self, TransaxEvents},
    number::{interval, limit},
    params::side,
};

/// A log is not an event of the market's.
#[derive(Debug, Error)]
pub enum UnknownEvent {
    /// Its topics or data are not those of any event.
    #[error("a log is not an event of the market")]
    Undecodable(#[from] alloy::sol_types::Error),
    /// It names a side that does not exist.
    #[error("an event names side {side}, which does not exist")]
    NoSide {
        /// The side it names.
        side: u8,
    },
}

/// Reads a log of the market. `None` for the one event that does not change it, of its signature domain.
pub fn event(log: &LogData) -> Result<Option<Event>, UnknownEvent> {
    let event = match TransaxEvents::decode_raw_log(log.topics(), &log.data)? {
        TransaxEvents::GroupAdded(e) => Event::GroupAdded {
            group: GroupId(e.group),
            internal_limit: limit(e.internalLimit),
            external_limit: limit(e.externalLimit),
        },
        TransaxEvents::SmartMeterRegistered(e) => Event::SmartMeterRegistered {
            meter: e.meter,
            group: GroupId(e.group),
            production_limit: WattHours(e.productionLimit.into()),
            consumption_limit: WattHours(e.consumptionLimit.into()),
        },
        TransaxEvents::SmartMeterMoved(e) => Event::SmartMeterMoved {
            meter: e.meter,
            old_group: GroupId(e.oldGroup),
            group: GroupId(e.group),
            from: interval(e.from),
        },
        TransaxEvents::ProsumerRegistered(e) => {
            Event::ProsumerRegistered { prosumer: e.prosumer, meter: e.meter, owner: OwnerId(e.owner.to()) }
        }
        TransaxEvents::AssetsWithdrawn(e) => Event::AssetsWithdrawn {
            account: e.account,
            side: side(e.side).ok_or(UnknownEvent::NoSide { side: e.side })?,
            first: interval(e.first),
            last: interval(e.last),
            energy: WattHours(e.energy.into()),
        },
        TransaxEvents::CreditsDeposited(e) => {
            Event::CreditsDeposited { account: e.account, amount: Money(e.amount.to()) }
        }
        TransaxEvents::CreditsWithdrawn(e) => {
            Event::CreditsWithdrawn { account: e.account, amount: Money(e.amount.to()) }
        }
        TransaxEvents::OfferPosted(e) => offer_posted(&e)?,
        TransaxEvents::OfferAugmented(e) => Event::OfferAugmented {
            offer: OfferId(e.offer),
            energy_added: WattHours(e.energyAdded.into()),
            end: interval(e.end),
        },
        TransaxEvents::OfferCancelled(e) => Event::OfferCancelled { offer: OfferId(e.offer), end: interval(e.end) },
        TransaxEvents::SolutionPosted(e) => Event::SolutionPosted {
            solver: e.solver,
            value: WattHours(e.value.to()),
            first_interval: interval(e.firstInterval),
            plan: e.plan.into(),
        },
        TransaxEvents::Finalized(e) => Event::Finalized {
            interval: interval(e.interval),
            value: WattHours(e.value.to()),
            root: e.root,
            legs: e.legs.into_iter().map(Leg::from_word).collect(),
        },
        TransaxEvents::Lapsed(e) => Event::Lapsed { interval: interval(e.interval), value: WattHours(e.value.to()) },
        TransaxEvents::Settled(e) => {
            Event::Settled { account: e.account, settled: e.settled.into_iter().map(settled_offer).collect() }
        }
        TransaxEvents::Deposited(e) => Event::Deposited {
            account: e.account,
            meter: e.meter,
            group: GroupId(e.group),
            first: interval(e.first),
            assets: e.assets.into_iter().map(production_and_consumption).collect(),
        },
        TransaxEvents::Mixed(e) => Event::Mixed(mixed(e)?),
        TransaxEvents::Relayed(e) => {
            Event::Relayed { account: e.account, nonce: e.nonce, relay: e.relay, fee: Money(e.fee.to()) }
        }
        TransaxEvents::Transferred(e) => transferred(&e)?,
        TransaxEvents::EIP712DomainChanged(_) => return Ok(None),
    };
    Ok(Some(event))
}

/// A word of `Settled`: a leg's, with the first interval that is not settled in its lowest 24 bits.
fn settled_offer(word: U256) -> SettledOffer {
    let Leg { offer, energy, payment, .. } = Leg::from_word(word.into());
    SettledOffer { offer, until: IntervalIndex(word.wrapping_to::<u32>() & 0x00ff_ffff), energy, payment }
}

fn offer_posted(e: &Transax::OfferPosted) -> Result<Event, UnknownEvent> {
    Ok(Event::OfferPosted {
        offer: OfferId(e.offer),
        account: e.account,
        group: GroupId(e.group),
        side: side(e.side).ok_or(UnknownEvent::NoSide { side: e.side })?,
        energy: WattHours(e.energy.into()),
        price: Price(e.price.to()),
        start: interval(e.start),
        end: interval(e.end),
    })
}

fn mixed(e: Transax::Mixed) -> Result<Mixed, UnknownEvent> {
    Ok(Mixed {
        group: GroupId(e.group),
        side: side(e.side).ok_or(UnknownEvent::NoSide { side: e.side })?,
        first: interval(e.first),
        amounts: e.amounts.into_iter().map(lanes).collect(),
        credits: Money(e.credits.to()),
        fee: Money(e.fee.to()),
        relay: e.relay,
        inputs: e.inputs,
        outputs: e.outputs,
    })
}

fn transferred(e: &Transax::Transferred) -> Result<Event, UnknownEvent> {
    let assets = TransferredAssets {
        group: GroupId(e.group),
        side: side(e.side).ok_or(UnknownEvent::NoSide { side: e.side })?,
        first: interval(e.first),
        last: interval(e.last),
        energy: WattHours(e.energy.into()),
    };
    Ok(Event::Transferred { account: e.account, to: e.to, credits: Money(e.credits.to()), assets })
}

/// Eight amounts of a word, the lowest first.
fn lanes(word: U256) -> [u32; 8] {
    std::array::from_fn(|lane| (word >> (32 * lane)).wrapping_to())
}

fn production_and_consumption(word: u64) -> (WattHours, WattHours) {
    (WattHours(word >> 32), WattHours(word & u64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::{Address, B256, U256},
        sol_types::SolEvent,
    };
    use transax::Side;
    use units::IntervalIndex;

    use super::*;

    #[test]
    fn every_field_of_an_offer_arrives() {
        let account = Address::repeat_byte(9);
        let log = Transax::OfferPosted {
            offer: 7,
            account,
            group: 2,
            side: 1,
            energy: 1234,
            price: U256::from(5678).to(),
            start: U256::from(3).to(),
            end: U256::from(4).to(),
        };
        let posted = Event::OfferPosted {
            offer: OfferId(7),
            account,
            group: GroupId(2),
            side: Side::Buy,
            energy: WattHours(1234),
            price: Price(5678),
            start: IntervalIndex(3),
            end: IntervalIndex(4),
        };
        assert_eq!(event(&log.encode_log_data()).unwrap(), Some(posted));
    }

    #[test]
    fn a_word_of_deposited_assets_is_production_over_consumption() {
        let (account, meter) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let assets = vec![(3 << 32) | 5];
        let log = Transax::Deposited { account, meter, group: 4, first: U256::from(6).to(), assets };
        let assets = vec![(WattHours(3), WattHours(5))];
        let deposited = Event::Deposited { account, meter, group: GroupId(4), first: IntervalIndex(6), assets };
        assert_eq!(event(&log.encode_log_data()).unwrap(), Some(deposited));
    }

    #[test]
    fn the_earliest_interval_stands_lowest() {
        assert_eq!(lanes(U256::from((7_u64 << 32) | 9)), [9, 7, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_group_without_limits_has_none() {
        let log = Transax::GroupAdded { group: 1, internalLimit: 10, externalLimit: u32::MAX };
        let added = Event::GroupAdded { group: GroupId(1), internal_limit: Some(WattHours(10)), external_limit: None };
        assert_eq!(event(&log.encode_log_data()).unwrap(), Some(added));
    }

    #[test]
    fn what_is_no_event_of_the_market_is_an_error() {
        let log = LogData::new_unchecked(vec![B256::repeat_byte(1)], vec![].into());
        assert!(matches!(event(&log), Err(UnknownEvent::Undecodable(_))));
    }
}
