//! Chance that is the same in each run.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// Draws, from a seed.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Less than `most`; 0 where that is 0.
    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap_or(usize::MAX).checked_rem(most).unwrap_or(0)
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn byte(&mut self) -> u8 {
        self.0.next_u32().to_le_bytes()[0]
    }

    /// Bytes, few of them changed, some cut off.
    pub fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..self.below(4).min(bytes.len()) {
            let place = self.below(bytes.len());
            bytes[place] = self.byte();
        }
        if self.one_in(4) {
            bytes.truncate(self.below(bytes.len()));
        }
    }
}
