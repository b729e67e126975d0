//! Mining without a manager: the paper's baseline, and the honest one.

use pow::{Digest, Header, Target};
use pow_kernel::Kernel;

/// In which order miners search that do not work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// All search the same nonces of the same header in the same order: the paper's flat curve.
    Identical,
    /// Each has a header of its own, as miners of a public chain do.
    Independent,
}

/// How long miners of the same rate (hashes a second) take to a block, milliseconds, by hashing for real.
pub fn solo_block_ms(order: Order, miners: u32, rate: u64, bits: u8, seed: u64) -> u64 {
    let headers = match order {
        Order::Identical => 1,
        Order::Independent => miners,
    };
    let kernel = pow_kernel::fastest();
    let mut best = u64::MAX;
    for miner in 0..headers {
        let root = Digest::of(&[b"solo", &seed.to_be_bytes(), &miner.to_be_bytes()]);
        let target = Target::leading_zero_bits(bits);
        let header = Header { index: 1, previous: Digest::default(), root, time_ms: 1, target, nonce: 0 };
        best = best.min(first_solution(&*kernel, &header, best));
    }
    (best + 1) * 1_000 / rate.max(1)
}

/// The first nonce that solves a header, or `limit`.
fn first_solution(kernel: &dyn Kernel, header: &Header, limit: u64) -> u64 {
    const STEP: u64 = 1 << 12;
    let puzzle = header.puzzle(header.target);
    let mut first = 0;
    while first < limit {
        let mut found = None;
        kernel.search(&puzzle, first, STEP.min(limit - first), &mut |nonce, _| found = found.or(Some(nonce)));
        if let Some(nonce) = found {
            return nonce;
        }
        first += STEP;
    }
    limit
}
