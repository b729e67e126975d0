//! Kernels against plain double SHA-256.

use pow_kernel::{HEADER_BYTES, Kernel, Lanes, NONCE_OFFSET, Portable, Puzzle, by_name, double_sha256, fastest};

fn header(fill: u8) -> [u8; HEADER_BYTES] {
    std::array::from_fn(|at| u8::try_from(at).expect("a header is short").wrapping_mul(31).wrapping_add(fill))
}

/// What a search must find, by the definition.
fn expected(mut header: [u8; HEADER_BYTES], target: &[u8; 32], first: u64, count: u64) -> Vec<(u64, [u8; 32])> {
    let hash = |step| {
        let nonce = first.wrapping_add(step);
        header[NONCE_OFFSET..].copy_from_slice(&nonce.to_be_bytes());
        (nonce, double_sha256(&header))
    };
    (0..count).map(hash).filter(|(_, hash)| hash <= target).collect()
}

fn found(kernel: &dyn Kernel, puzzle: &Puzzle, first: u64, count: u64) -> Vec<(u64, [u8; 32])> {
    let mut found = Vec::new();
    kernel.search(puzzle, first, count, &mut |nonce, hash| found.push((nonce, hash)));
    found
}

fn target(leading: u8) -> [u8; 32] {
    let mut target = [0xff; 32];
    target[0] = leading;
    target
}

#[test]
fn every_kernel_finds_what_double_sha256_finds() {
    for fill in 0..4 {
        let (header, target) = (header(fill), target(3));
        let puzzle = Puzzle::new(&header, &target);
        for (first, count) in [(0, 4000), (u64::from(fill) * 1_000_003, 4001), (7, 15), (7, 0), (7, 1), (9, 33)] {
            let expected = expected(header, &target, first, count);
            assert!(count < 1000 || expected.len() > 20);
            for kernel in [&Portable as &dyn Kernel, &Lanes, &*fastest()] {
                assert_eq!(found(kernel, &puzzle, first, count), expected, "{} from {first}", kernel.name());
            }
        }
    }
}

#[test]
fn a_search_goes_on_where_the_halves_of_the_nonce_wrap_around() {
    let (header, target) = (header(9), target(7));
    let puzzle = Puzzle::new(&header, &target);
    for first in [(1 << 32) - 500, u64::MAX - 500, (5 << 32) - 3] {
        let expected = expected(header, &target, first, 1000);
        for kernel in [&Portable as &dyn Kernel, &Lanes] {
            assert_eq!(found(kernel, &puzzle, first, 1000), expected);
        }
    }
}

#[test]
fn a_hash_equal_to_the_target_solves_it_and_a_greater_one_does_not() {
    let header = header(1);
    let [(nonce, hash)] = expected(header, &[0xff; 32], 77, 1)[..] else { panic!("one nonce, one hash") };
    let mut below = hash;
    below[31] -= 1;
    for kernel in [&Portable as &dyn Kernel, &Lanes] {
        assert_eq!(found(kernel, &Puzzle::new(&header, &hash), nonce, 1), [(nonce, hash)]);
        assert_eq!(found(kernel, &Puzzle::new(&header, &below), nonce, 1), []);
    }
}

#[test]
fn kernels_are_found_by_their_names() {
    for name in ["portable", "lanes"] {
        assert_eq!(by_name(name).map(|kernel| kernel.name()), Some(name));
    }
    assert!(by_name("gpu").is_none());
}
