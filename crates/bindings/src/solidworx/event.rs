//! Logs as the rules' events.

use alloy::{primitives::LogData, sol_types::SolEventInterface};
use solidworx::{Alternative, Assignment, Event, Pair, SetUp, Side, Terms, TypeRule, packing};
use thiserror::Error;

use crate::contracts::SolidWorx::{SetUp as SetUpLog, SolidWorxEvents as E};

/// A log is not an event of the contract's.
#[derive(Debug, Error)]
pub enum UnreadableEvent {
    /// Its topics or data are not those of any event.
    #[error("a log is not an event of the market")]
    Undecodable(#[from] alloy::sol_types::Error),
    /// Bytes in it are not alternatives, or not records.
    #[error("an event holds {size} bytes, which are no {what}")]
    CutOff {
        /// What they should be.
        what: &'static str,
        /// How many there are.
        size: usize,
    },
}

/// Reads a log of the contract.
pub fn event(log: &LogData) -> Result<Event, UnreadableEvent> {
    Ok(match E::decode_raw_log(log.topics(), &log.data)? {
        E::TypeDeclared(e) => Event::TypeDeclared {
            resource_type: e.resourceType,
            rule: TypeRule { weight: e.weight, min_price: e.minPrice, max_price: e.maxPrice },
        },
        E::PairDeclared(e) => {
            Event::PairDeclared(Pair { resource_type: e.resourceType, provider: e.provider, consumer: e.consumer })
        }
        E::SetUp(e) => Event::SetUp(set_up(&e)),
        E::CycleBegun(e) => Event::CycleBegun { cycle: e.cycle, end: e.end },
        E::OfferCreated(e) => Event::OfferCreated { id: e.id, owner: e.owner, side: side(e.providing), misc: e.misc },
        E::OfferUpdated(e) => Event::OfferUpdated {
            id: e.id,
            listed: Alternative { resource_type: e.resourceType, quantity: e.quantity, price: e.value },
        },
        E::OfferPosted(e) => Event::OfferPosted { id: e.id },
        E::PackedOfferPosted(e) => Event::PackedOfferPosted {
            id: e.id,
            owner: e.owner,
            side: side(e.providing),
            misc: e.misc,
            alternatives: read("alternatives", &e.alternatives, packing::read_alternatives)?,
        },
        E::OfferCanceled(e) => Event::OfferCanceled { id: e.id },
        E::DepositReturned(e) => Event::DepositReturned { id: e.id, owner: e.owner, amount: e.amount.to() },
        E::Closed(e) => Event::Closed { cycle: e.cycle, end: e.end },
        E::OfferUnpacked(e) => Event::OfferUnpacked { id: e.id },
        E::SolutionCreated(e) => Event::SolutionCreated { id: e.id, solver: e.solver, misc: e.misc },
        E::AssignmentAdded(e) => Event::AssignmentAdded {
            id: e.id,
            assignment: assignment(e.providingOffer, e.consumingOffer, e.resourceType, e.quantity, e.price),
            value: e.value,
        },
        E::SolutionPosted(e) => Event::SolutionPosted {
            cycle: e.cycle,
            solver: e.solver,
            value: e.value,
            assignments: read("records", &e.records, packing::read_records)?,
        },
        E::AssignmentFinalized(e) => Event::AssignmentFinalized {
            cycle: e.cycle,
            assignment: assignment(e.providingOffer, e.consumingOffer, e.resourceType, e.quantity, e.price),
        },
        E::Finalized(e) => Event::Finalized { cycle: e.cycle, value: e.value },
    })
}

fn read<T>(what: &'static str, bytes: &[u8], read: fn(&[u8]) -> Option<T>) -> Result<T, UnreadableEvent> {
    read(bytes).ok_or(UnreadableEvent::CutOff { what, size: bytes.len() })
}

/// In the order of a record.
const fn assignment(from: u64, to: u64, resource_type: u64, quantity: u64, price: u64) -> Assignment {
    Assignment { providing_offer: from, consuming_offer: to, resource_type, quantity, price }
}

const fn side(providing: bool) -> Side {
    if providing { Side::Providing } else { Side::Consuming }
}

fn set_up(log: &SetUpLog) -> SetUp {
    let config = &log.config;
    let terms = Terms {
        weighted: config.weighted,
        benefit: config.benefit,
        bounded: config.bounded,
        paired: config.paired,
        ..Terms::new(config.numTypes, config.precision, config.maxQuantity)
    };
    SetUp {
        terms,
        receive_seconds: config.lengthReceive,
        solve_seconds: config.lengthSolve,
        quantity_decimals: config.quantityDecimals,
        price_decimals: config.priceDecimals,
        deposit: config.deposit.to(),
    }
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::{Address, B256},
        sol_types::SolEvent,
    };

    use super::*;
    use crate::contracts::SolidWorx;

    #[test]
    fn a_packed_offer_arrives_with_what_it_lists() {
        let alternatives = vec![Alternative { resource_type: 3, quantity: 5, price: 8 }];
        let owner = Address::repeat_byte(7);
        let bytes = packing::alternatives(&alternatives).into();
        let log = SolidWorx::PackedOfferPosted { id: 4, owner, providing: false, misc: 9, alternatives: bytes };
        let posted = Event::PackedOfferPosted { id: 4, owner, side: Side::Consuming, misc: 9, alternatives };
        assert_eq!(event(&log.encode_log_data()).unwrap(), posted);
    }

    #[test]
    fn records_that_are_cut_off_and_foreign_logs_are_errors() {
        let records = vec![0; packing::RECORD + 1].into();
        let log = SolidWorx::SolutionPosted { cycle: 1, solver: Address::ZERO, value: 2, records };
        let cut = event(&log.encode_log_data());
        assert!(matches!(cut, Err(UnreadableEvent::CutOff { what: "records", size: 41 })), "{cut:?}");
        let foreign = LogData::new_unchecked(vec![B256::repeat_byte(1)], vec![].into());
        assert!(matches!(event(&foreign), Err(UnreadableEvent::Undecodable(_))));
    }
}
