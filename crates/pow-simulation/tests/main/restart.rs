//! A node that was stopped goes on from its records.

use std::{collections::BTreeSet, sync::Arc};

use pow::{Ballot, Effect, Envelope, Input, Message, Mode, Node, NodeId, Params, Record};
use pow_simulation::{Network, SimulatedKeys, World, id};

const NODES: usize = 5;
/// When nobody has heard of the manager for long, milliseconds.
const LATE_MS: u64 = 1_000;

fn members() -> BTreeSet<NodeId> {
    (0..NODES).map(id).collect()
}

/// A voter and two candidates: none of them the first manager.
fn voter_and_candidates() -> [usize; 3] {
    let manager = fresh(0).chain().order()[0];
    let mut others = (0..NODES).filter(|number| id(*number) != manager);
    std::array::from_fn(|_| others.next().expect("four others"))
}

fn fresh(number: usize) -> Node {
    Node::new(Params::new(12), members(), Box::new(SimulatedKeys::new(number)), 0)
}

fn restored(number: usize, records: &[Record]) -> Node {
    let keys = Box::new(SimulatedKeys::new(number));
    Node::restore(Params::new(12), members(), keys, 0, records.to_vec()).expect("it wrote them itself")
}

/// Lets a candidate ask a node for its vote, and returns what the node writes down and then says.
fn asked(node: &mut Node, candidate: usize, term: u32) -> (Vec<Record>, Vec<Envelope>) {
    let campaign = Envelope::seal(Message::Campaign { height: 1, term }, &SimulatedKeys::new(candidate));
    let effects = node.handle(LATE_MS, Input::Received(Arc::new(campaign)));
    let (mut records, mut said) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Keep(written) => {
                assert!(said.is_empty(), "it is written down before anything is said");
                records.extend(written);
            }
            Effect::Send { envelope, .. } => said.push(Envelope::clone(&envelope)),
            _ => {}
        }
    }
    (records, said)
}

/// The vote among what a node said.
fn vote_of(said: &[Envelope]) -> Option<(u32, NodeId)> {
    said.iter().find_map(|envelope| match &envelope.message {
        Message::Ballot { vote, .. } => match vote.message {
            Message::Vote { term, candidate, .. } => Some((term, candidate)),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn a_node_that_was_stopped_after_its_vote_does_not_vote_for_another_in_the_same_term() {
    let [voter, one, other] = voter_and_candidates();
    let (records, said) = asked(&mut fresh(voter), one, 1);
    assert_eq!(vote_of(&said), Some((1, id(one))));
    let mut node = restored(voter, &records);
    assert_eq!(vote_of(&asked(&mut node, other, 1).1), None);
    assert_eq!(vote_of(&asked(&mut node, one, 1).1), Some((1, id(one))), "the same vote may be repeated");
    assert_eq!(vote_of(&asked(&mut node, other, 2).1), Some((2, id(other))), "the next term is free");
    // The records are what makes the difference.
    assert_eq!(vote_of(&asked(&mut restored(voter, &[]), other, 1).1), Some((1, id(other))));
}

#[test]
fn what_is_written_down_already_is_not_written_again() {
    let [voter, one, other] = voter_and_candidates();
    let mut node = fresh(voter);
    let (records, _) = asked(&mut node, one, 1);
    assert_eq!(records.len(), 1);
    for node in [&mut node, &mut restored(voter, &records)] {
        let (again, said) = asked(node, one, 1);
        assert_eq!((again, vote_of(&said)), (Vec::new(), Some((1, id(one)))));
        assert_eq!(asked(node, other, 2).0.len(), 1, "a new vote is");
    }
}

#[test]
fn the_first_manager_takes_no_office_again_that_it_may_have_held_before() {
    let manager = fresh(0).chain().order()[0];
    let number = (0..NODES).find(|number| id(*number) == manager).expect("a member");
    let says = |mut node: Node| {
        let effects = node.handle(200, Input::Tick);
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Send { envelope, .. } if envelope.message.mandate().is_some()))
    };
    assert!(says(fresh(number)));
    assert!(!says(restored(number, &[])));
}

#[test]
fn records_that_do_not_follow_are_refused() {
    let ballot = Record::Ballot(Ballot { height: 2, ..Ballot::default() });
    let keys = Box::new(SimulatedKeys::new(0));
    let error = Node::restore(Params::new(12), members(), keys, 0, [ballot]).err().expect("height 2 comes after 1");
    assert_eq!(error.height, 1);
}

#[test]
fn a_chain_whose_nodes_are_all_stopped_at_once_goes_on() {
    [Mode::Backups, Mode::SingleManager].into_iter().for_each(goes_on_after_stops);
}

fn goes_on_after_stops(mode: Mode) {
    let network = Network { delay_us: (200, 3_000), loss_per_mille: 0 };
    let mut world = World::new(&Params { mode, ..Params::new(12) }, &[2_000; NODES], NODES, network, 3);
    for restart in 1..=5_u64 {
        let height = world.invariants.height() + 2;
        assert!(world.run_until(restart * 100_000_000, |world| world.invariants.height() >= height));
        (0..NODES).for_each(|number| world.crash(number));
        (0..NODES).for_each(|number| world.recover(number));
        assert!((0..NODES).any(|number| world.node(number).chain().next_height() > height), "blocks are kept");
    }
    assert!(world.invariants.violations.is_empty(), "{:?}", world.invariants.violations);
}
