//! How many nonces a second the kernels hash, beside uses of `sha2` from the midstate on. Prints one JSON document: each
//! figure is the median of many short slices of CPU time, taken in turn, so that other work on the machine cancels out.

#![expect(clippy::cast_precision_loss, reason = "counts are small")]

use std::{hint::black_box, time::Duration};

use pow_kernel::{HEADER_BYTES, Kernel, Lanes, NONCE_OFFSET, Portable, Puzzle};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest, Sha256, block_api::compress256};

/// Nonces of a slice.
const NONCES: u64 = 1 << 14;
const ROUNDS: usize = 401;
/// How long the first block of SHA-256 is, bytes.
const BLOCK: usize = 64;
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

fn main() {
    let header: [u8; HEADER_BYTES] = std::array::from_fn(|at| u8::try_from(at).expect("a header is short"));
    // No hash is zero.
    let target = [0; 32];
    let puzzle = Puzzle::new(&header, &target);
    let search = |kernel: &dyn Kernel| {
        kernel.search(black_box(&puzzle), 0, NONCES, &mut |nonce, _| panic!("{nonce} has a hash of zero"));
    };
    let contenders: [&dyn Fn(); 4] = [
        &|| assert_eq!(by_hasher(black_box(&header), &target), 0),
        &|| assert_eq!(by_blocks(black_box(&header), &[0; 8]), 0),
        &|| search(&Portable),
        &|| search(&Lanes),
    ];
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..ROUNDS {
        for (contender, times) in contenders.iter().zip(&mut times) {
            let begun = used();
            contender();
            times.push(used().saturating_sub(begun).as_secs_f64());
        }
    }
    let [hasher, blocks, portable, lanes] = times.map(|times| NONCES as f64 / median(times) / 1e6);
    println!(
        "{{\n  \"wide\": {},\n  \"sha2_hasher_million_a_second\": {hasher:.2},\n  \
         \"sha2_blocks_million_a_second\": {blocks:.2},\n  \"portable_million_a_second\": {portable:.2},\n  \
         \"lanes_million_a_second\": {lanes:.2},\n  \"portable_by_sha2_blocks\": {:.3},\n  \
         \"lanes_by_sha2_blocks\": {:.3}\n}}",
        Lanes::is_wide(),
        portable / blocks,
        lanes / blocks
    );
}

/// The hasher that has read what comes before the nonce is cloned for each nonce.
fn by_hasher(header: &[u8; HEADER_BYTES], target: &[u8; 32]) -> u64 {
    let before = Sha256::new_with_prefix(&header[..NONCE_OFFSET]);
    let solves = |nonce: &u64| {
        let inner = before.clone().chain_update(nonce.to_be_bytes()).finalize();
        Sha256::digest(inner).as_slice() <= target.as_slice()
    };
    (0..NONCES).filter(solves).count() as u64
}

/// The block function of `sha2`, twice from the midstate: the least that its user has to do.
fn by_blocks(header: &[u8; HEADER_BYTES], target: &[u32; 8]) -> u64 {
    let mut midstate = INITIAL;
    compress256(&mut midstate, &[header[..BLOCK].try_into().expect("a header is longer than a block")]);
    let mut tail = [0; BLOCK];
    tail[..HEADER_BYTES - BLOCK].copy_from_slice(&header[BLOCK..]);
    tail[HEADER_BYTES - BLOCK] = 0x80;
    tail[BLOCK - 2..].copy_from_slice(&[3, 160]); // 928 bits
    let mut outer = [0; BLOCK];
    outer[32] = 0x80;
    outer[BLOCK - 2] = 1; // 256 bits
    let solves = |nonce: &u64| {
        tail[NONCE_OFFSET - BLOCK..HEADER_BYTES - BLOCK].copy_from_slice(&nonce.to_be_bytes());
        let (mut inner, mut hash) = (midstate, INITIAL);
        compress256(&mut inner, std::slice::from_ref(&tail));
        for (bytes, word) in outer.chunks_exact_mut(4).zip(inner) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        compress256(&mut hash, std::slice::from_ref(&outer));
        hash <= *target
    };
    (0..NONCES).filter(solves).count() as u64
}

/// CPU time of this thread so far.
fn used() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
