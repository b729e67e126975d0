//! What the contract emits; folding these gives its state.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

use crate::{Leg, Mixed, Side, TransferredAssets};

/// What settling an offer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledOffer {
    /// The offer.
    pub offer: OfferId,
    /// The first interval that is not settled yet.
    pub until: IntervalIndex,
    /// What it traded in the intervals settled.
    pub energy: WattHours,
    /// What was paid for that.
    pub payment: Money,
}

/// One event of the contract, in its own order and names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Event {
    /// The DSO added a group; limits in Wh an interval, `None` for none.
    GroupAdded { group: GroupId, internal_limit: Option<WattHours>, external_limit: Option<WattHours> },
    /// The DSO registered a meter.
    SmartMeterRegistered { meter: Address, group: GroupId, production_limit: WattHours, consumption_limit: WattHours },
    /// The DSO moved a meter, and whoever is behind it, to another group from an interval on.
    SmartMeterMoved { meter: Address, old_group: GroupId, group: GroupId, from: IntervalIndex },
    /// A prosumer registered behind its meter.
    ProsumerRegistered { prosumer: Address, meter: Address, owner: OwnerId },
    /// Assets were withdrawn for each interval of `first..=last`.
    AssetsWithdrawn { account: Address, side: Side, first: IntervalIndex, last: IntervalIndex, energy: WattHours },
    /// Tokens became credits.
    CreditsDeposited { account: Address, amount: Money },
    /// Credits were paid out.
    CreditsWithdrawn { account: Address, amount: Money },
    /// An offer was posted, its assets locked and its escrow taken.
    OfferPosted {
        offer: OfferId,
        account: Address,
        group: GroupId,
        side: Side,
        energy: WattHours,
        price: Price,
        start: IntervalIndex,
        end: IntervalIndex,
    },
    /// An offer grew.
    OfferAugmented { offer: OfferId, energy_added: WattHours, end: IntervalIndex },
    /// An offer was cut off after `end`.
    OfferCancelled { offer: OfferId, end: IntervalIndex },
    /// A better plan became the candidate.
    SolutionPosted { solver: Address, value: WattHours, first_interval: IntervalIndex, plan: Vec<u8> },
    /// An interval's trades are final.
    Finalized { interval: IntervalIndex, value: WattHours, root: B256, legs: Vec<Leg> },
    /// The candidate's trades of an interval are void.
    Lapsed { interval: IntervalIndex, value: WattHours },
    /// Offers of an account were settled.
    Settled { account: Address, settled: Vec<SettledOffer> },
    /// Assets went to a meter: production and consumption for each interval from `first` on.
    Deposited {
        account: Address,
        meter: Address,
        group: GroupId,
        first: IntervalIndex,
        assets: Vec<(WattHours, WattHours)>,
    },
    /// A joint transaction was carried out.
    Mixed(Mixed),
    /// An account acted by its signature, and paid a fee.
    Relayed { account: Address, nonce: u32, relay: Address, fee: Money },
    /// Credits and assets went to another account.
    Transferred { account: Address, to: Address, credits: Money, assets: TransferredAssets },
}
