//! SHA-256 (FIPS 180-4, section 6.2.2) in lanes, as text: a module that has a `Vector` and its operations in scope gets
//! the search in its own words. Text and not functions, because all of it must be one function: what does not depend on
//! the nonce is then moved out of the loop by the compiler, and only what is inlined is compiled for the processor's
//! vectors.

/// SHA-256's constants (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
pub(crate) const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// One round (step 3) on a state whose words are renamed rather than moved.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $round:expr, $words:ident) => {
        let word = add(splat($crate::lanes::rounds::K[$round]), $words[$round % 16]);
        let first = add(add(add($h, word), choose($e, $f, $g)), big_sigma_1($e));
        $d = add($d, first);
        $h = add(first, add(big_sigma_0($a), majority($a, $b, $c)));
    };
}

/// Eight rounds, after which every word is in its place again.
macro_rules! eight_rounds {
    ($state:ident, $round:expr, $words:ident) => {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = $state;
        round!(a b c d e f g h, $round, $words);
        round!(h a b c d e f g, $round + 1, $words);
        round!(g h a b c d e f, $round + 2, $words);
        round!(f g h a b c d e, $round + 3, $words);
        round!(e f g h a b c d, $round + 4, $words);
        round!(d e f g h a b c, $round + 5, $words);
        round!(c d e f g h a b, $round + 6, $words);
        round!(b c d e f g h a, $round + 7, $words);
        $state = [a, b, c, d, e, f, g, h];
    };
}

/// The next words of the message schedule (step 1), each in place of the sixteenth before it.
macro_rules! extend {
    ($words:ident) => { extend!($words: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15); };
    ($words:ident: $($at:literal)*) => { $(
        $words[$at] = add(
            add($words[$at], small_sigma_0($words[($at + 1) % 16])),
            add($words[($at + 9) % 16], small_sigma_1($words[($at + 14) % 16])),
        );
    )* };
}

/// The state after a block.
macro_rules! compress {
    ($start:expr, $block:expr) => {{
        let (start, mut words) = ($start, $block);
        let mut state = start;
        eight_rounds!(state, 0, words);
        eight_rounds!(state, 8, words);
        extend!(words);
        eight_rounds!(state, 16, words);
        eight_rounds!(state, 24, words);
        extend!(words);
        eight_rounds!(state, 32, words);
        eight_rounds!(state, 40, words);
        extend!(words);
        eight_rounds!(state, 48, words);
        eight_rounds!(state, 56, words);
        let [a, b, c, d, e, f, g, h] = state;
        let [i, j, k, l, m, n, o, p] = start;
        [add(a, i), add(b, j), add(c, k), add(d, l), add(e, m), add(f, n), add(g, o), add(h, p)]
    }};
}

/// The search (`IdleNonces`) with the operations in scope.
macro_rules! idle_nonces {
    ($puzzle:ident, $upper:ident, $lower:ident, $count:ident) => {{
        let midstate = $puzzle.midstate();
        let tail = $puzzle.tail();
        let mut state = [splat(0); 8];
        let mut block = [splat(0); 16];
        let mut initial = [splat(0); 8];
        for word in 0..8 {
            state[word] = splat(midstate[word]);
            initial[word] = splat($crate::puzzle::INITIAL[word]);
        }
        for word in 0..$crate::Puzzle::NONCE_WORD {
            block[word] = splat(tail[word]);
        }
        block[$crate::Puzzle::NONCE_WORD] = splat($upper);
        // The padding is a constant for the compiler, which folds what follows from it.
        block[13] = splat($crate::puzzle::PADDING);
        block[15] = splat($crate::puzzle::HEADER_BITS);
        let limit = splat($puzzle.target_top());
        let mut idle = 0;
        while $count - idle >= LANES {
            block[$crate::Puzzle::NONCE_WORD + 1] = ascending($lower + idle);
            let [a, b, c, d, e, f, g, h] = compress!(state, block);
            let mut second = [splat(0); 16];
            [second[0], second[1], second[2], second[3]] = [a, b, c, d];
            [second[4], second[5], second[6], second[7]] = [e, f, g, h];
            second[8] = splat($crate::puzzle::PADDING);
            second[15] = splat(256);
            let [top, ..] = compress!(initial, second);
            if any_at_most(top, limit) {
                break;
            }
            idle += LANES;
        }
        idle
    }};
}

pub(super) use {compress, eight_rounds, extend, idle_nonces, round};
