//! A manager is killed as soon as it has leased something, and not all that it said has left its machine.

use pow::{Mode, Params, Role};
use pow_simulation::{Network, World};

const NODES: usize = 8;
/// Far longer than the slowest way to go on takes: one miner alone needs a second a block.
const PATIENCE_US: u64 = 120_000_000;

#[test]
fn a_height_goes_on_whoever_has_heard_of_its_beginning() {
    for mode in [Mode::Backups, Mode::SingleManager] {
        for seed in 0..200 {
            goes_on(mode, seed);
        }
    }
}

fn goes_on(mode: Mode, seed: u64) {
    let params = Params { mode, ..Params::new(11) };
    let mut world = World::new(&params, &[2_000; NODES], NODES, calm(), seed);
    assert!(world.run_until(PATIENCE_US, |world| world.invariants.height() >= 2));
    world.network = Network { loss_per_mille: 500, ..calm() };
    let manager = |world: &World| {
        (0..NODES).find(|number| {
            let status = world.node(*number).status();
            status.role == Role::Active && status.height >= 3 && !status.leases.is_empty()
        })
    };
    let now = world.now_us();
    assert!(
        world.run_until(now + PATIENCE_US, |world| manager(world).is_some()),
        "{mode:?}, seed {seed}: nobody leases"
    );
    let killed = manager(&world).expect("it was found");
    world.crash(killed);
    world.network = calm();
    let (now, height) = (world.now_us(), world.invariants.height());
    let goes_on = world.run_until(now + PATIENCE_US, |world| world.invariants.height() > height);
    let stands = (0..NODES).map(|number| {
        let status = world.node(number).status();
        format!(
            "{number} {:?} height {} term {} searching {}",
            status.role,
            status.height,
            status.term,
            status.searching.is_some()
        )
    });
    assert!(goes_on, "{mode:?}, seed {seed}, {killed} killed: {:#?}", stands.collect::<Vec<_>>());
    assert!(world.invariants.violations.is_empty(), "{mode:?}, seed {seed}: {:?}", world.invariants.violations);
}

const fn calm() -> Network {
    Network { delay_us: (200, 2_000), loss_per_mille: 0 }
}
