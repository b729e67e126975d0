#![doc = include_str!("../README.md")]

mod broken;
mod call;
mod contract;
mod crowd;
mod events;
mod evm;
mod modicum_market;
mod modicum_refusals;
mod modicum_words;
mod random;
mod refusals;
mod sequence;
mod signed;
mod signing;
mod solidworx_market;
mod solidworx_refusals;
mod world;

use world::Tally;

/// Calls of a sequence, apart from setting up and settling.
const STEPS: usize = 100;
/// From so many sequences on, everything in these lists must have come up.
const ENOUGH: u64 = 200;
const ACCEPTED: [&str; 19] = [
    "AddGroup",
    "AugmentOffer",
    "CancelOffer",
    "CancelOfferBySig",
    "Deposit",
    "DepositBySig",
    "DepositCredits",
    "Finalize",
    "Mix",
    "MoveSmartMeter",
    "PostOffer",
    "PostOfferBySig",
    "PostSolution",
    "RegisterProsumer",
    "RegisterSmartMeter",
    "Settle",
    "TransferBySig",
    "WithdrawAssets",
    "WithdrawCredits",
];
/// Every refusal but those of the deployment, of a thousand groups and of a thousand legs.
const REFUSED: [&str; 70] = [
    "AlreadyRegistered",
    "AlreadySettled",
    "BadCertificate",
    "BadEvidence",
    "BadSignature",
    "BeyondHorizon",
    "CandidateLapsed",
    "CrossesMove",
    "CrowdTooSmall",
    "EmptyBlock",
    "EnergyOverflow",
    "ExceedsOffer",
    "Expired",
    "ExternalLimitExceeded",
    "InputsNotAscending",
    "InsufficientAssets",
    "InsufficientCredits",
    "InternalLimitExceeded",
    "IntervalFinal",
    "IntervalFrozen",
    "IntervalsNotAscending",
    "InvertedRange",
    "LegsMismatch",
    "LimitsTooLarge",
    "MeterExists",
    "MeterTaken",
    "MisalignedInterval",
    "MixLacksAssets",
    "MixLacksCredits",
    "MovePending",
    "NoMeter",
    "NoUniformPrice",
    "NotBetter",
    "NotDso",
    "NotFinal",
    "NotOwner",
    "NothingToAdd",
    "NothingToMove",
    "OfferClosed",
    "OfferNotListed",
    "OffersNotAscending",
    "OutOfRange",
    "OutputIsInput",
    "OutputsNotAscending",
    "OutsideOffer",
    "OverLimit",
    "PlanTruncated",
    "PriceConflict",
    "SameGroup",
    "SettleFirst",
    "TooEarly",
    "TradesNotAscending",
    "TrailingBytes",
    "UnknownAccount",
    "UnknownGroup",
    "UnknownMeter",
    "UnknownOffer",
    "UnevenMix",
    "UnusedEvidence",
    "WeakensNextInterval",
    "WithinOfferHorizon",
    "WithinPlanHorizon",
    "WrongLink",
    "WrongNonce",
    "WrongObjective",
    "WrongSide",
    "ZeroAddress",
    "ZeroAmount",
    "ZeroEnergy",
    "ZeroTrade",
];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number")))
}

#[test]
fn the_contract_and_its_twin_agree_on_every_call() {
    let (seed, cases) = (setting("DIFFERENTIAL_SEED", 1), setting("DIFFERENTIAL_CASES", ENOUGH));
    let mut all = Tally::default();
    for case in seed..seed + cases {
        println!("DIFFERENTIAL_SEED={case} DIFFERENTIAL_CASES=1");
        all.add(sequence::run(case, STEPS));
    }
    println!("{} calls\naccepted {:#?}\nrefused {:#?}", all.calls, all.accepted, all.refused);
    if cases >= ENOUGH {
        let missing = |all: &std::collections::BTreeMap<String, u64>, wanted: &[&'static str]| -> Vec<&'static str> {
            wanted.iter().copied().filter(|name| !all.contains_key(*name)).collect()
        };
        assert_eq!(missing(&all.accepted, &ACCEPTED), Vec::<&str>::new(), "calls that were never accepted");
        assert_eq!(missing(&all.refused, &REFUSED), Vec::<&str>::new(), "refusals that never came up");
    }
}
