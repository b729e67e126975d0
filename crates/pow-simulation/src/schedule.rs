//! A run of a network with everything that can go wrong in it, and what must hold nevertheless.

use pow::Params;

use crate::{Network, Random, World};

/// A seeded schedule: 4 to 7 nodes; a time of loss, delay, partition and crashes; then a time in which all is well.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Decides everything.
    pub seed: u64,
}

/// What a schedule came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What was violated, one sentence each.
    pub violations: Vec<String>,
    /// Blocks decided.
    pub blocks: u32,
    /// The greatest term of a height.
    pub greatest_term: u32,
    /// Leases checked.
    pub leases: u64,
    /// Ranges leased again after they expired.
    pub leased_again: u64,
    /// A digest of the chain, by which two runs are compared.
    pub chain: String,
}

/// How long things go wrong, microseconds.
const TROUBLE_US: u64 = 1_500_000;
/// Within which time after it everybody must have caught up and decided one more block.
const HEALING_US: u64 = 20_000_000;

impl Schedule {
    /// Runs it.
    pub fn run(self) -> Summary {
        let mut random = Random::new(self.seed);
        let nodes = usize::try_from(random.between(4, 7)).expect("few");
        let rates: Vec<u64> = (0..nodes).map(|_| random.between(500, 2_000)).collect();
        let params = Params { lease_expiry_ms: 600, ..Params::new(10) };
        let slowest = random.between(500, 60_000);
        let network = Network { delay_us: (200, slowest), loss_per_mille: random.between(0, 150) };
        let mut world = World::new(&params, &rates, nodes, network, random.number());
        while world.now_us() < TROUBLE_US {
            let pause = random.between(50_000, 400_000);
            let until = (world.now_us() + pause).min(TROUBLE_US);
            world.run_until(until, |_| false);
            trouble(&mut world, &mut random);
        }
        for number in 0..nodes {
            world.recover(number);
            world.set_side(number, 0);
        }
        world.network = Network { delay_us: (200, 5_000), loss_per_mille: 0 };
        let goal = world.invariants.height() + 1;
        let caught_up = |world: &World| (0..nodes).all(|number| world.node(number).chain().next_height() > goal);
        let until = world.now_us() + HEALING_US;
        if !world.run_until(until, caught_up) {
            let heights: Vec<_> = (0..nodes).map(|number| world.node(number).chain().next_height() - 1).collect();
            world.invariants.violations.push(format!("after healing the heights are {heights:?}, not {goal} or more"));
        }
        summary(&mut world)
    }
}

fn summary(world: &mut World) -> Summary {
    for number in 0..world.len() {
        let chain = world.node(number).chain();
        let subsidies = u64::from(chain.next_height() - 1) * chain.params().subsidy;
        if chain.supply() != subsidies {
            let supply = chain.supply();
            world.invariants.violations.push(format!("balances are {supply}, subsidies {subsidies}"));
        }
    }
    let seen = &world.invariants;
    Summary {
        violations: seen.violations.clone(),
        blocks: seen.height(),
        greatest_term: seen.greatest_term,
        leases: seen.leases_checked,
        leased_again: seen.leased_again,
        chain: world.node(0).chain().tip().to_string(),
    }
}

/// One more thing that goes wrong, or that is repaired.
fn trouble(world: &mut World, random: &mut Random) {
    let nodes = world.len() as u64;
    let number = usize::try_from(random.between(0, nodes - 1)).expect("few");
    match random.between(0, 5) {
        0 => {
            // The active manager, as its own node sees it.
            let manages = |node: &usize| world.is_up(*node) && world.node(*node).status().role == pow::Role::Active;
            let active = (0..world.len()).find(manages);
            world.crash(active.unwrap_or(number));
        }
        1 => world.crash(number),
        2 | 3 => (0..world.len()).for_each(|node| world.recover(node)),
        4 => {
            for node in 0..world.len() {
                let side = u8::from(random.per_mille(400));
                world.set_side(node, side);
            }
        }
        _ => (0..world.len()).for_each(|node| world.set_side(node, 0)),
    }
}
