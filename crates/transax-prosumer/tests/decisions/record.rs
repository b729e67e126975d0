//! Recorded offers are posted when their time comes near, each once.

use runtime::Agent;
use transax::Side;
use transax_prosumer::{RecordedOffer, Settings};
use units::{Price, WattHours};

use crate::stage::{Stage, keys, offers, recorded, sale};

/// What an agent of this record posts as `next` becomes the next interval, and what one that is started again then would.
fn posted(stage: &mut Stage, record: &[RecordedOffer], ahead: u32, next: u32) -> Vec<(u32, u32)> {
    stage.go_to(next);
    let mut agent = recorded(record, ahead, Settings::default());
    let posted = offers(&stage.act_out(&mut agent));
    assert_eq!(stage.ask(&mut recorded(record, ahead, Settings::default())), []);
    posted
}

#[test]
fn an_offer_is_posted_when_its_first_interval_comes_near() {
    let (mut stage, record) = (Stage::new(), [sale(6, 8)]);
    let posts = [0, 3, 4, 5].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![], vec![], vec![(6, 8)], vec![]]);
}

#[test]
fn an_offer_is_posted_as_it_was_recorded() {
    let mut stage = Stage::new();
    let bid = RecordedOffer { side: Side::Buy, energy: WattHours(70), price: Price(123_456), ..sale(1, 2) };
    posted(&mut stage, &[bid], 4, 0);
    let (_, offer) = stage.market.offers().next().expect("one offer");
    let RecordedOffer { side, energy, price, start, end } = bid;
    assert_eq!((offer.side, offer.energy, offer.price, offer.start, offer.end), (side, energy, price, start, end));
}

#[test]
fn a_late_offer_is_posted_from_the_next_interval_on_and_once() {
    let (mut stage, record) = (Stage::new(), [sale(2, 9)]);
    let posts = [5, 6].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![(5, 9)], vec![]]);
}

#[test]
fn an_offer_that_has_ended_is_not_posted() {
    let mut stage = Stage::new();
    assert_eq!(posted(&mut stage, &[sale(2, 4)], 2, 5), []);
}

#[test]
fn offers_that_are_alike_are_posted_each() {
    let (mut stage, record) = (Stage::new(), [sale(1, 2); 3]);
    let posts = [0, 1].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![(1, 2); 3], vec![]]);
}

#[test]
fn after_some_of_the_offers_that_are_alike_the_others_follow() {
    let (mut stage, record) = (Stage::new(), [sale(1, 2); 3]);
    let mut agent = recorded(&record, 2, Settings::default());
    let calls = stage.ask(&mut agent);
    // The two withdrawals and the first offer; then the agent is stopped.
    stage.carry_out(&calls[..3]);
    assert_eq!(posted(&mut stage, &record, 2, 0), [(1, 2); 2]);
}

#[test]
fn offers_that_end_alike_are_told_apart_by_their_start() {
    // The second starts first, so it is posted first.
    let (mut stage, record) = (Stage::new(), [sale(6, 8), sale(2, 8)]);
    let posts = [0, 1, 2, 4, 5].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![(2, 8)], vec![], vec![], vec![(6, 8)], vec![]]);
}

#[test]
fn a_late_offer_is_not_taken_for_one_that_starts_later() {
    let (mut stage, record) = (Stage::new(), [sale(7, 8), sale(2, 8)]);
    let posts = [4, 5, 6].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![(4, 8)], vec![(7, 8)], vec![]]);
}

#[test]
fn offers_that_differ_in_price_are_told_apart() {
    let dear = RecordedOffer { price: Price(150_000), ..sale(6, 8) };
    let (mut stage, record) = (Stage::new(), [dear, sale(2, 8)]);
    let posts = [0, 4, 5].map(|next| posted(&mut stage, &record, 2, next));
    assert_eq!(posts, [vec![(2, 8)], vec![(6, 8)], vec![]]);
    let prices: Vec<_> = stage.market.offers().map(|(_, offer)| offer.price.0).collect();
    assert_eq!(prices, [100_000, 150_000]);
}

#[test]
fn every_intent_has_a_name_of_its_own() {
    let stage = Stage::new();
    let intents = recorded(&[sale(1, 2); 3], 2, Settings::default()).decide(&stage.market, stage.now);
    let mut names = keys(&intents);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 5);
}
