//! A market that forgets its past says what one says that remembers all of it.

use proptest::prelude::*;
use transax::{Market, Offer, Past, PriceRule, Refusal, Settlement, Side, Trade, violations};
use units::{IntervalIndex, OfferId, WattHours};

use crate::stage::{
    PROSUMERS, Played,
    Step::{Deposit, Finalize, Post, Solve, Wait},
    account, step,
};

/// Everything that can be asked for about an offer, and what it comes to.
fn verdicts(market: &Market, now: u64, id: OfferId) -> Vec<Result<usize, Refusal>> {
    let next = market.next_interval(now);
    let mut verdicts = Vec::new();
    for caller in (0..PROSUMERS).map(account) {
        verdicts.push(market.augment_offer(caller, now, id, WattHours(1), next));
        verdicts.push(market.cancel_offer(caller, now, id));
        for until in [IntervalIndex(1), next] {
            let settlement = Settlement { offer: id, until, evidence: Vec::new() };
            verdicts.push(market.settle(caller, now, &[settlement]));
        }
    }
    verdicts.into_iter().map(|verdict| verdict.map(|events| events.len())).collect()
}

/// What plans come to in which an offer sells to another one, or buys from it.
fn plans(market: &Market, now: u64, id: OfferId, other: OfferId) -> Vec<Result<WattHours, Refusal>> {
    let interval = market.next_interval(now);
    let trade = |seller, buyer| Trade { interval, seller, buyer, energy: WattHours(1) };
    [trade(id, other), trade(other, id)]
        .map(|trade| market.verify_plan(now, &[trade]).map(|verified| verified.value))
        .to_vec()
}

fn lean(rule: PriceRule) -> Played {
    Played::remembering(rule, Past::of([account(0), account(1)]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_call_tells_the_two_apart(
        rule in prop_oneof![Just(PriceRule::Midpoint), Just(PriceRule::Uniform)],
        steps in prop::collection::vec(step(), 1..160),
    ) {
        let (mut whole, mut lean) = (Played::new(rule), lean(rule));
        for step in &steps {
            whole.play(step);
            lean.play(step);
        }
        let (now, count) = (whole.now, whole.market.offer_count());
        prop_assert_eq!(count, lean.market.offer_count());
        let other = OfferId(u32::try_from(count).unwrap());
        for id in (0..=u32::try_from(count + 1).unwrap()).map(OfferId) {
            prop_assert_eq!(verdicts(&lean.market, now, id), verdicts(&whole.market, now, id));
            prop_assert_eq!(plans(&lean.market, now, id, other), plans(&whole.market, now, id, other));
        }
        for who in 0..PROSUMERS {
            let due = [&whole, &lean].map(|played| played.market.settlements(account(who), now, IntervalIndex(u32::MAX)));
            prop_assert_eq!(&due[0], &due[1]);
        }
        for who in 0..2 {
            prop_assert_eq!(lean.market.positions(account(who)), whole.market.positions(account(who)));
        }
        lean.check_assets_of(0..2);
    }
}

/// A market that is traded in for as many intervals, in each of which everybody posts, all is settled, and a plan trades.
fn traded(mut played: Played, intervals: u32) -> Played {
    for _ in 0..intervals {
        for who in 0..PROSUMERS {
            let (side, price) = if who < 2 { (Side::Sell, 2) } else { (Side::Buy, 5) };
            played.play(&Post { who, side, energy: 100, price: price * 37_123, ahead: 0, intervals: 2 });
        }
        for step in [Solve { choices: 0 }, Wait { seconds: 60 }, Finalize] {
            played.play(&step);
        }
        (0..PROSUMERS).for_each(|who| played.play(&Deposit { who }));
    }
    played
}

#[test]
fn what_is_settled_takes_twelve_bytes_an_offer_and_nothing_else() {
    // Closed offers are written down in chunks of 1,024.
    let size = |played: &Played| postcard::to_allocvec(&played.market).unwrap().len() / 1024 * 1024;
    let forgotten = |intervals| traded(Played::remembering(PriceRule::Midpoint, Past::forgotten()), intervals);
    let (early, late) = (forgotten(20), forgotten(250));
    assert!((500..=1024).contains(&late.market.offer_count()), "{} offers", late.market.offer_count());
    assert!(late.market.traded() > early.market.traded(), "{} traded", late.market.traded());
    assert!(late.market.offers().len() <= 3 * usize::from(PROSUMERS), "{} offers", late.market.offers().len());
    assert!(late.market.final_intervals().count() <= 3);
    assert_eq!(size(&early), size(&late));
}

#[test]
fn an_offer_that_nobody_settles_keeps_its_own_intervals_and_no_others() {
    let mut played = Played::remembering(PriceRule::Midpoint, Past::forgotten());
    for (who, side, price) in [(0, Side::Sell, 2), (2, Side::Buy, 5)] {
        played.play(&Post { who, side, energy: 100, price: price * 37_123, ahead: 0, intervals: 2 });
    }
    for step in [Solve { choices: 0 }, Wait { seconds: 200 }, Finalize] {
        played.play(&step);
    }
    let first = played.market.final_intervals().next().map(|(interval, _)| interval);
    let played = traded(played, 30);
    // Everybody else settled, and so did those two: what they posted first went with it.
    assert!(first.is_some() && played.market.final_intervals().all(|(interval, _)| Some(interval) > first));
}

#[test]
fn what_cannot_be_audited_says_so() {
    assert_eq!(violations(&traded(Played::new(PriceRule::Midpoint), 3).market), Vec::<String>::new());
    assert_eq!(violations(&traded(lean(PriceRule::Midpoint), 3).market).len(), 1);
}

#[test]
fn only_the_accounts_that_were_named_are_remembered() {
    let (whole, lean) = (traded(Played::new(PriceRule::Midpoint), 12), traded(lean(PriceRule::Midpoint), 12));
    let energy = |played: &Played, who| {
        let positions = played.market.positions(account(who));
        positions.values().map(|position| position.sold.0 + position.bought.0).sum::<u64>()
    };
    assert_eq!([0, 1].map(|who| energy(&lean, who)), [0, 1].map(|who| energy(&whole, who)));
    assert!(energy(&lean, 0) > 0 && energy(&lean, 3) < energy(&whole, 3));
    let is_open = |(_, offer): (OfferId, &Offer)| !offer.is_done();
    assert!(lean.market.offers().filter(|offer| is_open(*offer)).count() > 0);
}
