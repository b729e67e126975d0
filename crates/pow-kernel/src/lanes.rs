//! Many nonces at a time, one in each lane of vector registers.
#![expect(clippy::cast_possible_truncation, reason = "halves of nonces are taken on purpose")]

mod arrays;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod rounds;

use multiversion::{multiversion, target::match_target};

use crate::{Kernel, Puzzle, puzzle::bytes};

/// The most nonces that any version hashes at once.
const MOST_LANES: u64 = 16;

/// Lanes, compiled for AVX-512, for AVX2 and for any processor; which one runs is found out at run time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lanes;

impl Lanes {
    /// Whether this processor has registers for sixteen lanes.
    pub fn is_wide() -> bool {
        is_wide()
    }
}

impl Kernel for Lanes {
    fn name(&self) -> &'static str {
        "lanes"
    }

    fn search(&self, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
        search(idle_nonces, puzzle, first, count, found);
    }
}

/// How many of the `count` nonces with this upper half, from a lower one on, are known to solve nothing: a multiple of
/// the number of lanes. Only a hash's leading word is looked at. The lower halves do not wrap around.
type IdleNonces = fn(puzzle: &Puzzle, upper: u32, lower: u32, count: u32) -> u32;

fn search(idle_nonces: IdleNonces, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
    let (mut nonce, mut left) = (first, count);
    while left > 0 {
        // Nonces whose upper half is the same share all that comes before the lower half.
        let (upper, lower) = ((nonce >> 32) as u32, nonce as u32);
        let span = left.min((1 << 32) - u64::from(lower)).min(u64::from(u32::MAX));
        let idle = u64::from(idle_nonces(puzzle, upper, lower, span as u32));
        let checked = (span - idle).min(MOST_LANES);
        for step in idle..idle + checked {
            check(puzzle, nonce.wrapping_add(step), found);
        }
        nonce = nonce.wrapping_add(idle + checked);
        left -= idle + checked;
    }
}

/// Hashes one nonce again, in full: only where a lane's leading word is small enough, or nonces are too few.
fn check(puzzle: &Puzzle, nonce: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
    let hash = puzzle.hash_words(nonce);
    if puzzle.is_solved_by(&hash) {
        found(nonce, bytes(&hash));
    }
}

#[multiversion(targets(
    "x86_64+avx+avx2+avx512bw+avx512cd+avx512dq+avx512f+avx512vl+bmi1+bmi2+fma",
    "x86_64+avx+avx2+bmi1+bmi2"
))]
fn idle_nonces(puzzle: &Puzzle, upper: u32, lower: u32, count: u32) -> u32 {
    match_target! {
        "x86_64+avx512f" => avx512::idle_nonces(puzzle, upper, lower, count),
        _ => arrays::idle_nonces(puzzle, upper, lower, count),
    }
}

/// Whether `idle_nonces` runs on AVX-512: the same choice among the same targets.
#[multiversion(targets("x86_64+avx+avx2+avx512bw+avx512cd+avx512dq+avx512f+avx512vl+bmi1+bmi2+fma"))]
fn is_wide() -> bool {
    match_target! { "x86_64+avx512f" => true, _ => false }
}
