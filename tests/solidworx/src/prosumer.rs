//! What a prosumer decides.

use bindings::solidworx::Call;
use runtime::{Agent, Intent};
use solidworx::{Alternative, Event, Exchange, Side, packing};
use solidworx_prosumer::{Prosumer, Renewal, Wish, WishedAlternative};

use crate::market::{CLOSES, CONSUMER, PROVIDER, apply, assignment, close, finish, listed, post, propose, receiving};

/// Types 0 and 1, the one up to cycle 1, the other up to cycle 3.
fn wish(renewal: Renewal) -> Wish {
    let until =
        |resource_type, quantity, last_cycle| WishedAlternative { listed: listed(resource_type, quantity), last_cycle };
    Wish { misc: 7, side: Side::Providing, first_cycle: 1, renewal, alternatives: vec![until(0, 8, 1), until(1, 8, 3)] }
}

fn decide(exchange: &Exchange, now: u64, wishes: Vec<Wish>) -> Vec<Intent<Call>> {
    Prosumer::new("prosumer", PROVIDER, wishes).decide(exchange, now)
}

/// What the one intent offers.
fn offered(intents: &[Intent<Call>]) -> Vec<Alternative> {
    let [Intent { call: Call::PostPackedOffer { misc: 7, alternatives, .. }, .. }] = intents else {
        panic!("{intents:?}")
    };
    alternatives.clone()
}

/// The second cycle, after a first that assigned this much of type 0 of the provider's eight.
fn after(assigned: u64) -> Exchange {
    let mut exchange = receiving(0);
    post(&mut exchange, PROVIDER, Side::Providing, 7, &[listed(0, 8), listed(1, 8)]);
    post(&mut exchange, CONSUMER, Side::Consuming, 1, &[listed(0, 8)]);
    close(&mut exchange);
    if assigned > 0 {
        propose(&mut exchange, vec![assignment(0, assigned)]);
    }
    finish(&mut exchange);
    exchange
}

#[test]
fn what_is_wished_is_offered_once_a_cycle_while_offers_are_taken() {
    let mut exchange = receiving(0);
    let wishes = || vec![wish(Renewal::Rest)];
    assert_eq!(offered(&decide(&exchange, 0, wishes())), [listed(0, 8), listed(1, 8)]);
    assert_eq!(decide(&exchange, CLOSES, wishes()), []);
    let id = post(&mut exchange, PROVIDER, Side::Providing, 7, &[listed(0, 8), listed(1, 8)]);
    assert_eq!(decide(&exchange, 0, wishes()), []);
    apply(&mut exchange, [Event::OfferCanceled { id }]);
    assert_eq!(decide(&exchange, 0, wishes()), [], "what was taken back by hand stays so");
}

#[test]
fn somebody_elses_offer_of_the_same_number_is_not_taken_for_it() {
    let mut exchange = receiving(0);
    post(&mut exchange, CONSUMER, Side::Providing, 7, &[listed(0, 8)]);
    assert_eq!(offered(&decide(&exchange, 0, vec![wish(Renewal::Rest)])).len(), 2);
}

#[test]
fn what_was_assigned_is_not_offered_again_and_what_passed_is_not_either() {
    let rest = |assigned| {
        let exchange = after(assigned);
        decide(&exchange, 0, vec![wish(Renewal::Rest)])
    };
    assert_eq!(offered(&rest(0)), [listed(1, 8)]);
    assert_eq!(offered(&rest(3)), [listed(1, 5)]);
    assert_eq!(rest(8), []);
}

#[test]
fn a_wish_that_is_renewed_is_offered_whole() {
    assert_eq!(offered(&decide(&after(8), 0, vec![wish(Renewal::Whole)])), [listed(1, 8)]);
}

#[test]
fn a_wish_waits_for_its_first_cycle_and_ends_with_its_last() {
    let later = Wish { first_cycle: 2, ..wish(Renewal::Rest) };
    assert_eq!(decide(&receiving(0), 0, vec![later]), []);
    let mut exchange = after(0);
    for _ in 0..2 {
        close(&mut exchange);
        finish(&mut exchange);
    }
    assert_eq!(decide(&exchange, 0, vec![wish(Renewal::Whole)]), [], "cycle 4 is past");
}

#[test]
fn deposits_are_paid_and_fetched_back_after_the_cycle() {
    let mut exchange = receiving(5);
    let [Intent { call, .. }] = &decide(&exchange, 0, vec![wish(Renewal::Rest)])[..] else { panic!("one offer") };
    assert_eq!(call.value(), 5);
    let id = post(&mut exchange, PROVIDER, Side::Providing, 3, &[listed(0, 8)]);
    let contents = packing::contents(&exchange.offers()[&id].offer(id)).expect("few alternatives").into();
    assert_eq!(decide(&exchange, 0, vec![]), [], "its cycle is not over");
    close(&mut exchange);
    finish(&mut exchange);
    let wanted = [Intent::new(format!("deposit of offer {id}"), Call::ReturnDeposit { id, contents })];
    assert_eq!(decide(&exchange, 0, vec![]), wanted);
    apply(&mut exchange, [Event::DepositReturned { id, owner: PROVIDER, amount: 5 }]);
    assert_eq!(decide(&exchange, 0, vec![]), []);
}
