//! What accounts do by signature: mixes, and accounts that came out of them.

use alloy_primitives::Address;
use transax::{
    Authorization, Event, Market, Mix, Params, Past, PostingTerms, PriceRule, Refusal, Side, Transfer,
    TransferredAssets,
};
use units::{GroupId, IntervalIndex, Money, OwnerId, Price, WattHours};

const NOW: u64 = 9000;
const GROUP: GroupId = GroupId(1);
const STRANGER: Address = Address::repeat_byte(0x57);

fn home(number: u8) -> Address {
    Address::repeat_byte(number + 1)
}

fn nobody(number: u8) -> Address {
    Address::repeat_byte(0x80 + number)
}

/// Three homes of group 1 with 500 Wh of either side in the intervals 0 to 15, and credits.
fn market() -> Market {
    market_remembering(Past::Whole)
}

fn market_remembering(past: Past) -> Market {
    let params = Params {
        dso: Address::repeat_byte(0xd5),
        token: Address::repeat_byte(0x70),
        genesis: 10_000,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 4,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    };
    let mut market = Market::remembering(params, past);
    for group in 0..2 {
        did(&mut market, &[Event::GroupAdded { group: GroupId(group), internal_limit: None, external_limit: None }]);
    }
    for number in 0..3 {
        let (account, meter, limit) = (home(number), Address::repeat_byte(0x40 + number), WattHours(500));
        let owner = OwnerId(u32::from(number) + 1);
        let (first, last) = (IntervalIndex(0), IntervalIndex(15));
        let withdrawn = |side| Event::AssetsWithdrawn { account, side, first, last, energy: limit };
        did(
            &mut market,
            &[
                Event::SmartMeterRegistered { meter, group: GROUP, production_limit: limit, consumption_limit: limit },
                Event::ProsumerRegistered { prosumer: account, meter, owner },
                withdrawn(Side::Sell),
                withdrawn(Side::Buy),
                Event::CreditsDeposited { account, amount: Money(1000) },
            ],
        );
    }
    market
}

fn did(market: &mut Market, events: &[Event]) {
    for event in events {
        market.apply(event).expect("the events of an accepted call follow from the state");
    }
}

fn mix() -> Mix {
    Mix {
        group: GROUP,
        side: Side::Sell,
        first: IntervalIndex(8),
        amounts: vec![[0, 100, 0, 0, 0, 0, 0, 500]],
        credits: Money(900),
        fee: Money(10),
        relay: None,
        deadline: NOW,
        inputs: (0..3).map(home).collect(),
        nonces: vec![0; 3],
        outputs: (0..3).map(nobody).collect(),
    }
}

fn mixed() -> Market {
    let mut market = market();
    let events = market.mix(STRANGER, NOW, &mix(), &[true; 3]).expect("all is well");
    did(&mut market, &events);
    market
}

fn by(account: Address) -> Authorization {
    Authorization { account, nonce: 0, deadline: NOW, fee: Money(0), relay: None }
}

#[test]
fn a_mix_takes_the_same_from_all_and_gives_the_same_to_all() {
    let market = mixed();
    let held = |account, interval| market.free_assets_in(GROUP, account, Side::Sell, IntervalIndex(interval)).0;
    for number in 0..3 {
        assert_eq!([9, 15, 8].map(|interval| held(home(number), interval)), [400, 0, 500]);
        assert_eq!([9, 15, 8].map(|interval| held(nobody(number), interval)), [100, 500, 0]);
        assert_eq!(market.account(home(number)).map(|account| account.credits), Some(Money(90)));
        assert_eq!(market.account(nobody(number)).map(|account| account.credits), Some(Money(900)));
        assert_eq!((market.nonce(home(number)), market.nonce(nobody(number))), (1, 0));
    }
    assert_eq!(market.account(STRANGER).map(|account| account.credits), Some(Money(30)));
    let again = market.mix(STRANGER, NOW, &mix(), &[true; 3]);
    assert_eq!(again.unwrap_err(), Refusal::WrongNonce { account: home(0), expected: 1, given: 0 });
}

#[test]
fn a_mix_that_is_not_whole_moves_nothing() {
    let refused = |joint: &Mix, signed: &[bool]| market().mix(STRANGER, NOW, joint, signed).unwrap_err();
    assert_eq!(refused(&mix(), &[true, false, true]), Refusal::BadSignature { account: home(1) });
    let uneven = Refusal::UnevenMix { inputs: 3, nonces: 3, outputs: 3, signatures: 2 };
    assert_eq!(refused(&mix(), &[true; 2]), uneven);
    let joint = Mix { deadline: NOW - 1, ..mix() };
    assert_eq!(refused(&joint, &[true; 3]), Refusal::Expired { deadline: NOW - 1 });
    let joint = Mix { outputs: vec![nobody(0), nobody(1), nobody(1)], ..mix() };
    assert_eq!(refused(&joint, &[true; 3]), Refusal::OutputsNotAscending { output: nobody(1) });
    let joint = Mix { outputs: vec![home(2), nobody(1), nobody(2)], ..mix() };
    assert_eq!(refused(&joint, &[true; 3]), Refusal::OutputIsInput { account: home(2) });
    let joint = Mix { group: GroupId(0), ..mix() };
    let (free, needed) = (WattHours(0), WattHours(100));
    let lacks = Refusal::MixLacksAssets { input: home(0), interval: IntervalIndex(9), free, needed };
    assert_eq!(refused(&joint, &[true; 3]), lacks);
}

#[test]
fn who_came_out_of_a_mix_offers_in_the_groups_name_and_is_numbered_once() {
    let mut market = mixed();
    let (side, energy, price) = (Side::Sell, WattHours(300), Price(5));
    let terms = PostingTerms { group: GROUP, side, energy, price, start: IntervalIndex(15), end: IntervalIndex(15) };
    let unsigned = market.post_offer_by_sig(STRANGER, NOW, &by(nobody(1)), false, terms);
    assert_eq!(unsigned.unwrap_err(), Refusal::BadSignature { account: nobody(1) });
    let paid = Authorization { fee: Money(7), relay: Some(home(0)), ..by(nobody(1)) };
    let events = market.post_offer_by_sig(STRANGER, NOW, &paid, true, terms).expect("all is well");
    did(&mut market, &events);
    let (id, offer) = market.offers_of(nobody(1)).next().expect("an offer");
    assert_eq!((id.0, offer.group, offer.owner), (1, GROUP, OwnerId(4)));
    assert_eq!(market.account(home(0)).map(|account| account.credits), Some(Money(97)));
    let terms = PostingTerms { energy: WattHours(201), ..terms };
    let next = Authorization { nonce: 1, ..by(nobody(1)) };
    let refused = market.post_offer_by_sig(STRANGER, NOW, &next, true, terms).unwrap_err();
    let (free, needed) = (WattHours(200), WattHours(201));
    assert_eq!(refused, Refusal::InsufficientAssets { interval: IntervalIndex(15), free, needed });
}

#[test]
fn credits_and_assets_are_passed_on() {
    let mut market = mixed();
    let (first, last) = (IntervalIndex(15), IntervalIndex(15));
    let assets = TransferredAssets { group: GROUP, side: Side::Sell, first, last, energy: WattHours(500) };
    let transfer = Transfer { to: nobody(1), credits: Money(900), assets };
    let events = market.transfer_by_sig(STRANGER, NOW, &by(nobody(0)), true, &transfer).expect("all is well");
    did(&mut market, &events);
    assert_eq!(market.account(nobody(1)).map(|account| account.credits), Some(Money(1800)));
    assert_eq!(market.free_assets_in(GROUP, nobody(1), Side::Sell, first), WattHours(1000));
    let transfer = Transfer { to: Address::ZERO, ..transfer };
    let refused = market.transfer_by_sig(STRANGER, NOW, &by(nobody(1)), true, &transfer).unwrap_err();
    assert_eq!(refused, Refusal::ZeroAddress);
}

#[test]
fn what_a_registered_account_deposits_to_another_meter_than_its_own_is_not_counted_as_its_own() {
    let one_time = Address::repeat_byte(0x99);
    let (account, own) = (home(0), Address::repeat_byte(0x40));
    for past in [Past::Whole, Past::of([account])] {
        let mut market = market_remembering(past);
        let deposits = |market: &mut Market, nonce, meter, interval| {
            let (first, now) = (IntervalIndex(interval), market.params().start_of(IntervalIndex(3)));
            let by = Authorization { nonce, deadline: now, ..by(account) };
            let events = market.deposit_by_sig(STRANGER, now, &by, true, &[], meter, GROUP, (first, first));
            did(market, &events.expect("all is well"));
        };
        deposits(&mut market, 0, one_time, 0);
        deposits(&mut market, 1, own, 1);
        for side in [Side::Sell, Side::Buy] {
            let deposited = [0, 1, 2].map(|interval| market.deposited_assets(account, side, IntervalIndex(interval)).0);
            assert_eq!(deposited, [0, 500, 0], "{side:?}");
        }
    }
}

#[test]
fn the_limits_of_a_groups_meters_fit_32_bits_together() {
    let market = market();
    let register = |group, limit| {
        let meter = Address::repeat_byte(0x99);
        market.register_smart_meter(market.params().dso, meter, group, WattHours(limit), WattHours(0)).map(|_| ())
    };
    let meter = Address::repeat_byte(0x99);
    assert_eq!(register(GROUP, u64::from(u32::MAX) - 3000), Ok(()));
    assert_eq!(register(GROUP, u64::from(u32::MAX) - 2999), Err(Refusal::LimitsTooLarge { meter }));
    assert_eq!(register(GroupId(0), u64::from(u32::MAX)), Ok(()));
}

/// The contract's arithmetic stops at 96 bits, wherever credits come from.
#[test]
fn who_is_full_of_credits_is_given_no_more_and_exactly_that() {
    const MOST: u128 = (1 << 96) - 1;
    let full_but_for = |account, room: u128| {
        let mut market = market();
        let held = market.account(account).map_or(0, |account| account.credits.0);
        did(&mut market, &[Event::CreditsDeposited { account, amount: Money(MOST - held - room) }]);
        market
    };
    let full = Refusal::OutOfRange { what: "the account's credits" };
    let mixes = |account, room, joint: &Mix| {
        let market = full_but_for(account, room);
        market.mix(STRANGER, NOW, joint, &[true; 3]).inspect(|events| did(&mut market.clone(), events)).map(|_| ())
    };
    assert_eq!(mixes(nobody(2), 900, &mix()), Ok(()));
    assert_eq!(mixes(nobody(2), 899, &mix()), Err(full.clone()), "an output");
    assert_eq!(mixes(STRANGER, 30, &mix()), Ok(()));
    assert_eq!(mixes(STRANGER, 29, &mix()), Err(full.clone()), "whoever submits");
    let paying = |relay| Mix { relay: Some(relay), ..mix() };
    assert_eq!(mixes(home(0), 0, &paying(home(0))), Ok(()), "an input gives more than it is paid");
    assert_eq!(mixes(nobody(0), 930, &paying(nobody(0))), Ok(()));
    assert_eq!(mixes(nobody(0), 929, &paying(nobody(0))), Err(full.clone()), "an output that is paid, too");
    let assets = TransferredAssets {
        group: GROUP,
        side: Side::Sell,
        first: IntervalIndex(9),
        last: IntervalIndex(9),
        energy: WattHours(0),
    };
    let moves = |account, room, by: &Authorization, to| {
        let (market, transfer) = (full_but_for(account, room), Transfer { to, credits: Money(500), assets });
        let moved = market.transfer_by_sig(STRANGER, NOW, by, true, &transfer);
        moved.inspect(|events| did(&mut market.clone(), events)).map(|_| ())
    };
    let by = |relay| Authorization { fee: Money(7), relay: Some(relay), ..by(home(0)) };
    assert_eq!(moves(home(1), 500, &by(STRANGER), home(1)), Ok(()), "the fee goes to another");
    assert_eq!(moves(home(1), 499, &by(STRANGER), home(1)), Err(full.clone()));
    assert_eq!(moves(home(1), 507, &by(home(1)), home(1)), Ok(()));
    assert_eq!(moves(home(1), 506, &by(home(1)), home(1)), Err(full.clone()), "the fee and what is moved");
    assert_eq!(moves(STRANGER, 6, &by(STRANGER), home(1)), Err(full.clone()), "the fee alone");
    assert_eq!(moves(home(0), 0, &by(home(0)), home(0)), Ok(()), "to itself");
}
