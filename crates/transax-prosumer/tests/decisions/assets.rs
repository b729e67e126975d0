//! Assets are withdrawn ahead of offers, and deposited once final.

use transax::Side::{Buy, Sell};
use transax_prosumer::{RecordedOffer, Settings};
use units::{IntervalIndex, WattHours};

use crate::stage::{ACCOUNT, LIMIT, OFFER_HORIZON, Stage, deposits, offers, recorded, sale, withdrawals};

fn until(last: u32) -> Settings {
    Settings { last: IntervalIndex(last), ..Settings::default() }
}

#[test]
fn missing_assets_are_withdrawn_once_and_as_far_as_the_market_reaches() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[], 4, Settings::default());
    assert_eq!(withdrawals(&stage.act(&mut agent)), [(Sell, 0, OFFER_HORIZON), (Buy, 0, OFFER_HORIZON)]);
    assert_eq!(stage.act(&mut agent), []);
    assert_eq!(stage.ask(&mut recorded(&[], 4, Settings::default())), []);
}

#[test]
fn more_is_withdrawn_only_when_offers_come_near_what_is_missing() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[], 4, Settings { deposit_every: 100, ..Settings::default() });
    stage.act(&mut agent);
    stage.go_to(8);
    assert_eq!(stage.act(&mut agent), []);
    stage.go_to(9);
    assert_eq!(withdrawals(&stage.act(&mut agent)), [(Sell, 13, 21), (Buy, 13, 21)]);
}

#[test]
fn nothing_is_withdrawn_past_the_last_interval() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[], 4, until(5));
    assert_eq!(withdrawals(&stage.act(&mut agent)), [(Sell, 0, 5), (Buy, 0, 5)]);
    stage.go_to(3);
    assert_eq!(stage.ask(&mut agent), []);
}

#[test]
fn offers_that_reach_past_the_horizon_ask_for_no_assets_there() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[sale(20, 40)], 4, Settings::default());
    assert_eq!(withdrawals(&stage.act(&mut agent)), [(Sell, 0, OFFER_HORIZON), (Buy, 0, OFFER_HORIZON)]);
    assert_eq!(stage.ask(&mut agent), []);
}

#[test]
fn while_the_next_interval_waits_to_become_final_nothing_is_withdrawn_or_offered() {
    let mut stage = Stage::new();
    stage.now = stage.market.params().finalizable_at(IntervalIndex(0));
    assert_eq!(stage.ask(&mut recorded(&[sale(0, 3)], 4, Settings::default())), []);
}

#[test]
fn eight_intervals_are_deposited_together_once_the_last_of_them_is_final() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[sale(2, 3), sale(7, 9)], 12, Settings::default());
    stage.act(&mut agent);
    stage.go_to(7);
    assert_eq!(deposits(&stage.act_out(&mut agent)), []);
    stage.go_to(8);
    assert_eq!(deposits(&stage.act_out(&mut agent)), [(0, 7, 2)]);
    let deposited = |interval| stage.market.deposited_assets(ACCOUNT, Sell, IntervalIndex(interval));
    assert_eq!((0..9).map(deposited).collect::<Vec<_>>(), [&[LIMIT; 8][..], &[WattHours(0)]].concat());
}

#[test]
fn deposits_are_aligned_however_late_the_first_is_made() {
    let mut stage = Stage::new();
    stage.go_to(3);
    let mut agent = recorded(&[sale(4, 6)], 12, Settings::default());
    stage.act(&mut agent);
    stage.go_to(18);
    assert_eq!(deposits(&stage.act_out(&mut agent)), [(0, 7, 1), (8, 15, 0)]);
}

#[test]
fn the_rest_of_the_day_is_deposited_at_its_end() {
    let mut stage = Stage::new();
    let mut agent = recorded(&[sale(8, 10)], 12, until(10));
    stage.act_out(&mut agent);
    stage.go_to(10);
    assert_eq!(deposits(&stage.act_out(&mut agent)), [(0, 7, 0)]);
    stage.go_to(11);
    assert_eq!(deposits(&stage.act_out(&mut agent)), [(8, 10, 1)]);
    stage.go_to(12);
    assert_eq!(stage.ask(&mut agent), []);
    assert!(stage.market.offers().all(|(_, offer)| offer.is_done()));
}

#[test]
fn many_offers_are_settled_in_several_deposits() {
    let mut stage = Stage::new();
    let small = RecordedOffer { energy: WattHours(10), ..sale(1, 1) };
    let mut agent = recorded(&[small; 40], 4, Settings::default());
    assert_eq!(offers(&stage.act(&mut agent)).len(), 40);
    stage.go_to(8);
    assert_eq!(deposits(&stage.act_out(&mut agent)), [(0, 7, 32), (0, 7, 8)]);
}

#[test]
fn nothing_is_deposited_where_nothing_is_due() {
    let mut stage = Stage::new();
    stage.go_to(20);
    assert_eq!(deposits(&stage.act_out(&mut recorded(&[], 4, Settings::default()))), []);
}
