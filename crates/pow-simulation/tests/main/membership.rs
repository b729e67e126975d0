//! Joining, leaving, paying.

use pow::{Input, Params, Terms};
use pow_simulation::{Network, SimulatedKeys, World, id};

const NETWORK: Network = Network { delay_us: (200, 3_000), loss_per_mille: 20 };

#[test]
fn a_node_that_joins_gets_the_chain_and_becomes_a_member_and_is_paid() {
    let mut world = World::new(&Params::new(13), &[2_000; 5], 4, NETWORK, 3);
    world.crash(4);
    assert!(world.run_until(60_000_000, |world| world.invariants.height() >= 5));
    world.recover(4);
    let joined = |world: &World| {
        let chain = world.node(4).chain();
        chain.members().contains(&id(4)) && chain.account(id(4)).balance > 0
    };
    assert!(world.run_until(120_000_000, joined));
    assert_eq!(world.node(4).chain().blocks()[..5], world.node(0).chain().blocks()[..5]);
}

#[test]
fn a_miner_that_leaves_delays_nobody_and_is_no_member_after_a_while() {
    let mut world = World::new(&Params::new(12), &[2_000; 6], 6, NETWORK, 4);
    assert!(world.run_until(60_000_000, |world| world.invariants.height() >= 3));
    world.crash(5);
    let gone = |world: &World| !world.node(0).chain().members().contains(&id(5));
    assert!(world.run_until(600_000_000, gone));
    let height = world.invariants.height() + 5;
    assert!(world.run_until(700_000_000, |world| world.invariants.height() >= height));
}

#[test]
fn a_payment_is_made_once_and_its_fee_goes_to_those_who_worked() {
    let mut world = World::new(&Params::new(13), &[2_000; 4], 4, NETWORK, 5);
    let rich = |world: &World| world.node(0).chain().account(id(0)).balance > 1_000_000;
    assert!(world.run_until(60_000_000, rich));
    let payee = id(77);
    let fee = Params::new(13).fee.fee_rounded_up(100_000);
    let payment = Terms { payer: id(0), payee, amount: 100_000, fee, sequence: 0 }.sign(&SimulatedKeys::new(0));
    world.tell(1, Input::Pay(payment.clone()));
    world.tell(2, Input::Pay(payment));
    let height = world.invariants.height() + 12;
    assert!(world.run_until(200_000_000, |world| world.node(0).chain().next_height() > height));
    let chain = world.node(0).chain();
    assert_eq!((chain.account(payee).balance, chain.account(id(0)).sequence), (100_000, 1));
    assert_eq!(chain.supply(), u64::from(chain.next_height() - 1) * chain.params().subsidy);
}
