//! How many nonces a second the kernels hash, beside a plain use of `sha2` from the midstate on.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pow_kernel::{HEADER_BYTES, Kernel, Lanes, NONCE_OFFSET, Portable, Puzzle};
use sha2::{Digest, Sha256};

const NONCES: u64 = 1 << 16;

/// A user's code: the hasher that has read what comes before the nonce is cloned for each nonce.
fn sha2_from_midstate(header: &[u8; HEADER_BYTES], target: &[u8; 32]) -> u64 {
    let before = Sha256::new_with_prefix(&header[..NONCE_OFFSET]);
    let solves = |nonce: &u64| {
        let inner = before.clone().chain_update(nonce.to_be_bytes()).finalize();
        Sha256::digest(inner).as_slice() <= target.as_slice()
    };
    (0..NONCES).filter(solves).count() as u64
}

fn search(criterion: &mut Criterion) {
    let header: [u8; HEADER_BYTES] = std::array::from_fn(|at| u8::try_from(at).expect("a header is short"));
    let target = [0; 32];
    let puzzle = Puzzle::new(&header, &target);
    let mut group = criterion.benchmark_group("search");
    group.throughput(Throughput::Elements(NONCES));
    group.bench_function("sha2 from the midstate", |b| b.iter(|| sha2_from_midstate(black_box(&header), &target)));
    for kernel in [&Portable as &dyn Kernel, &Lanes] {
        group.bench_function(kernel.name(), |b| {
            b.iter(|| kernel.search(black_box(&puzzle), 0, NONCES, &mut |nonce, _| assert!(black_box(nonce) < NONCES)));
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
