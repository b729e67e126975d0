//! Why the contract refuses a call.

use alloy_primitives::Address;
use serde::Serialize;
use thiserror::Error;
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

/// A custom error of the contract, with its fields, under its name. `Display` says the cause and the next step.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize)]
#[expect(missing_docs, reason = "fields are named by the contract's interface, and each message explains them")]
pub enum Refusal {
    // Setting up.
    #[error("the market's parameters contradict each other; see TransaxConfig for their ranges")]
    BadConfig,
    #[error("only the DSO may do this, and {caller} is not it; call from the DSO's account")]
    NotDso { caller: Address },
    #[error("there is no group {group}; the DSO adds groups first")]
    UnknownGroup { group: GroupId },
    #[error("meter {meter} is registered already; choose another address, limits cannot be changed")]
    MeterExists { meter: Address },
    #[error("meter {meter} is not registered; ask the DSO to register it")]
    UnknownMeter { meter: Address },
    #[error("meter {meter} already belongs to {prosumer}; register behind your own meter")]
    MeterTaken { meter: Address, prosumer: Address },
    #[error("{account} is registered already; go on with withdrawing assets")]
    AlreadyRegistered { account: Address },
    #[error(
        "the certificate does not bind {prosumer} to meter {meter}; ask the DSO for one with exactly these addresses"
    )]
    BadCertificate { prosumer: Address, meter: Address },
    #[error("{account} is not registered; register it behind its meter first")]
    UnknownAccount { account: Address },
    #[error("meter {meter} would produce and consume more than 2^32 - 1 Wh together; give it smaller limits")]
    LimitsTooLarge { meter: Address },
    #[error("meter {meter} is or will be in group {group} already; name another group")]
    SameGroup { meter: Address, group: GroupId },
    #[error("meter {meter} is to move from interval {from} on; move it again once that is the next to become final")]
    MovePending { meter: Address, from: IntervalIndex },
    #[error("offers and assets may reach interval {last}, and a move from {from} on would split them; move it later")]
    WithinOfferHorizon { from: IntervalIndex, last: IntervalIndex },
    #[error("there are {groups} groups, as many as a market takes; put feeders together in one group")]
    TooManyGroups { groups: u16 },
    // Assets and credits.
    #[error("no energy; give at least 1 Wh")]
    ZeroEnergy,
    #[error("no amount; give at least one base unit of the token")]
    ZeroAmount,
    #[error("the intervals run backwards, from {first} to {last}; swap them")]
    InvertedRange { first: IntervalIndex, last: IntervalIndex },
    #[error("interval {interval} is final or has begun; the first that can be traded is {next_interval}")]
    IntervalFinal { interval: IntervalIndex, next_interval: IntervalIndex },
    #[error("interval {interval} is too far ahead; intervals are open up to {last} now")]
    BeyondHorizon { interval: IntervalIndex, last: IntervalIndex },
    #[error("interval {interval} would stand at {wanted} withdrawn, over the meter's limit of {limit}; withdraw less")]
    OverLimit { interval: IntervalIndex, wanted: WattHours, limit: WattHours },
    #[error("interval {interval} has {free} of free assets and {needed} are needed; withdraw assets or offer less")]
    InsufficientAssets { interval: IntervalIndex, free: WattHours, needed: WattHours },
    #[error("the meter moves to another group from interval {from} on; end before it, or begin with it")]
    CrossesMove { from: IntervalIndex },
    #[error("{credits} base units of credits are free and {needed} are needed; deposit the difference first")]
    InsufficientCredits { credits: Money, needed: Money },
    // Offers.
    #[error("there is no offer {offer}; list the offers to see their numbers")]
    UnknownOffer { offer: OfferId },
    #[error("offer {offer} is not {account}'s; call from the account that posted it")]
    NotOwner { offer: OfferId, account: Address },
    #[error("offer {offer} has no intervals left; post a new one")]
    OfferClosed { offer: OfferId },
    #[error("offer {offer} has final intervals from {from} on that are not settled; settle them first")]
    SettleFirst { offer: OfferId, from: IntervalIndex },
    #[error("nothing to add to offer {offer}; give energy, or an end later than the present one")]
    NothingToAdd { offer: OfferId },
    #[error("offer {offer} would exceed 2^32 - 1 Wh; post a second offer instead")]
    EnergyOverflow { offer: OfferId },
    #[error("offer {offer} ends at {end}, within what plans may rely on, so nothing can be taken back; let it run out")]
    WithinPlanHorizon { offer: OfferId, end: IntervalIndex },
    // Plans.
    #[error(
        "interval {interval} may be finalised now and plans are frozen until it is; finalise it, then propose again"
    )]
    IntervalFrozen { interval: IntervalIndex },
    #[error("the plan trades {value} and the candidate {candidate}; only a strictly better plan is taken")]
    NotBetter { value: WattHours, candidate: WattHours },
    #[error("the plan breaks off within its {size} bytes; encode it again")]
    PlanTruncated { size: u64 },
    #[error("the plan ends before its {size} bytes do; remove what follows")]
    TrailingBytes { size: u64 },
    #[error("offer {offer} is out of order in the plan's list; list every offer once, ascending")]
    OffersNotAscending { offer: OfferId },
    #[error("the plan's block of interval {interval} is out of order; give each interval one block, ascending")]
    IntervalsNotAscending { interval: IntervalIndex },
    #[error("the plan's block of interval {interval} has no trades; leave the block out")]
    EmptyBlock { interval: IntervalIndex },
    #[error("interval {interval} would have {legs} legs, more than can be finalised at once; match fewer offers there")]
    TooManyLegs { interval: IntervalIndex, legs: u64 },
    #[error("trade {trade} of interval {interval} repeats or is out of order; sort by seller and buyer, merge repeats")]
    TradesNotAscending { interval: IntervalIndex, trade: u64 },
    #[error("trade {trade} of interval {interval} names an offer that the plan does not list; list it")]
    OfferNotListed { interval: IntervalIndex, trade: u64 },
    #[error("trade {trade} of interval {interval} moves no energy; leave it out")]
    ZeroTrade { interval: IntervalIndex, trade: u64 },
    #[error("trade {trade} of interval {interval} does not pair a seller's offer with a buyer's; swap or replace them")]
    WrongSide { interval: IntervalIndex, trade: u64 },
    #[error("offer {seller} asks more than offer {buyer} pays; match offers whose prices meet")]
    PriceConflict { seller: OfferId, buyer: OfferId },
    #[error("offer {offer} does not span interval {interval}; trade it within its intervals")]
    OutsideOffer { offer: OfferId, interval: IntervalIndex },
    #[error("offer {offer} has less energy left than the plan trades up to interval {interval}; trade less of it")]
    ExceedsOffer { offer: OfferId, interval: IntervalIndex },
    #[error("group {group} would trade {energy} in interval {interval}, over its internal limit; trade less there")]
    InternalLimitExceeded { group: GroupId, interval: IntervalIndex, energy: WattHours },
    #[error(
        "group {group} would exchange {net} net in interval {interval}, over its external limit; trade less across it"
    )]
    ExternalLimitExceeded { group: GroupId, interval: IntervalIndex, net: WattHours },
    #[error(
        "interval {interval} has no single price: a seller asks {highest_sell}, a buyer pays {lowest_buy}; drop either"
    )]
    NoUniformPrice { interval: IntervalIndex, highest_sell: Price, lowest_buy: Price },
    #[error("the plan trades {actual} and {claimed} were claimed; claim what it trades")]
    WrongObjective { claimed: WattHours, actual: WattHours },
    #[error(
        "the plan trades {planned} in interval {interval} where the candidate trades {candidate}, and that is guarded now; \
         keep at least as much there"
    )]
    WeakensNextInterval { interval: IntervalIndex, planned: WattHours, candidate: WattHours },
    // Finalising.
    #[error("interval {interval} cannot be finalised yet at {time}; wait for its time")]
    TooEarly { interval: IntervalIndex, time: u64 },
    #[error("the link of interval {interval} does not open the present candidate; read the candidate again")]
    WrongLink { interval: IntervalIndex },
    #[error("the legs given are not the candidate's in interval {interval}; read the candidate again")]
    LegsMismatch { interval: IntervalIndex },
    #[error("the candidate's interval {interval} has lapsed meanwhile; drop it first")]
    CandidateLapsed { interval: IntervalIndex },
    // Settling.
    #[error("interval {interval} is not final, the next to become so is {next_interval}; wait for it")]
    NotFinal { interval: IntervalIndex, next_interval: IntervalIndex },
    #[error("offer {offer} is settled up to {next} already; nothing is left to do there")]
    AlreadySettled { offer: OfferId, next: IntervalIndex },
    #[error(
        "the evidence does not show what offer {offer} traded in interval {interval}; build it from that interval's legs"
    )]
    BadEvidence { offer: OfferId, interval: IntervalIndex },
    #[error("more evidence than offer {offer} has intervals with trades; give one entry for each of these")]
    UnusedEvidence { offer: OfferId },
    #[error("{account} has no meter; only registered prosumers deposit")]
    NoMeter { account: Address },
    // By signature.
    #[error("the signature held until {deadline}; sign again with a later deadline")]
    Expired { deadline: u64 },
    #[error("the next nonce of {account} is {expected}, and {given} was signed; sign again with that one")]
    WrongNonce { account: Address, expected: u32, given: u32 },
    #[error("{account} has not signed exactly this, for this market; let it sign what is submitted")]
    BadSignature { account: Address },
    #[error("{inputs} are too few to hide among; mix with three or more")]
    CrowdTooSmall { inputs: u64 },
    #[error(
        "{inputs} inputs, {nonces} nonces, {outputs} outputs and {signatures} signatures; give each input one of each"
    )]
    UnevenMix { inputs: u64, nonces: u64, outputs: u64, signatures: u64 },
    #[error("input {input} repeats or is out of order; sort the inputs by address")]
    InputsNotAscending { input: Address },
    #[error("output {output} repeats, is nobody or is out of order; sort the outputs by address")]
    OutputsNotAscending { output: Address },
    #[error("{account} is both input and output; use fresh accounts as outputs")]
    OutputIsInput { account: Address },
    #[error("a mix begins with a multiple of eight, not with interval {interval}; begin earlier, with amounts of zero")]
    MisalignedInterval { interval: IntervalIndex },
    #[error("nothing to move; give credits or assets")]
    NothingToMove,
    #[error("{input} has {free} of free assets in interval {interval} and mixes {needed}; leave it out or mix less")]
    MixLacksAssets { input: Address, interval: IntervalIndex, free: WattHours, needed: WattHours },
    #[error("{input} has {credits} base units of credits and mixes {needed} with the fee; leave it out or mix less")]
    MixLacksCredits { input: Address, credits: Money, needed: Money },
    #[error("the zero address is nobody; name who is to receive it")]
    ZeroAddress,
    /// Not one of the contract's errors: its arithmetic stops here, or the call could not even be encoded.
    #[error("{what} leaves the range that the contract counts in; use a smaller one")]
    OutOfRange { what: &'static str },
}

impl Refusal {
    /// Whether somebody else was merely quicker, or the clock moved on: nothing is wrong with the caller's logic, and
    /// deciding again on the present state is all there is to do.
    pub const fn is_race(&self) -> bool {
        matches!(
            self,
            Self::NotBetter { .. }
                | Self::WeakensNextInterval { .. }
                | Self::IntervalFrozen { .. }
                | Self::IntervalFinal { .. }
                | Self::TooEarly { .. }
                | Self::WrongLink { .. }
                | Self::LegsMismatch { .. }
                | Self::CandidateLapsed { .. }
                | Self::AlreadySettled { .. }
                | Self::WrongNonce { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_cause_and_the_next_step() {
        let refusal = Refusal::BeyondHorizon { interval: IntervalIndex(90), last: IntervalIndex(48) };
        assert_eq!(refusal.to_string(), "interval 90 is too far ahead; intervals are open up to 48 now");
    }

    #[test]
    fn a_quicker_solver_is_a_race_and_a_wrong_objective_is_not() {
        assert!(Refusal::NotBetter { value: WattHours(1), candidate: WattHours(1) }.is_race());
        assert!(!Refusal::WrongObjective { claimed: WattHours(1), actual: WattHours(2) }.is_race());
    }
}
