//! Markets made of events.

use alloy::primitives::Address;
use bindings::solidworx::Call;
use solidworx::{Alternative, Assignment, Event, Exchange, SetUp, Side, Terms, packing};

pub const PROVIDER: Address = Address::repeat_byte(1);
pub const CONSUMER: Address = Address::repeat_byte(2);
pub const SOLVER: Address = Address::repeat_byte(9);
/// The first cycle's phases end at these times.
pub const CLOSES: u64 = 600;
pub const ENDS: u64 = 900;

/// A market in its first offering phase.
pub fn receiving(deposit: u128) -> Exchange {
    let mut exchange = Exchange::default();
    let terms = Terms::new(8, 1000, 100);
    let (receive_seconds, solve_seconds) = (CLOSES, ENDS - CLOSES);
    let set_up = SetUp { terms, receive_seconds, solve_seconds, quantity_decimals: 0, price_decimals: 0, deposit };
    apply(&mut exchange, [Event::SetUp(set_up), Event::CycleBegun { cycle: 1, end: CLOSES }]);
    exchange
}

/// Folds in what must follow.
pub fn apply(exchange: &mut Exchange, events: impl IntoIterator<Item = Event>) {
    events.into_iter().for_each(|event| exchange.apply(event).expect("it follows"));
}

/// `quantity` of a type at 7.
pub const fn listed(resource_type: u64, quantity: u64) -> Alternative {
    Alternative { resource_type, quantity, price: 7 }
}

/// A packed offer, numbered on.
pub fn post(exchange: &mut Exchange, owner: Address, side: Side, misc: u64, alternatives: &[Alternative]) -> u64 {
    let id = exchange.offers().last_key_value().map_or(0, |(id, _)| *id) + 1;
    let alternatives = alternatives.to_vec();
    apply(exchange, [Event::PackedOfferPosted { id, owner, side, misc, alternatives }]);
    id
}

/// Ends the offering phase.
pub fn close(exchange: &mut Exchange) {
    let end = exchange.phase_end() + ENDS - CLOSES;
    apply(exchange, [Event::Closed { cycle: exchange.cycle(), end }]);
}

/// Makes an allocation the candidate.
pub fn propose(exchange: &mut Exchange, assignments: Vec<Assignment>) {
    let value = exchange.market().expect("it is set up").verify(&assignments).expect("feasible");
    apply(exchange, [Event::SolutionPosted { cycle: exchange.cycle(), solver: SOLVER, value, assignments }]);
}

/// Ends the cycle with its candidate, and begins the next.
pub fn finish(exchange: &mut Exchange) {
    let cycle = exchange.cycle();
    let (value, all) = exchange.candidate().map_or((0, vec![]), |one| (one.value, one.assignments.clone()));
    apply(exchange, all.into_iter().map(|assignment| Event::AssignmentFinalized { cycle, assignment }));
    let end = exchange.phase_end() + CLOSES;
    apply(exchange, [Event::Finalized { cycle, value }, Event::CycleBegun { cycle: cycle + 1, end }]);
}

/// `quantity` of type `resource_type` from offer 1 to offer 2.
pub const fn assignment(resource_type: u64, quantity: u64) -> Assignment {
    Assignment { providing_offer: 1, consuming_offer: 2, resource_type, quantity, price: 7 }
}

/// The assignments that a call of `finalize` makes final.
pub fn page(call: &Call) -> Vec<Assignment> {
    let Call::Finalize { records, .. } = call else { panic!("{call:?}") };
    packing::read_records(records).expect("whole records")
}
