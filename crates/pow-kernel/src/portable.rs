//! One nonce at a time.

use crate::{Kernel, Puzzle, puzzle::bytes};

/// The block function of `sha2`, from the midstate on: two calls a hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portable;

impl Kernel for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn search(&self, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
        let mut tail = puzzle.tail_bytes();
        for step in 0..count {
            let nonce = first.wrapping_add(step);
            let hash = puzzle.hash_tail(&mut tail, nonce);
            if puzzle.is_solved_by(&hash) {
                found(nonce, bytes(&hash));
            }
        }
    }
}
