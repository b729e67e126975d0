//! Sixteen nonces at a time, in arrays that the compiler turns into vector registers.
#![expect(clippy::cast_possible_truncation, reason = "halves of nonces, and counts of lanes, are taken on purpose")]
#![expect(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    reason = "loops over lanes and words are what is vectorised"
)]
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vectors")]

use multiversion::multiversion;

use crate::{
    Kernel, Puzzle,
    puzzle::{INITIAL, bytes},
};

/// How many nonces are hashed at once: one 512-bit register of 32-bit words.
const LANES: usize = 16;
type Vector = [u32; LANES];

/// SHA-256's constants (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// A vector, lane by lane. A plain loop: a closure passed to a library's function may not be inlined, and what is not
/// inlined is not compiled for the processor's vectors.
macro_rules! each {
    ($lane:ident, $word:expr) => {{
        let mut vector = [0_u32; LANES];
        for $lane in 0..LANES {
            vector[$lane] = $word;
        }
        vector
    }};
}

/// Sixteen lanes, compiled for AVX-512, for AVX2 and for any processor; which one runs is found out at run time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lanes;

impl Lanes {
    /// Whether this processor has registers for all lanes.
    pub fn is_wide() -> bool {
        #[cfg(target_arch = "x86_64")]
        return std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512vl");
        #[cfg(not(target_arch = "x86_64"))]
        false
    }
}

impl Kernel for Lanes {
    fn name(&self) -> &'static str {
        "lanes"
    }

    fn search(&self, puzzle: &Puzzle, first: u64, count: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
        let (mut nonce, mut left) = (first, count);
        while left > 0 {
            // Nonces whose upper half is the same share the rounds before the lower half comes in.
            let (upper, lower) = ((nonce >> 32) as u32, nonce as u32);
            let span = left.min((1 << 32) - u64::from(lower));
            let groups = (span / LANES as u64) as u32;
            let idle = if groups == 0 { 0 } else { idle_groups(puzzle, upper, lower, groups) };
            let idle_nonces = u64::from(idle) * LANES as u64;
            let checked = (span - idle_nonces).min(LANES as u64);
            for step in 0..checked {
                check(puzzle, nonce.wrapping_add(idle_nonces + step), found);
            }
            nonce = nonce.wrapping_add(idle_nonces + checked);
            left -= idle_nonces + checked;
        }
    }
}

/// Hashes one nonce again, in full: only where a lane's leading word is small enough, or lanes are too few.
fn check(puzzle: &Puzzle, nonce: u64, found: &mut dyn FnMut(u64, [u8; 32])) {
    let hash = puzzle.hash_words(nonce);
    if puzzle.is_solved_by(&hash) {
        found(nonce, bytes(&hash));
    }
}

/// How many groups of lanes come before the first one with a hash whose leading word is at most the target's; all,
/// where there is none. The lower halves do not wrap around.
#[multiversion(targets(
    "x86_64+avx+avx2+avx512bw+avx512cd+avx512dq+avx512f+avx512vl+bmi1+bmi2+fma",
    "x86_64+avx+avx2+bmi1+bmi2"
))]
fn idle_groups(puzzle: &Puzzle, upper: u32, lower: u32, groups: u32) -> u32 {
    let mut block = [[0; LANES]; 16];
    let mut state = [[0; LANES]; 8];
    for word in 0..16 {
        block[word] = [puzzle.tail()[word]; LANES];
    }
    for word in 0..8 {
        state[word] = [puzzle.midstate()[word]; LANES];
    }
    block[Puzzle::NONCE_WORD] = [upper; LANES];
    let begun = rounds_before_nonce(state, &block);
    for group in 0..groups {
        let start = lower + group * LANES as u32;
        block[Puzzle::NONCE_WORD + 1] = each!(l, start + l as u32);
        let inner = finish(begun, state, block);
        let mut second = [[0; LANES]; 16];
        for word in 0..8 {
            second[word] = inner[word];
        }
        second[8] = [0x8000_0000; LANES];
        second[15] = [256; LANES];
        let top = leading_word(second);
        let limit = puzzle.target_top();
        let hits = each!(l, u32::from(top[l] <= limit));
        let mut any = 0;
        for hit in hits {
            any |= hit;
        }
        if any != 0 {
            return group;
        }
    }
    groups
}

/// One round (FIPS 180-4, section 6.2.2, step 3) on a state whose words are renamed rather than moved.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $k:expr, $w:expr) => {
        let (constant, word) = ($k, $w);
        let first = each!(l, {
            let sum = $e[l].rotate_right(6) ^ $e[l].rotate_right(11) ^ $e[l].rotate_right(25);
            let choice = ($e[l] & $f[l]) ^ (!$e[l] & $g[l]);
            $h[l].wrapping_add(sum).wrapping_add(choice).wrapping_add(constant).wrapping_add(word[l])
        });
        $d = each!(l, $d[l].wrapping_add(first[l]));
        $h = each!(l, {
            let sum = $a[l].rotate_right(2) ^ $a[l].rotate_right(13) ^ $a[l].rotate_right(22);
            let majority = ($a[l] & $b[l]) ^ ($a[l] & $c[l]) ^ ($b[l] & $c[l]);
            first[l].wrapping_add(sum).wrapping_add(majority)
        });
    };
}

/// Eight rounds, after which every word is in its place again.
macro_rules! eight_rounds {
    ($s:ident, $first:expr, $w:ident) => {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = $s;
        let i = $first;
        round!(a b c d e f g h, K[i], $w[i % 16]);
        round!(h a b c d e f g, K[i + 1], $w[(i + 1) % 16]);
        round!(g h a b c d e f, K[i + 2], $w[(i + 2) % 16]);
        round!(f g h a b c d e, K[i + 3], $w[(i + 3) % 16]);
        round!(e f g h a b c d, K[i + 4], $w[(i + 4) % 16]);
        round!(d e f g h a b c, K[i + 5], $w[(i + 5) % 16]);
        round!(c d e f g h a b, K[i + 6], $w[(i + 6) % 16]);
        round!(b c d e f g h a, K[i + 7], $w[(i + 7) % 16]);
        $s = [a, b, c, d, e, f, g, h];
    };
}

/// The next sixteen words of the message schedule (step 1), in place of the last sixteen.
#[inline(always)]
fn extend(w: &mut [Vector; 16]) {
    for i in 0..16 {
        let (old, near, seventh, recent) = (w[i], w[(i + 1) % 16], w[(i + 9) % 16], w[(i + 14) % 16]);
        w[i] = each!(l, {
            let small = near[l].rotate_right(7) ^ near[l].rotate_right(18) ^ (near[l] >> 3);
            let large = recent[l].rotate_right(17) ^ recent[l].rotate_right(19) ^ (recent[l] >> 10);
            old[l].wrapping_add(small).wrapping_add(seventh[l]).wrapping_add(large)
        });
    }
}

/// Rounds 0 to 7, in which no word of the nonce's lower half takes part.
#[inline(always)]
fn rounds_before_nonce(mut state: [Vector; 8], w: &[Vector; 16]) -> [Vector; 8] {
    eight_rounds!(state, 0, w);
    state
}

/// Rounds 8 to 63, and the state that they started from added.
#[inline(always)]
fn finish(mut state: [Vector; 8], start: [Vector; 8], mut w: [Vector; 16]) -> [Vector; 8] {
    eight_rounds!(state, 8, w);
    extend(&mut w);
    eight_rounds!(state, 16, w);
    eight_rounds!(state, 24, w);
    extend(&mut w);
    eight_rounds!(state, 32, w);
    eight_rounds!(state, 40, w);
    extend(&mut w);
    eight_rounds!(state, 48, w);
    eight_rounds!(state, 56, w);
    for word in 0..8 {
        state[word] = each!(l, state[word][l].wrapping_add(start[word][l]));
    }
    state
}

/// The most significant word of the hash of a whole block.
#[inline(always)]
fn leading_word(w: [Vector; 16]) -> Vector {
    let mut start = [[0; LANES]; 8];
    for word in 0..8 {
        start[word] = [INITIAL[word]; LANES];
    }
    finish(rounds_before_nonce(start, &w), start, w)[0]
}
