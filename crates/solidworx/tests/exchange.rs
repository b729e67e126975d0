//! A market over its cycles, folded from events.

use alloy_primitives::{Address, B256, b256, keccak256};
use solidworx::{
    Alternative, Assignment, Due, Event, Exchange, Inconsistent, Outcome, Pair, SetUp, Side, State, Terms, TypeRule,
    packing,
};

const SOLVER: Address = Address::repeat_byte(9);

fn set_up() -> Event {
    let terms = Terms { paired: true, ..Terms::new(4, 1000, 100) };
    let (receive_seconds, solve_seconds) = (600, 300);
    Event::SetUp(SetUp { terms, receive_seconds, solve_seconds, quantity_decimals: 0, price_decimals: 0, deposit: 5 })
}

fn apply(exchange: &mut Exchange, events: impl IntoIterator<Item = Event>) {
    events.into_iter().for_each(|event| exchange.apply(event).expect("it follows"));
}

fn owner(number: u8) -> Address {
    Address::repeat_byte(number)
}

const fn listed(resource_type: u64, quantity: u64) -> Alternative {
    Alternative { resource_type, quantity, price: 7 }
}

fn packed(id: u64, side: Side) -> Event {
    let alternatives = vec![listed(0, 4), listed(1, 6)];
    Event::PackedOfferPosted { id, owner: owner(1), side, misc: 20 + id, alternatives }
}

const fn assignment(quantity: u64) -> Assignment {
    Assignment { providing_offer: 1, consuming_offer: 2, resource_type: 0, quantity, price: 7 }
}

/// A market in its first offering phase, with a packed offer of either side.
fn receiving() -> Exchange {
    let mut exchange = Exchange::default();
    let pair = Pair { resource_type: 0, provider: owner(1), consumer: owner(1) };
    let rule = TypeRule { weight: 3, min_price: 1, max_price: 9 };
    let declared = [Event::TypeDeclared { resource_type: 2, rule }, Event::PairDeclared(pair)];
    apply(&mut exchange, declared.into_iter().chain([set_up(), Event::CycleBegun { cycle: 1, end: 600 }]));
    let terms = exchange.terms().expect("it is set up");
    assert!(terms.rule(2) == rule && terms.pairs.contains(&pair));
    apply(&mut exchange, [packed(1, Side::Providing), packed(2, Side::Consuming)]);
    exchange
}

/// The same in its solving phase, with a candidate of three assignments.
fn solving() -> Exchange {
    let mut exchange = receiving();
    let assignments = vec![assignment(1), assignment(2), assignment(1)];
    let posted = Event::SolutionPosted { cycle: 1, solver: SOLVER, value: 4, assignments };
    apply(&mut exchange, [Event::Closed { cycle: 1, end: 900 }, posted]);
    exchange
}

fn finalized(quantity: u64) -> Event {
    Event::AssignmentFinalized { cycle: 1, assignment: assignment(quantity) }
}

#[test]
fn an_offer_is_in_the_market_while_it_is_posted() {
    let mut exchange = receiving();
    let ids = |exchange: &Exchange| {
        let market = exchange.market().expect("it is set up");
        market.offers.iter().map(|offer| offer.id).collect::<Vec<_>>()
    };
    let created = Event::OfferCreated { id: 3, owner: owner(2), side: Side::Providing, misc: 0 };
    let updates = [listed(1, 5), listed(0, 9), listed(1, 0)].map(|listed| Event::OfferUpdated { id: 3, listed });
    apply(&mut exchange, [created].into_iter().chain(updates));
    assert_eq!(ids(&exchange), [1, 2]);
    apply(&mut exchange, [Event::OfferPosted { id: 3 }, Event::OfferCanceled { id: 1 }]);
    assert_eq!(ids(&exchange), [2, 3]);
    let market = exchange.market().expect("it is set up");
    assert_eq!(market.offer(3).map(|offer| offer.alternatives.clone()), Some(vec![listed(0, 9)]));
    assert_eq!(exchange.offers_of(owner(1)).map(|(id, _)| id).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_phase_that_lasts_has_nothing_due() {
    assert_eq!(receiving().due(599, 9), None);
    assert_eq!(receiving().due(600, 9), Some(Due::Close { cycle: 1 }));
    assert_eq!(solving().due(899, 9), None);
    assert_eq!(Exchange::default().due(0, 9), None);
}

#[test]
fn pages_that_are_final_are_not_due_again() {
    let mut exchange = solving();
    let (one, two) = (assignment(1), assignment(2));
    let page = packing::Page { rest: packing::chain(&[one]), records: packing::records(&[two, one]) };
    assert_eq!(exchange.due(900, 2), Some(Due::Finalize { cycle: 1, left: 1, page }));
    apply(&mut exchange, [finalized(2), finalized(1)]);
    let page = packing::Page { rest: B256::ZERO, records: packing::records(&[one]) };
    assert_eq!(exchange.due(900, 2), Some(Due::Finalize { cycle: 1, left: 0, page }));
}

#[test]
fn a_cycle_inherits_nothing_and_is_remembered() {
    let mut exchange = solving();
    apply(&mut exchange, [finalized(1), finalized(2), finalized(1), Event::Finalized { cycle: 1, value: 4 }]);
    apply(&mut exchange, [Event::CycleBegun { cycle: 2, end: 1500 }]);
    assert_eq!((exchange.state(), exchange.cycle(), exchange.phase_end()), (State::Receive, 2, 1500));
    assert!(exchange.candidate().is_none() && exchange.market().expect("it is set up").offers.is_empty());
    let outcome =
        Outcome { value: 4, solver: Some(SOLVER), assignments: vec![assignment(1), assignment(2), assignment(1)] };
    assert_eq!(exchange.outcomes().get(&1), Some(&outcome));
    assert_eq!(exchange.market_of(1).expect("it was set up").offers.len(), 2);
    // All four units of type 0, of six were it of type 1.
    assert_eq!((exchange.used_parts(1, 4), exchange.used_parts(1, 6), exchange.used_parts(3, 4)), (4, 6, 0));
}

#[test]
fn a_cycle_without_a_candidate_ends_with_an_empty_page() {
    let mut exchange = receiving();
    apply(&mut exchange, [Event::Closed { cycle: 1, end: 900 }]);
    let page = packing::Page { rest: B256::ZERO, records: Vec::new() };
    assert_eq!(exchange.due(900, 2), Some(Due::Finalize { cycle: 1, left: 0, page }));
    apply(&mut exchange, [Event::Finalized { cycle: 1, value: 0 }]);
    assert_eq!(exchange.outcomes().get(&1), Some(&Outcome { value: 0, solver: None, assignments: vec![] }));
}

#[test]
fn a_solution_made_step_by_step_is_the_candidate_once_it_is_worth_more() {
    let mut exchange = solving();
    let added = |quantity, value| Event::AssignmentAdded { id: 1, assignment: assignment(quantity), value };
    apply(&mut exchange, [Event::SolutionCreated { id: 1, solver: owner(3), misc: 0 }, added(4, 4)]);
    assert_eq!(exchange.candidate().and_then(|candidate| candidate.solution), None, "it is worth as much");
    apply(&mut exchange, [added(1, 5)]);
    let candidate = exchange.candidate().expect("there is one");
    assert_eq!((candidate.solution, candidate.value, candidate.solver), (Some(1), 5, owner(3)));
    assert_eq!(candidate.assignments, [assignment(4), assignment(1)]);
}

#[test]
fn what_cannot_follow_is_an_error() {
    let refused = |mut exchange: Exchange, event| exchange.apply(event).expect_err("it does not follow");
    assert_eq!(refused(receiving(), Event::OfferPosted { id: 7 }), Inconsistent::UnknownOffer { id: 7 });
    let added = Event::AssignmentAdded { id: 7, assignment: assignment(1), value: 1 };
    assert_eq!(refused(solving(), added), Inconsistent::UnknownSolution { id: 7 });
    let begun = Event::CycleBegun { cycle: 3, end: 0 };
    let out_of_turn = |found, state| Inconsistent::OutOfTurn { found, cycle: 1, state };
    assert_eq!(refused(receiving(), begun), out_of_turn(3, State::Receive));
    assert_eq!(refused(receiving(), finalized(1)), out_of_turn(1, State::Receive));
    assert_eq!(refused(solving(), Event::Closed { cycle: 1, end: 0 }), out_of_turn(1, State::Solve));
    let early = Inconsistent::OtherOutcome { cycle: 1, value: 4, assignments: 0 };
    assert_eq!(refused(solving(), Event::Finalized { cycle: 1, value: 4 }), early);
}

#[test]
fn what_is_written_down_is_read_again_and_told_by_its_form() {
    let mut exchange = solving();
    apply(&mut exchange, [finalized(1)]);
    let bytes = postcard::to_allocvec(&exchange).expect("an exchange can be written down");
    assert_eq!(postcard::from_bytes(&bytes), Ok(exchange));
    let known = b256!("82b0160e85c17d2605087e92232f310524bb2a421fb5465dc19b64e0ea34f0c1");
    assert_eq!((Exchange::FORM, keccak256(bytes)), (1, known), "another form needs another number");
}
