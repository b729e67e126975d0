//! Measurements on the simulated network.

use pow::{Mode, Params, Role};
use serde::{Deserialize, Serialize};

use crate::{Network, World};

/// What is measured.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Nodes that hash; one more manages, as in the paper's table III.
    pub miners: usize,
    /// What each of them hashes, hashes a second.
    pub rate: u64,
    /// The chain.
    pub params: Params,
    /// Blocks to decide.
    pub blocks: u32,
    /// In which block the active manager stops, 40 % into the expected block time.
    pub kill_in_block: Option<u32>,
    /// Decides chance.
    pub seed: u64,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How long each block took, milliseconds.
    pub block_ms: Vec<f64>,
    /// How many different hashes each block took: where all search the same nonces, these count once.
    pub block_different: Vec<u64>,
    /// Hashes a second of all nodes together.
    pub rate: f64,
    /// That, by what the miners could have hashed.
    pub efficiency: f64,
}

impl Outcome {
    /// By how much longer a block took than its hashes take at the rate of the blocks before it, milliseconds.
    ///
    /// A block takes so many different hashes whatever becomes of its manager: this compares it with itself, and so
    /// leaves the luck of the search out.
    pub fn lost_ms(&self, block: usize) -> f64 {
        let before = |hashes: &[u64]| hashes.iter().take(block - 1).map(|count| exact(*count)).sum::<f64>();
        let ms_per_hash = self.block_ms.iter().take(block - 1).sum::<f64>() / before(&self.block_different);
        self.block_ms[block - 1] - exact(self.block_different[block - 1]) * ms_per_hash
    }
}

impl Experiment {
    /// Runs it, on a network with delays of 0.1 to 0.5 ms.
    pub fn run(&self) -> Outcome {
        let nodes = self.miners + 1;
        let network = Network { delay_us: (100, 500), loss_per_mille: 0 };
        let mut world = World::new(&self.params, &vec![self.rate; nodes], nodes, network, self.seed);
        let total = |world: &World| (0..nodes).map(|number| world.hashes(number)).sum::<u64>();
        let (mut block_ms, mut block_different) = (Vec::new(), Vec::new());
        for block in 1..=self.blocks {
            let (began_us, different) = (world.now_us(), world.different_hashes());
            let decided = |world: &World| world.invariants.height() >= block;
            if self.kill_in_block == Some(block) {
                let until = began_us + self.expected_block_us() * 2 / 5;
                if !world.run_until(until, decided) {
                    kill_manager(&mut world);
                }
            }
            world.run_until(began_us + 10_000_000_000, decided);
            block_ms.push(milliseconds(world.now_us() - began_us));
            block_different.push(world.different_hashes() - different);
        }
        let seconds = milliseconds(world.now_us()) / 1_000.0;
        let rate = exact(total(&world)) / seconds;
        let possible = exact(self.rate * self.miners as u64);
        Outcome { block_ms, block_different, rate, efficiency: rate / possible }
    }

    fn expected_block_us(&self) -> u64 {
        (1_u64 << self.params.bits) * 1_000_000 / (self.rate * self.miners as u64)
    }

    /// The mode's name.
    pub const fn mode(&self) -> &'static str {
        match self.params.mode {
            Mode::Backups => "managed with backups",
            Mode::SingleManager => "single manager",
        }
    }
}

fn kill_manager(world: &mut World) {
    let active = (0..world.len()).find(|number| world.node(*number).status().role == Role::Active);
    if let Some(active) = active {
        world.crash(active);
    }
}

fn milliseconds(us: u64) -> f64 {
    exact(us) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
const fn exact(number: u64) -> f64 {
    number as f64
}
