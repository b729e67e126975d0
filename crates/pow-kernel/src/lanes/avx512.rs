//! Sixteen lanes in registers of AVX-512.
//!
//! The intrinsics are safe in functions compiled for them. The one call from elsewhere is in a function that
//! `multiversion` compiles for them, too, and runs only where the processor has them.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_cmple_epu32_mask, _mm512_ror_epi32, _mm512_set1_epi32, _mm512_setr_epi32,
    _mm512_srli_epi32, _mm512_ternarylogic_epi32, _mm512_xor_si512,
};

use super::rounds::{compress, eight_rounds, extend, idle_nonces, round};
use crate::Puzzle;

type Vector = __m512i;
const LANES: u32 = 16;

/// An operation on vectors, compiled for AVX-512.
macro_rules! operation {
    ($name:ident($($operand:ident: $type:ty),*) -> $result:ty { $value:expr }) => {
        #[inline]
        #[target_feature(enable = "avx512f")]
        fn $name($($operand: $type),*) -> $result {
            $value
        }
    };
}

operation!(splat(word: u32) -> Vector { _mm512_set1_epi32(word.cast_signed()) });
operation!(ascending(first: u32) -> Vector {
    add(splat(first), _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
});
operation!(add(a: Vector, b: Vector) -> Vector { _mm512_add_epi32(a, b) });
operation!(xor(a: Vector, b: Vector, c: Vector) -> Vector { _mm512_xor_si512(_mm512_xor_si512(a, b), c) });
operation!(any_at_most(a: Vector, limit: Vector) -> bool { _mm512_cmple_epu32_mask(a, limit) != 0 });
// The truth table of a choice and of a majority of three bits.
operation!(choose(a: Vector, b: Vector, c: Vector) -> Vector { _mm512_ternarylogic_epi32::<0b1100_1010>(a, b, c) });
operation!(majority(a: Vector, b: Vector, c: Vector) -> Vector { _mm512_ternarylogic_epi32::<0b1110_1000>(a, b, c) });
operation!(big_sigma_0(a: Vector) -> Vector {
    xor(_mm512_ror_epi32::<2>(a), _mm512_ror_epi32::<13>(a), _mm512_ror_epi32::<22>(a))
});
operation!(big_sigma_1(a: Vector) -> Vector {
    xor(_mm512_ror_epi32::<6>(a), _mm512_ror_epi32::<11>(a), _mm512_ror_epi32::<25>(a))
});
operation!(small_sigma_0(a: Vector) -> Vector {
    xor(_mm512_ror_epi32::<7>(a), _mm512_ror_epi32::<18>(a), _mm512_srli_epi32::<3>(a))
});
operation!(small_sigma_1(a: Vector) -> Vector {
    xor(_mm512_ror_epi32::<17>(a), _mm512_ror_epi32::<19>(a), _mm512_srli_epi32::<10>(a))
});

#[target_feature(enable = "avx512f")]
pub(super) fn idle_nonces(puzzle: &Puzzle, upper: u32, lower: u32, count: u32) -> u32 {
    idle_nonces!(puzzle, upper, lower, count)
}
