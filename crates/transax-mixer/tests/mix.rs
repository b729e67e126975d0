//! Mixes with the keys and the rules of the market.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::{Call, Domain, mix_signed};
use coin_shuffle::{Outcome, Output, Participant, Post, Settings};
use transax::{Event, Market, Params, PriceRule, Side};
use transax_mixer::{AnonymousAccounts, Member, MixTerms, Period, Seed};
use units::{GroupId, IntervalIndex, Money, OwnerId, Price, WattHours};

const DOMAIN: Domain = Domain { chain_id: 31_337, market: Address::repeat_byte(7) };
const TODAY: Period = Period(3);

fn key(number: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(number + 1)).expect("a number within the curve's order")
}

fn accounts(number: u8) -> AnonymousAccounts {
    AnonymousAccounts::new(Seed::new([number; 32]), DOMAIN)
}

/// `count` homes of one group with 500 Wh to consume in each of eight intervals, and credits.
fn market(count: u8) -> Market {
    let params = Params {
        dso: Address::repeat_byte(1),
        token: Address::repeat_byte(2),
        genesis: 10_000,
        interval_seconds: 900,
        clear_intervals: 1,
        plan_horizon: 4,
        offer_horizon: 96,
        price_rule: PriceRule::Midpoint,
        grid_price: Price(300_000),
        feed_in_price: Price(80_000),
    };
    let group = GroupId(0);
    let mut events = vec![Event::GroupAdded { group, internal_limit: None, external_limit: None }];
    for number in 0..count {
        let (account, meter) = (key(number).address(), Address::repeat_byte(100 + number));
        let limit = WattHours(500);
        let (first, last) = (IntervalIndex(8), IntervalIndex(15));
        events.extend([
            Event::SmartMeterRegistered { meter, group, production_limit: limit, consumption_limit: limit },
            Event::ProsumerRegistered { prosumer: account, meter, owner: OwnerId(u32::from(number) + 1) },
            Event::AssetsWithdrawn { account, side: Side::Buy, first, last, energy: limit },
            Event::CreditsDeposited { account, amount: Money(1_000_000) },
        ]);
    }
    let mut market = Market::new(params);
    for event in &events {
        market.apply(event).expect("a possible history");
    }
    market
}

fn terms() -> MixTerms {
    MixTerms {
        group: GroupId(0),
        side: Side::Buy,
        first: IntervalIndex(8),
        amounts: vec![[500; 8]],
        credits: Money(400_000),
        fee: Money(10),
        relay: None,
        deadline: 5000,
    }
}

/// Lets everybody play until all are done; `silent` says nothing from the first shuffle on.
fn play(market: &Market, terms: &MixTerms, count: u8, silent: Option<usize>) -> Vec<Option<Outcome>> {
    let nonces = terms.eligible(market);
    let session = terms.session(DOMAIN).expect("terms that fit");
    let settings = Settings { session, start: 0, patience: 1000, least: 3, most: 12 };
    let mut players: Vec<_> = (0..count)
        .map(|number| {
            let member = Member::new(key(number), DOMAIN, terms.clone(), nonces.clone());
            let outputs = accounts(number);
            let output = move |run| Output(outputs.output(TODAY, 0, run).address().0.0);
            Participant::new(settings.clone(), member.id(), member, [number; 32], output)
        })
        .collect();
    let mut board = 0;
    for now in (0..400).map(|step| step * 400) {
        let mut said = Vec::new();
        for (place, player) in players.iter_mut().enumerate() {
            let messages = player.act(now);
            let is_mute = silent == Some(place) && now > 2000;
            said.extend(messages.into_iter().filter(|_| !is_mute));
        }
        for message in said {
            board += 1;
            for player in &mut players {
                player.hear(Post { number: board, at: now + 1, message: message.clone() });
            }
        }
    }
    players.iter().map(|player| player.outcome().cloned()).collect()
}

#[test]
fn what_was_mixed_is_taken_by_the_market_and_arrives_at_everybodys_account() {
    let (mut market, terms) = (market(5), terms());
    let nonces = terms.eligible(&market);
    let outcomes = play(&market, &terms, 5, None);
    let Some(Some(Outcome::Mixed(joint))) = outcomes.first() else { panic!("{outcomes:?}") };
    assert!(outcomes.iter().all(|outcome| *outcome == Some(Outcome::Mixed(joint.clone()))));
    let Call::Mix { joint, signatures } = terms.call(joint, &nonces).expect("a joint transaction") else { panic!() };
    let events = market.mix(Address::ZERO, 4000, &joint, &mix_signed(DOMAIN, &joint, &signatures));
    for event in events.expect("the market takes it") {
        market.apply(&event).expect("it follows");
    }
    for number in 0..5 {
        let account = accounts(number).output(TODAY, 0, 0).address();
        assert_eq!(market.account(account).map(|account| account.credits), Some(Money(400_000)));
        assert_eq!(market.free_assets_in(GroupId(0), account, Side::Buy, IntervalIndex(15)), WattHours(500));
    }
}

#[test]
fn who_falls_silent_is_left_out_and_the_others_mix_to_fresh_accounts() {
    let (market, terms) = (market(5), terms());
    let nonces = terms.eligible(&market);
    let outcomes = play(&market, &terms, 5, Some(2));
    let Some(Some(Outcome::Mixed(joint))) = outcomes.first() else { panic!("{outcomes:?}") };
    let Call::Mix { joint, signatures } = terms.call(joint, &nonces).expect("a joint transaction") else { panic!() };
    let mut expected: Vec<_> = [0, 1, 3, 4].map(|number| accounts(number).output(TODAY, 0, 1).address()).into();
    expected.sort_unstable();
    assert_eq!(joint.outputs, expected);
    assert!(market.mix(Address::ZERO, 4000, &joint, &mix_signed(DOMAIN, &joint, &signatures)).is_ok());
}

#[test]
fn who_cannot_give_is_not_heard() {
    let (mut market, terms) = (market(4), terms());
    let poor = key(3).address();
    market.apply(&Event::CreditsWithdrawn { account: poor, amount: Money(600_000) }).expect("it has more");
    let nonces = terms.eligible(&market);
    assert_eq!(nonces, (0..3).map(|number| (key(number).address(), 0)).collect::<BTreeMap<_, _>>());
    let outcomes = play(&market, &terms, 4, None);
    assert_eq!(outcomes[3], Some(Outcome::Excluded));
    assert!(outcomes[..3].iter().all(|outcome| matches!(outcome, Some(Outcome::Mixed(_)))), "{outcomes:?}");
}

#[test]
fn other_terms_are_another_mix() {
    let session = |terms: &MixTerms, domain: Domain| terms.session(domain).expect("terms that fit");
    let one = session(&terms(), DOMAIN);
    assert_ne!(one, session(&terms(), Domain { chain_id: 1, ..DOMAIN }));
    assert_ne!(one, session(&MixTerms { fee: Money(11), ..terms() }, DOMAIN));
    assert_ne!(one, session(&MixTerms { amounts: vec![[501; 8]], ..terms() }, DOMAIN));
}
