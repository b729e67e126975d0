//! Homes that trade without being seen, on markets of the rules crate.

mod linker;
mod past;
mod regrouped;
mod town;
mod view;

use std::collections::BTreeSet;

use alloy::primitives::Address;
use runtime::Agent;
use town::{FIRST, GROUP, Town};
use transax::{Event, Side};
use transax_mixer::{Mask, Period, Phase, Schedule, Tier};
use transax_prosumer::Alone;
use units::{IntervalIndex, WattHours};

fn crowds(town: &Town) -> Vec<(Side, usize)> {
    let crowd = |event: &Event| match event {
        Event::Mixed(mixed) if !mixed.amounts.is_empty() => Some((mixed.side, mixed.inputs.len())),
        _ => None,
    };
    town.seen.events.iter().filter_map(crowd).collect()
}

fn posted_by(town: &Town) -> BTreeSet<Address> {
    let account = |event: &Event| match event {
        Event::OfferPosted { account, .. } => Some(*account),
        _ => None,
    };
    town.seen.events.iter().filter_map(account).collect()
}

fn registered(town: &Town) -> BTreeSet<Address> {
    town.homes.iter().map(|home| home.key.address()).collect()
}

#[test]
fn all_withdraw_the_same_mix_each_side_and_trade_from_accounts_that_nobody_registered() {
    let mut town = Town::new(4, 1, Alone::TradeOpenly);
    town.live();
    assert_eq!(crowds(&town), [(Side::Sell, 4), (Side::Buy, 4)]);
    let withdrawn: BTreeSet<_> = town
        .seen
        .events
        .iter()
        .filter_map(|event| match event {
            Event::AssetsWithdrawn { first, last, energy, .. } => Some((*first, *last, *energy)),
            _ => None,
        })
        .collect();
    assert_eq!(withdrawn, [(FIRST, IntervalIndex(FIRST.0 + 7), WattHours(2000))].into());
    let posted = posted_by(&town);
    assert!(posted.len() > 4 && posted.is_disjoint(&registered(&town)), "{posted:?}");
    let traded: u64 = town.market.final_intervals().map(|(_, last)| last.value.0).sum();
    assert!(traded > 0);
}

#[test]
fn all_assets_of_the_period_go_to_the_meter_at_accounts_of_its_own() {
    let mut town = Town::new(4, 2, Alone::TradeOpenly);
    town.live();
    for (number, home) in town.homes.iter().enumerate() {
        let mut returned = 0;
        for mask in town.masks(number) {
            let awaited = home.meter_secret.one_time(mask.period, mask.account()).address();
            let meters: Vec<_> = town.market.deposits().filter(|(account, _)| *account == mask.account()).collect();
            assert_eq!(meters, [(mask.account(), awaited)]);
            returned += town.market.deposited_to(mask.account(), awaited).map(|(_, _, energy)| energy.0).sum::<u64>();
        }
        // 2,000 Wh of each side in each of eight intervals.
        assert_eq!(returned, 2 * 8 * 2000, "home {number}");
    }
    assert!(town.market.offers().all(|(_, offer)| offer.is_done()));
}

#[test]
fn two_homes_hide_nobody_and_trade_openly_or_not_at_all_as_they_are_told() {
    let mut town = Town::new(2, 3, Alone::TradeOpenly);
    town.live();
    assert_eq!(crowds(&town), []);
    assert_eq!(posted_by(&town), registered(&town));
    let mut town = Town::new(2, 3, Alone::Wait);
    town.live();
    assert_eq!((crowds(&town), posted_by(&town)), (vec![], BTreeSet::new()));
}

#[test]
fn a_home_that_vanishes_after_withdrawing_does_not_stop_the_others() {
    let mut town = Town::new(5, 4, Alone::TradeOpenly);
    // Withdrawals.
    town.pass();
    town.homes[2].is_gone = true;
    town.live();
    assert_eq!(crowds(&town), [(Side::Sell, 4), (Side::Buy, 4)]);
    let gone = town.homes[2].key.address();
    assert_eq!(town.market.free_assets(gone, Side::Buy, FIRST), WattHours(2000));
    assert!(posted_by(&town).is_disjoint(&registered(&town)));
}

#[test]
fn a_home_that_is_started_again_finds_its_accounts_by_its_secrets() {
    let mut town = Town::new(3, 5, Alone::TradeOpenly);
    while town.market.params().first_not_begun(town.now).0 < FIRST.0 + 3 {
        town.pass();
    }
    let before: Vec<_> = town.masks(0).iter().map(Mask::account).collect();
    town.restart(0);
    town.live();
    assert_eq!(before.len(), 2);
    assert_eq!(town.masks(0).iter().map(Mask::account).collect::<Vec<_>>(), before);
    for account in before {
        for interval in (FIRST.0..FIRST.0 + 8).map(IntervalIndex) {
            for side in [Side::Sell, Side::Buy] {
                assert_eq!(town.market.free_assets_in(GROUP, account, side, interval), WattHours(0));
            }
        }
    }
}

#[test]
fn nothing_is_asked_twice_while_it_is_under_way() {
    let mut town = Town::new(3, 6, Alone::TradeOpenly);
    town.pass();
    // The mix of production is under way for the first home once it has been asked.
    let home = &mut town.homes[0];
    assert_eq!(home.agent.decide(&town.market, town.now), []);
    assert_eq!(home.asked(), 1);
    assert_eq!(home.agent.decide(&town.market, town.now), []);
    assert_eq!(home.asked(), 1);
}

#[test]
fn periods_share_no_account_and_follow_from_the_clock() {
    let town = Town::new(3, 7, Alone::TradeOpenly);
    let (schedule, params) = (Schedule::default(), town.market.params());
    let at = |interval| schedule.phases(params, params.start_of(IntervalIndex(interval)));
    // Interval 1 is running, and 3 is traded.
    assert_eq!(at(1), [Phase::Withdraw(Period(1))]);
    assert_eq!(at(2), [Phase::Mix(Period(1), Side::Sell, Tier::All)]);
    assert_eq!(at(3), [Phase::Mix(Period(1), Side::Sell, Tier::Large)]);
    assert_eq!(at(4), [Phase::Mix(Period(1), Side::Buy, Tier::All)]);
    assert_eq!(at(5), [Phase::Mix(Period(1), Side::Buy, Tier::Large)]);
    assert_eq!(at(6), []);
    assert_eq!(at(7), [Phase::MixHome(Period(0), Side::Sell)]);
    assert_eq!(at(8), [Phase::MixHome(Period(0), Side::Buy)]);
    assert_eq!(at(9), [Phase::Withdraw(Period(2))]);
}

#[test]
fn what_all_accounts_of_a_mix_have_at_least_comes_home_by_a_mix() {
    let mut town = Town::new(4, 8, Alone::TradeOpenly);
    let before: Vec<_> = town.homes.iter().map(|home| credits(&town, home.key.address())).collect();
    town.live();
    let home: Vec<_> = town.market.mixes().filter(|mixed| mixed.amounts.is_empty()).collect();
    let buying = home.iter().find(|mixed| mixed.side == Side::Buy).expect("buyers have credits left");
    for (number, before) in before.iter().enumerate() {
        let (now, left) = (credits(&town, town.homes[number].key.address()), town.masks(number));
        let left: u128 = left.iter().map(|mask| credits(&town, mask.account())).sum();
        let back: u128 = home.iter().map(|mixed| mixed.credits.0).sum();
        let given = town.market.mixes().filter(|mixed| !mixed.amounts.is_empty()).map(|mixed| mixed.credits.0);
        assert_eq!(now, before - given.sum::<u128>() + back);
        assert!(left < buying.credits.0, "most of it comes home");
    }
    // Of those who buy one has spent the most, and all that it had left came home.
    let bought = (0..4).flat_map(|number| town.masks(number)).filter(|mask| mask.side == Side::Buy);
    assert_eq!(bought.map(|mask| credits(&town, mask.account())).min(), Some(0));
}

fn credits(town: &Town, account: Address) -> u128 {
    town.market.account(account).map_or(0, |account| account.credits.0)
}
