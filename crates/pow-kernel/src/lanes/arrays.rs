//! Eight lanes in arrays, which the compiler turns into whatever vectors the caller is compiled for.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vectors")]

use super::rounds::{compress, eight_rounds, extend, idle_nonces, round};
use crate::Puzzle;

type Vector = [u32; 8];
const LANES: u32 = 8;

/// An operation on vectors, lane by lane: a plain loop, since what is passed to a function may not be inlined.
macro_rules! operation {
    ($name:ident($($operand:ident),*) $lane:ident => $value:expr) => {
        #[inline(always)]
        fn $name($($operand: Vector),*) -> Vector {
            let mut result = [0; 8];
            for $lane in 0..8 {
                result[$lane] = $value;
            }
            result
        }
    };
}

operation!(add(a, b) l => a[l].wrapping_add(b[l]));
operation!(choose(a, b, c) l => c[l] ^ (a[l] & (b[l] ^ c[l])));
operation!(majority(a, b, c) l => (a[l] & b[l]) | (c[l] & (a[l] | b[l])));
operation!(big_sigma_0(a) l => a[l].rotate_right(2) ^ a[l].rotate_right(13) ^ a[l].rotate_right(22));
operation!(big_sigma_1(a) l => a[l].rotate_right(6) ^ a[l].rotate_right(11) ^ a[l].rotate_right(25));
operation!(small_sigma_0(a) l => a[l].rotate_right(7) ^ a[l].rotate_right(18) ^ (a[l] >> 3));
operation!(small_sigma_1(a) l => a[l].rotate_right(17) ^ a[l].rotate_right(19) ^ (a[l] >> 10));

#[inline(always)]
fn splat(word: u32) -> Vector {
    [word; 8]
}

#[inline(always)]
fn ascending(first: u32) -> Vector {
    add(splat(first), [0, 1, 2, 3, 4, 5, 6, 7])
}

#[inline(always)]
fn any_at_most(a: Vector, limit: Vector) -> bool {
    let mut any = false;
    for lane in 0..8 {
        any |= a[lane] <= limit[lane];
    }
    any
}

#[inline(always)]
pub(super) fn idle_nonces(puzzle: &Puzzle, upper: u32, lower: u32, count: u32) -> u32 {
    idle_nonces!(puzzle, upper, lower, count)
}

#[cfg(test)]
mod tests {
    use crate::{Kernel, Portable, Puzzle};

    #[test]
    fn arrays_find_what_one_nonce_at_a_time_finds_whatever_the_processor() {
        let mut target = [0xff; 32];
        target[0] = 1;
        let puzzle = Puzzle::new(&[9; crate::HEADER_BYTES], &target);
        for (first, count) in [(0, 4_003), ((7 << 32) - 100, 4_000), (5, 7)] {
            let (mut expected, mut found) = (Vec::new(), Vec::new());
            Portable.search(&puzzle, first, count, &mut |nonce, hash| expected.push((nonce, hash)));
            crate::lanes::search(super::idle_nonces, &puzzle, first, count, &mut |nonce, hash| {
                found.push((nonce, hash));
            });
            assert_eq!(found, expected);
            assert!(count < 100 || expected.len() > 10);
        }
    }
}
