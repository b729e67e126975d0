//! Homes that the DSO moves to another group go on, hidden wherever they can be.

use std::collections::BTreeSet;

use alloy::primitives::Address;
use transax::{Event, Side};
use transax_mixer::Period;
use transax_prosumer::Alone;
use units::{GroupId, IntervalIndex, WattHours};

use crate::town::{FIRST, Town};

/// Group, first interval, side and number of inputs of every mix of assets.
fn crowds(town: &Town) -> Vec<(u16, u32, Side, usize)> {
    let mixes = town.market.mixes().filter(|mixed| !mixed.amounts.is_empty());
    let mut crowds: Vec<_> =
        mixes.map(|mixed| (mixed.group.0, mixed.first.0, mixed.side, mixed.inputs.len())).collect();
    crowds.sort_unstable_by_key(|(group, first, side, _)| (*first, *group, *side == Side::Buy));
    crowds
}

/// Group, first and last interval of every offer of an account.
fn posted(town: &Town, account: Address) -> BTreeSet<(u16, u32, u32)> {
    let offers = town.market.offers_of(account);
    offers.map(|(_, offer)| (offer.group.0, offer.start.0, offer.end.0)).collect()
}

/// Whatever was withdrawn of either side is with the meters, all of it, and everything is settled.
fn check_returned(town: &Town, intervals: std::ops::Range<u32>) {
    let (mut withdrawn, mut returned) = (0, 0);
    for event in &town.seen.events {
        match event {
            Event::AssetsWithdrawn { first, last, energy, .. } => {
                withdrawn += energy.0 * u64::from(last.0 - first.0 + 1);
            }
            Event::Deposited { assets, .. } => {
                returned += assets.iter().map(|(production, consumption)| production.0 + consumption.0).sum::<u64>();
            }
            _ => {}
        }
    }
    assert_eq!((returned, withdrawn > 0), (withdrawn, true));
    assert!(town.market.offers().all(|(_, offer)| offer.is_done()));
    for interval in intervals.map(IntervalIndex) {
        assert!(town.homes.iter().all(|home| {
            let withdrawn = |side| town.market.withdrawn_assets(home.key.address(), side, interval);
            [Side::Sell, Side::Buy].map(withdrawn) == [WattHours(2000); 2]
        }));
    }
}

#[test]
fn a_home_that_moves_between_periods_mixes_with_its_old_neighbours_and_then_with_its_new_ones() {
    let mut town = Town::of_groups(&[4, 3], 2, 11, Alone::TradeOpenly);
    let second = FIRST.0 + 8;
    town.move_home(0, IntervalIndex(second));
    town.live();
    let both = |group, first, count| [(group, first, Side::Sell, count), (group, first, Side::Buy, count)];
    let expected = [both(0, FIRST.0, 4), both(1, FIRST.0, 3), both(0, second, 3), both(1, second, 4)];
    assert_eq!(crowds(&town), expected.concat());
    // Its accounts of the first period are in the old group, those of the second one in the new.
    let masks = town.masks(0);
    assert_eq!(masks.len(), 4);
    for mask in masks {
        let group = u16::from(mask.period != Period(1));
        let offers = posted(&town, mask.account());
        assert!(offers.iter().all(|(of, start, _)| *of == group && (*start < second) == (group == 0)), "{offers:?}");
    }
    assert_eq!(posted(&town, town.homes[0].key.address()), BTreeSet::new());
    check_returned(&town, FIRST.0..second + 8);
}

#[test]
fn a_home_that_moves_within_a_period_trades_openly_in_both_groups_and_the_others_stay_hidden() {
    let mut town = Town::of_groups(&[4, 3], 1, 12, Alone::TradeOpenly);
    let from = FIRST.0 + 7;
    town.move_home(0, IntervalIndex(from));
    town.live();
    let both = |group, count| [(group, FIRST.0, Side::Sell, count), (group, FIRST.0, Side::Buy, count)];
    assert_eq!(crowds(&town), [both(0, 3), both(1, 3)].concat());
    let open = posted(&town, town.homes[0].key.address());
    assert!(open.iter().any(|offer| offer.0 == 0) && open.iter().any(|offer| offer.0 == 1), "{open:?}");
    assert!(open.iter().all(|(group, start, end)| (*group == 1) == (*start >= from) && (*end < from || *group == 1)));
    for home in &town.homes[1..] {
        assert_eq!(posted(&town, home.key.address()), BTreeSet::new());
    }
    check_returned(&town, FIRST.0..FIRST.0 + 8);
}

#[test]
fn a_home_that_is_never_to_be_seen_waits_through_the_period_in_which_it_moves() {
    let mut town = Town::of_groups(&[4, 3], 1, 13, Alone::Wait);
    town.move_home(0, IntervalIndex(FIRST.0 + 7));
    town.live();
    let mover = town.homes[0].key.address();
    assert_eq!((posted(&town, mover), town.masks(0).len()), (BTreeSet::new(), 0));
    let withdrawn = |event: &Event| matches!(event, Event::AssetsWithdrawn { account, .. } if *account == mover);
    assert!(!town.seen.events.iter().any(withdrawn));
    assert_eq!(crowds(&town).len(), 4);
    assert_eq!(town.market.group_at(mover, IntervalIndex(FIRST.0 + 7)), Some(GroupId(1)));
}
