//! A home is asked for each interval once.

use runtime::Agent;
use transax::Side;

use crate::stage::{Stage, home, keys, offers};

#[test]
fn a_home_offers_for_the_next_interval_and_no_agent_of_it_wants_more() {
    let mut stage = Stage::new();
    let mut agent = home(0);
    for next in 0..6 {
        stage.go_to(next);
        let posted = offers(&stage.act_out(&mut agent));
        assert!(posted.iter().all(|(start, _)| *start == next), "{posted:?} while {next} is the next");
        assert_eq!(stage.ask(&mut home(0)), []);
    }
    assert_eq!(stage.market.offers().len(), 2);
}

#[test]
fn a_home_that_is_started_again_wants_what_it_would_have_wanted() {
    let mut stage = Stage::new();
    let mut agent = home(20);
    for next in 0..12 {
        stage.go_to(next);
        assert_eq!(stage.ask(&mut home(20)), stage.ask(&mut agent));
        stage.act_out(&mut agent);
    }
}

#[test]
fn a_home_that_was_stopped_between_two_offers_posts_the_other() {
    let mut stage = Stage::new();
    stage.go_to(20);
    let calls = stage.ask(&mut home(110));
    let (last, others) = calls.split_last().expect("withdrawals and offers");
    assert_eq!(offers(others).len(), 1);
    stage.carry_out(others);
    assert_eq!(stage.ask(&mut home(110)), std::slice::from_ref(last));
}

#[test]
fn surplus_and_stock_are_both_offered_in_the_last_interval() {
    let mut stage = Stage::new();
    stage.go_to(23);
    // Dim light: some surplus, and the battery sells too.
    let mut agent = home(110);
    let intents = agent.decide(&stage.market, stage.now);
    let mut names = keys(&intents);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), intents.len());
    stage.act(&mut agent);
    let sides: Vec<_> = stage.market.offers().map(|(_, offer)| (offer.side, offer.start.0, offer.end.0)).collect();
    assert_eq!(sides, [(Side::Sell, 23, 23); 2]);
    assert_eq!(offers(&stage.ask(&mut agent)), []);
}

#[test]
fn after_its_last_interval_a_home_offers_nothing() {
    let mut stage = Stage::new();
    stage.go_to(24);
    assert_eq!(stage.ask(&mut home(0)), []);
}
