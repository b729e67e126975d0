//! What the contract tells.

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

use crate::{Ending, Finding, JobOffer, Match, Reason, ResourceOffer, ServiceKind, Shares, Status};

/// An event of the contract, under its name. The fields are documented at the contract's interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "variants and fields are documented at the contract's interface, whose names they bear"
)]
pub enum Event {
    FundsDeposited { account: Address, amount: u128 },
    FundsWithdrawn { account: Address, amount: u128 },
    ServiceRegistered { id: u32, owner: Address, kind: ServiceKind, architecture: u8, meter_id: B256, fee: u128 },
    ServiceUpdated { id: u32, architecture: u8, meter_id: B256, fee: u128 },
    ServiceRetired { id: u32, release_time: u64 },
    StakeReleased { id: u32, amount: u128 },
    StakeSlashed { id: u32, amount: u128 },
    Trusted { account: Address, word: u32, services: U256 },
    ResourceOffered { offer: B256, contents: ResourceOffer },
    JobOffered { offer: B256, contents: JobOffer },
    OfferCancelled { offer: B256, owner: Address },
    Matched { id: B256, solver: Address, contents: Match },
    ResultPosted { id: B256, status: Status, result_hash: B256, instructions: u64, bandwidth: u64, price: u128 },
    ResultRejected { id: B256, reason: Reason, until: u64 },
    VerdictPosted { id: B256, finding: Finding, spent: u128, dossier: B256 },
    MatchClosed { id: B256, ending: Ending, shares: Shares },
}
