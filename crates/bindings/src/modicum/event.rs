//! Logs as the rules' events.

use alloy::{primitives::LogData, sol_types::SolEventInterface};
use modicum::{Ending, Event, Finding, Reason, Status};
use thiserror::Error;

use super::words::{a_match, job, kind, money, resource, seconds, shares};
use crate::contracts::Modicum::ModicumEvents as E;

/// A log is not an event of the contract's.
#[derive(Debug, Error)]
pub enum UnreadableEvent {
    /// Its topics or data are not those of any event.
    #[error("a log is not an event of the market")]
    Undecodable(#[from] alloy::sol_types::Error),
    /// A number in it stands for nothing.
    #[error("an event has the {what} {number}, which there is not")]
    Unnumbered {
        /// What it should be.
        what: &'static str,
        /// The number.
        number: u8,
    },
}

/// Reads a log of the contract; `None` for one that says nothing about the market.
pub fn event(log: &LogData) -> Result<Option<Event>, UnreadableEvent> {
    Ok(Some(match E::decode_raw_log(log.topics(), &log.data)? {
        E::EIP712DomainChanged(_) => return Ok(None),
        E::FundsDeposited(e) => Event::FundsDeposited { account: e.account, amount: money(e.amount) },
        E::FundsWithdrawn(e) => Event::FundsWithdrawn { account: e.account, amount: money(e.amount) },
        E::ServiceRegistered(e) => Event::ServiceRegistered {
            id: e.id,
            owner: e.owner,
            kind: named("kind of service", e.kind, kind)?,
            architecture: e.architecture,
            meter_id: e.meterId,
            fee: e.fee.to(),
        },
        E::ServiceUpdated(e) => {
            Event::ServiceUpdated { id: e.id, architecture: e.architecture, meter_id: e.meterId, fee: e.fee.to() }
        }
        E::ServiceRetired(e) => Event::ServiceRetired { id: e.id, release_time: seconds(e.releaseTime) },
        E::StakeReleased(e) => Event::StakeReleased { id: e.id, amount: e.amount.to() },
        E::StakeSlashed(e) => Event::StakeSlashed { id: e.id, amount: money(e.amount) },
        E::Trusted(e) => Event::Trusted { account: e.account, word: e.word, services: e.services },
        E::ResourceOffered(e) => Event::ResourceOffered { offer: e.offer, contents: resource(&e.contents) },
        E::JobOffered(e) => Event::JobOffered { offer: e.offer, contents: job(&e.contents) },
        E::OfferCancelled(e) => Event::OfferCancelled { offer: e.offer, owner: e.owner },
        E::Matched(e) => Event::Matched { id: e.id, solver: e.solver, contents: a_match(&e.contents) },
        E::ResultPosted(e) => Event::ResultPosted {
            id: e.id,
            status: named("status", e.status, Status::from_number)?,
            result_hash: e.resultHash,
            instructions: e.instructions,
            bandwidth: e.bandwidth,
            price: e.price.to(),
        },
        E::ResultRejected(e) => Event::ResultRejected {
            id: e.id,
            reason: named("reason", e.reason, Reason::from_number)?,
            until: seconds(e.until),
        },
        E::VerdictPosted(e) => Event::VerdictPosted {
            id: e.id,
            finding: named("finding", e.finding, Finding::from_number)?,
            spent: e.spent.to(),
            dossier: e.dossier,
        },
        E::MatchClosed(e) => Event::MatchClosed {
            id: e.id,
            ending: named("ending", e.ending, Ending::from_number)?,
            shares: shares(&e.shares),
        },
    }))
}

fn named<T>(what: &'static str, number: u8, named: fn(u8) -> Option<T>) -> Result<T, UnreadableEvent> {
    named(number).ok_or(UnreadableEvent::Unnumbered { what, number })
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::{Address, B256, U256},
        sol_types::SolEvent,
    };

    use super::*;
    use crate::contracts::Modicum;

    #[test]
    fn a_report_arrives_with_its_figures() {
        let log = Modicum::ResultPosted {
            id: B256::repeat_byte(1),
            status: 3,
            resultHash: B256::repeat_byte(2),
            instructions: 5,
            bandwidth: 7,
            price: U256::from(9).to(),
        };
        let expected = Event::ResultPosted {
            id: B256::repeat_byte(1),
            status: Status::MemoryExceeded,
            result_hash: B256::repeat_byte(2),
            instructions: 5,
            bandwidth: 7,
            price: 9,
        };
        assert_eq!(event(&log.encode_log_data()).unwrap(), Some(expected));
    }

    #[test]
    fn a_foreign_log_is_an_error() {
        let foreign = LogData::new_unchecked(vec![B256::repeat_byte(1)], vec![].into());
        assert!(matches!(event(&foreign), Err(UnreadableEvent::Undecodable(_))));
        let log = Modicum::FundsDeposited { account: Address::ZERO, amount: U256::MAX };
        let told = event(&log.encode_log_data()).unwrap();
        assert_eq!(told, Some(Event::FundsDeposited { account: Address::ZERO, amount: u128::MAX }));
    }
}
