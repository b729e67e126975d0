//! Homes that forget do what homes do that remember everything, and remember no more from day to day.

use std::collections::BTreeMap;

use alloy::primitives::Address;
use transax::{Bill, Event, Kin, Market, Metered, Past, Position, PriceSchedule, Side, bill_rounded_toward_zero};
use transax_mixer::{Mask, Masks, Schedule};
use transax_prosumer::Alone;
use units::{IntervalIndex, WattHours};

use crate::town::{FIRST, Town};

/// Periods of a day of quarters.
const DAY: u32 = 12;
const SIDES: [Side; 2] = [Side::Sell, Side::Buy];

/// So many periods of two groups, in which a home is started again, one is gone for a while, and one moves.
fn eventful(periods: u32, forgets: bool) -> Town {
    let mut town = Town::of_groups(&[4, 3], periods, 5, Alone::TradeOpenly);
    town.read_apart(forgets);
    town.move_home(0, IntervalIndex(FIRST.0 + 3 * 8 + 2));
    for passed in 0..(periods - 1) * 8 + Schedule::default().tail() + FIRST.0 + 2 {
        match passed {
            14 => town.restart(1),
            // It has withdrawn, and what it traded waits for it.
            20 => town.homes[2].is_gone = true,
            38 => {
                town.homes[2].is_gone = false;
                town.restart(2);
            }
            _ => {}
        }
        town.pass();
    }
    town
}

/// What a home has, and its meter: accounts, trades, what came to the meter, and a bill of deliveries as offered.
fn told(town: &Town, number: usize, market: &Market) -> (Vec<Address>, BTreeMap<IntervalIndex, Position>, Bill) {
    let (home, schedule) = (&town.homes[number], Schedule::default());
    let prosumer = home.key.address();
    let mut accounts = vec![prosumer];
    accounts.extend(Masks::new(home.secret.clone(), schedule).known(market, prosumer).iter().map(Mask::account));
    let positions = market.positions_together(&accounts);
    let mut received: BTreeMap<_, u64> = BTreeMap::new();
    for (account, meter) in market.deposits() {
        for (interval, side, energy) in market.deposited_to(account, meter) {
            let awaited = home.meter_secret.one_time(schedule.period(interval), account).address();
            *received.entry((interval, side)).or_default() += if awaited == meter { energy.0 } else { 0 };
        }
    }
    let left: Vec<_> = accounts.iter().flat_map(|account| market.left_over(*account)).collect();
    let metered = (0..market.stored_next().0).map(IntervalIndex).map(|interval| {
        let Position { sold, bought, .. } = positions.get(&interval).copied().unwrap_or_default();
        let of_side = |side| -> u64 {
            let ends = left.iter().filter(|(of, _)| *of == (interval, side));
            ends.map(|(_, energy)| energy.0).sum()
        };
        let signed = |energy| i64::try_from(energy).expect("32 bits");
        let withdrawn = SIDES.map(|side| market.withdrawn_assets(prosumer, side, interval));
        let deposited = SIDES.map(|side| {
            let came = received.get(&(interval, side)).copied().unwrap_or_default();
            WattHours(market.deposited_assets(prosumer, side, interval).0 + came)
        });
        Metered {
            interval,
            net_wh: signed(sold.0 + of_side(Side::Sell)) - signed(bought.0 + of_side(Side::Buy)),
            withdrawn: withdrawn.into(),
            deposited: deposited.into(),
        }
    });
    let (metered, params) = (metered.collect::<Vec<_>>(), market.params());
    (accounts, positions, bill_rounded_toward_zero(params, &PriceSchedule::flat(params), &metered))
}

#[test]
fn homes_that_forget_do_what_those_do_that_remember_everything() {
    let [whole, forgetting] = [false, true].map(|forgets| eventful(2 * DAY, forgets));
    let mixed = |event: &&Event| matches!(event, Event::Mixed(mixed) if mixed.amounts.is_empty());
    assert!(whole.seen.events.iter().filter(mixed).count() > 20, "mixes of what goes home");
    assert!(whole.market.traded() > WattHours(0));
    for (place, (one, other)) in whole.seen.events.iter().zip(&forgetting.seen.events).enumerate() {
        assert_eq!(other, one, "event {place}");
    }
    assert_eq!(forgetting.seen.events.len(), whole.seen.events.len());
    assert_eq!(forgetting.market, whole.market);
    for (number, home) in forgetting.homes.iter().enumerate() {
        let view = home.view().expect("a view of its own");
        assert!(matches!(view.past(), Past::Unseen { .. }));
        let (accounts, positions, bill) = told(&whole, number, &whole.market);
        assert!(accounts.len() > 20 && !positions.is_empty() && bill.missing_wh == 0, "home {number}: {bill:?}");
        assert_eq!(told(&forgetting, number, view), (accounts, positions, bill), "home {number}");
        assert!(view.accounts().eq(whole.market.accounts()), "balances and nonces");
    }
}

/// Whatever it has read of the chain when it begins, and however late it is.
#[test]
fn a_home_that_begins_again_anywhere_wants_the_same_whichever_it_reads() {
    let mut town = eventful(4, false);
    let events = std::mem::take(&mut town.seen.events);
    for number in [0, 2, 3] {
        let (kin, params) = (town.homes[number].kin(), town.market.params().clone());
        let (mut whole, mut lean) = (Market::new(params.clone()), Market::remembering(params, kin.past()));
        let mut wanted = 0;
        for (place, event) in events.iter().enumerate() {
            whole.apply(event).expect("it happened");
            lean.apply_recognising(event, &kin).expect("it happened");
            if place % 23 > 0 {
                continue;
            }
            let reached = whole.params().finalizable_at(whole.stored_next());
            for now in [0, 1, 9].map(|late| reached - 450 + late * 900) {
                let chance = town.chance();
                let wants = [&whole, &lean].map(|market| {
                    town.draw_again(chance);
                    town.restart(number);
                    town.homes[number].wants(market, now)
                });
                assert_eq!(wants[0], wants[1], "home {number}, event {place}, at {now}");
                wanted += wants[0].len();
            }
        }
        assert!(wanted > 50, "home {number} wanted {wanted} things");
    }
}

/// How much a view holds that is not of the home itself nor, as the contract has it, an account: offers, joint transactions,
/// and final intervals with their legs.
fn held(market: &Market) -> [usize; 4] {
    let legs = market.final_intervals().map(|(_, last)| last.legs.len()).sum();
    [market.offers().len(), market.mixes().count(), market.final_intervals().count(), legs]
}

#[test]
fn from_day_to_day_a_view_holds_as_much_of_others_and_its_own_by_the_period() {
    let mut town = Town::of_groups(&[4], 6 * DAY, 9, Alone::TradeOpenly);
    town.read_apart(true);
    let (mut most, mut own) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        let mut of_day = [0; 4];
        for _ in 0..DAY * 8 {
            town.pass();
            for home in &town.homes {
                let held = held(home.view().expect("a view of its own"));
                of_day.iter_mut().zip(held).for_each(|(most, held): (&mut usize, usize)| *most = held.max(*most));
            }
        }
        most.push(of_day);
        own.push(town.homes[0].view().expect("a view of its own").deposits().count());
    }
    let whole = held(&town.market);
    for at in 0..4 {
        let (first, last) = (most[0][at], most[5][at]);
        assert!(last <= first + first / 4 + 2, "from {first} to {last}: {most:?}");
        assert!(whole[at] > 4 * last, "{whole:?} are remembered in all");
    }
    assert!(own.iter().zip(1..).all(|(own, day)| *own <= 2 * 12 * day), "two accounts a period deposit: {own:?}");
}
