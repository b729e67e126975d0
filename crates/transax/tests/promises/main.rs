//! The contract's promises, by their numbers, on random markets.

mod forgetting;
mod stage;

use alloy_primitives::{b256, keccak256};
use proptest::prelude::*;
use stage::{PROSUMERS, Played, Step, account, step};
use transax::{Market, PriceRule, Side};
use units::{IntervalIndex, Money};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn promises_hold_after_every_call(rule in prop_oneof![Just(PriceRule::Midpoint), Just(PriceRule::Uniform)], steps in prop::collection::vec(step(), 1..120)) {
        let mut played = Played::new(rule);
        for step in &steps {
            let candidate = played.market.candidate().map(|candidate| candidate.value);
            played.play(step);
            if let (Step::Solve { .. }, Some(before)) = (step, candidate) {
                // T6: a plan is replaced by better ones only.
                prop_assert!(played.market.candidate().is_some_and(|candidate| candidate.value >= before));
            }
        }
        played.check_money();
        played.check_assets();
        // T1 and T3.
        prop_assert_eq!(transax::violations(&played.market), Vec::<String>::new());
    }

    #[test]
    fn what_is_written_down_is_read_again(steps in prop::collection::vec(step(), 1..120)) {
        let mut played = Played::new(PriceRule::Midpoint);
        for step in &steps {
            played.play(step);
        }
        let bytes = postcard::to_allocvec(&played.market).expect("a market can be written down");
        prop_assert_eq!(postcard::from_bytes::<Market>(&bytes), Ok(played.market));
    }

    #[test]
    fn everything_can_be_settled_in_the_end(steps in prop::collection::vec(step(), 1..120)) {
        let mut played = Played::new(PriceRule::Midpoint);
        for step in &steps {
            played.play(step);
        }
        played.now += 60 * 20;
        for who in 0..PROSUMERS {
            let settlements = played.market.settlements(account(who), played.now, IntervalIndex(u32::MAX));
            let verdict = played.market.settle(account(who), played.now, &settlements);
            prop_assert!(verdict.is_ok());
            played.did(verdict);
        }
        prop_assert!(played.market.offers().all(|(_, offer)| offer.is_done() && offer.escrow() == Money(0)));
        played.check_money();
        played.check_assets();
    }
}

/// A market in which everything has happened once.
fn eventful() -> Market {
    let mut played = Played::new(PriceRule::Midpoint);
    let offers = [(0, Side::Sell, 2), (1, Side::Buy, 5), (2, Side::Sell, 3)];
    for (who, side, price) in offers {
        played.play(&Step::Post { who, side, energy: 300, price: price * 37_123, ahead: 1, intervals: 2 });
    }
    played.play(&Step::Move { who: 0, group: 1, later: 1 });
    let solve = Step::Solve { choices: 0 };
    let later = [Step::Wait { seconds: 200 }, Step::Finalize, Step::Wait { seconds: 60 }, Step::Finalize];
    let settled = [Step::Settle { who: 0, back: 0 }, Step::Wait { seconds: 60 }, Step::Deposit { who: 1 }];
    let again = Step::Post { who: 3, side: Side::Buy, energy: 100, price: 5 * 37_123, ahead: 0, intervals: 3 };
    for step in [solve.clone()].into_iter().chain(later).chain(settled).chain([again, solve]) {
        played.play(&step);
    }
    played.market
}

#[test]
fn its_form_is_told_by_its_number() {
    let market = eventful();
    assert!(market.membership(account(0)).is_some_and(|groups| groups.moves().count() == 1));
    assert!(market.candidate().is_some() && market.final_intervals().any(|(_, last)| !last.legs.is_empty()));
    let bytes = postcard::to_allocvec(&market).expect("a market can be written down");
    let known = b256!("4c6de1dd6cb6a6704592fe7f7b32fe5004162fb297fa8a4814291abf798a9e28");
    assert_eq!((Market::FORM, keccak256(bytes)), (2, known), "another form needs another number");
}
