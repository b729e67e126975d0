//! Nodes that break the rules, one test each.

use pow::{Params, Role};
use pow_simulation::{Behaviour, Network, World, id};

const NODES: usize = 6;
const ATTACKER: usize = 2;
/// What every node hashes, hashes a second.
const RATE: u64 = 2_000;

fn world(bits: u8, behaviour: Behaviour) -> World {
    let network = Network { delay_us: (200, 3_000), loss_per_mille: 0 };
    let mut world = World::new(&Params::new(bits), &[RATE; NODES], NODES, network, 5);
    world.set_behaviour(ATTACKER, behaviour);
    world
}

fn honest() -> impl Iterator<Item = usize> {
    (0..NODES).filter(|number| *number != ATTACKER)
}

fn is_expelled_everywhere(world: &World) -> bool {
    honest().all(|number| world.node(number).chain().is_expelled(id(ATTACKER)))
}

/// Runs until all honest nodes have expelled the attacker, and then for two more blocks, which it must not hinder.
#[track_caller]
fn must_be_expelled(mut world: World) {
    assert!(world.run_until(60_000_000, is_expelled_everywhere), "it was not expelled");
    let height = world.invariants.height() + 2;
    assert!(world.run_until(120_000_000, |world| world.invariants.height() >= height), "the chain stopped");
    assert!(honest().all(|number| !world.node(number).chain().members().contains(&id(ATTACKER))));
    assert!(
        honest().all(|accused| honest().all(|number| !world.node(number).shuns(id(accused)))),
        "honest nodes suffer"
    );
}

/// Balances of the attacker, and of the poorest honest node, as node 0 knows them.
fn balances(world: &World) -> (u64, u64) {
    let chain = world.node(0).chain();
    let poorest = honest().map(|number| chain.account(id(number)).balance).min();
    (chain.account(id(ATTACKER)).balance, poorest.expect("there are honest nodes"))
}

#[test]
fn honest_nodes_are_all_paid_and_nobody_is_expelled() {
    let mut world = world(14, Behaviour::Honest);
    assert!(world.run_until(600_000_000, |world| world.invariants.height() >= 40));
    let (one, poorest) = balances(&world);
    assert!(one > 0 && poorest > 0);
    assert!((0..NODES).all(|number| (0..NODES).all(|other| !world.node(number).shuns(id(other)))));
}

#[test]
fn a_miner_that_claims_ranges_it_did_not_search_is_detected_and_not_paid() {
    let mut world = world(15, Behaviour::Lazy(0));
    let detected = |world: &World| honest().any(|number| world.node(number).shuns(id(ATTACKER)));
    assert!(world.run_until(60_000_000, detected), "it was not detected");
    let before = balances(&world).0;
    assert!(world.run_until(600_000_000, |world| world.invariants.height() >= 30));
    let (lazy, poorest) = balances(&world);
    // As a manager it does work, and may be paid for that.
    assert!(lazy <= before + poorest / 2, "{lazy} of {poorest}");
}

#[test]
fn a_miner_that_searches_half_of_what_it_claims_is_detected_within_minutes() {
    let mut world = world(18, Behaviour::Lazy(500));
    let detected = |world: &World| honest().any(|number| world.node(number).shuns(id(ATTACKER)));
    assert!(world.run_until(120_000_000, detected), "it was not detected");
}

#[test]
fn a_share_forger_is_expelled() {
    must_be_expelled(world(13, Behaviour::Forger));
}

#[test]
fn a_miner_that_announces_wrong_solutions_is_expelled() {
    must_be_expelled(world(13, Behaviour::WrongSolver));
}

#[test]
fn a_manager_that_proposes_a_wrong_block_is_expelled() {
    must_be_expelled(world(12, Behaviour::WrongProposer));
}

#[test]
fn a_manager_that_nobody_elected_is_expelled() {
    must_be_expelled(world(13, Behaviour::Unelected));
}

#[test]
fn a_flooder_is_cut_off_and_the_others_go_on() {
    let mut world = world(13, Behaviour::Flooder(50));
    let cut_off = |world: &World| honest().all(|number| world.node(number).shuns(id(ATTACKER)));
    assert!(world.run_until(10_000_000, cut_off), "it was not cut off");
    let height = world.invariants.height() + 10;
    assert!(world.run_until(300_000_000, |world| world.invariants.height() >= height), "the chain stopped");
    assert!(honest().all(|accused| honest().all(|number| !world.node(number).shuns(id(accused)))));
    assert_ne!(world.node(0).status().role, Role::Outside);
}
