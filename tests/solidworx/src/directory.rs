//! What the directory decides.

use bindings::solidworx::Call;
use runtime::{Agent, Intent};
use solidworx::{Event, Exchange, Side};
use solidworx_directory::Directory;

use crate::market::{
    CLOSES, CONSUMER, ENDS, PROVIDER, apply, assignment, close, finish, listed, page, post, propose, receiving,
};

fn decide(exchange: &Exchange, now: u64) -> Vec<Intent<Call>> {
    Directory::new("directory", 2).decide(exchange, now)
}

/// A solving phase whose candidate has three assignments.
fn solving() -> Exchange {
    let mut exchange = receiving(0);
    for (owner, side) in [(PROVIDER, Side::Providing), (CONSUMER, Side::Consuming)] {
        post(&mut exchange, owner, side, 1, &[listed(0, 9), listed(1, 9)]);
    }
    close(&mut exchange);
    propose(&mut exchange, vec![assignment(0, 1), assignment(0, 2), assignment(1, 3)]);
    exchange
}

#[test]
fn a_phase_is_ended_as_soon_as_it_may_be_and_not_before() {
    let receiving = receiving(0);
    assert_eq!(decide(&receiving, CLOSES - 1), []);
    assert_eq!(decide(&receiving, CLOSES), [Intent::new("close cycle 1", Call::Close)]);
    assert_eq!(decide(&solving(), ENDS - 1), []);
    assert_eq!(page(&decide(&solving(), ENDS)[0].call), [assignment(0, 2), assignment(1, 3)]);
}

#[test]
fn one_who_follows_goes_on_with_the_pages_that_are_left() {
    let mut exchange = solving();
    let final_ones = [assignment(0, 2), assignment(1, 3)];
    apply(&mut exchange, final_ones.map(|assignment| Event::AssignmentFinalized { cycle: 1, assignment }));
    let intents = decide(&exchange, ENDS);
    assert_eq!(page(&intents[0].call), [assignment(0, 1)]);
    assert_ne!(intents[0].key, decide(&solving(), ENDS)[0].key, "each page is another intent");
}

#[test]
fn the_next_cycle_is_another_intent() {
    let mut exchange = solving();
    finish(&mut exchange);
    assert_eq!(decide(&exchange, ENDS), []);
    assert_eq!(decide(&exchange, exchange.phase_end()), [Intent::new("close cycle 2", Call::Close)]);
}

#[test]
fn a_cycle_that_nobody_offered_in_ends_empty() {
    let mut exchange = receiving(0);
    close(&mut exchange);
    assert_eq!(page(&decide(&exchange, ENDS)[0].call), []);
}
