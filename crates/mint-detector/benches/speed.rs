//! How long a sample and a round take, beside the plainest way to the same figures in the same run. Prints one JSON
//! document; times are medians over rounds, of CPU time: other work on the machine is not counted, what it costs is.

#![expect(clippy::cast_precision_loss, reason = "counts are small")]

use std::{hint::black_box, time::Duration};

use mint_detector::{Batch, Krum, Parameters, krum_scores_reference};
use nalgebra::{DMatrix, SymmetricEigen};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use rustix::time::{ClockId, clock_gettime};

const TWINS: usize = 10_000;
const ROUNDS: usize = 31;

fn main() {
    let sample_ns = per_sample();
    let plain_ns = plain_sample();
    let (small, small_plain) = krum(16, 60, 8, 2_000);
    let (large, large_plain) = krum(1_000, 600, 500, 1);
    println!(
        "{{\n  \"twins\": {TWINS},\n  \"sample_ns\": {sample_ns:.0},\n  \"sample_plain_ns\": {plain_ns:.0},\n  \
         \"krum_16_ns\": {small:.0},\n  \"krum_16_plain_ns\": {small_plain:.0},\n  \
         \"krum_1000_ns\": {large:.0},\n  \"krum_1000_plain_ns\": {large_plain:.0}\n}}"
    );
}

fn series(place: usize) -> f64 {
    100.0 + ((place as f64) * 0.618_033_988_749_895).fract() - 0.5
}

/// A sample of a batch of twins, in full windows, calibrated.
fn per_sample() -> f64 {
    let mut batch = Batch::new(Parameters::calibrated(), TWINS).expect("the parameters fit");
    let mut verdicts = Vec::with_capacity(TWINS);
    let mut round = |second: usize| {
        let samples: Vec<f64> = (0..TWINS).map(|twin| series(second * 31 + twin * 17)).collect();
        let begun = used();
        batch.push(black_box(&samples), &mut verdicts);
        black_box(&verdicts);
        nanoseconds(begun) / TWINS as f64
    };
    (0..150).for_each(|second| {
        round(second);
    });
    median((150..150 + ROUNDS).map(round).collect())
}

/// The same from scratch: both matrices summed up and one decomposed for every sample.
fn plain_sample() -> f64 {
    let Parameters { lag, components, gap, tests, .. } = Parameters::calibrated();
    let values: Vec<f64> = (0..2_000).map(series).collect();
    let round = |_| {
        let begun = used();
        let count = 500;
        for n in 0..count {
            let base = (0..13).map(|i| &values[n + i..n + i + lag]);
            let later = (gap..gap + tests).map(|j| &values[n + j..n + j + lag]);
            let mut sum = DMatrix::<f64>::zeros(lag, lag);
            base.for_each(|x| sum += DMatrix::from_fn(lag, lag, |i, j| x[i] * x[j]));
            let eigen = SymmetricEigen::new(sum);
            let mut order: Vec<usize> = (0..lag).collect();
            order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
            let distance: f64 = later
                .map(|x| {
                    let inside = order[..components].iter().map(|&c| {
                        let along: f64 = eigen.eigenvectors.column(c).iter().zip(x).map(|(a, b)| a * b).sum();
                        along * along
                    });
                    x.iter().map(|a| a * a).sum::<f64>() - inside.sum::<f64>()
                })
                .sum();
            black_box(distance);
        }
        nanoseconds(begun) / count as f64
    };
    median((0..ROUNDS).map(round).collect())
}

fn krum(miners: usize, length: usize, neighbours: usize, times: usize) -> (f64, f64) {
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let matrix: Vec<f64> = (0..miners * length).map(|_| f64::from(chance.next_u32()) / f64::from(u32::MAX)).collect();
    let median_of = |score: &mut dyn FnMut(&[f64]), rounds: usize, times: usize| {
        let round = |_| {
            let begun = used();
            (0..times).for_each(|_| score(black_box(&matrix)));
            nanoseconds(begun) / times as f64
        };
        median((0..rounds).map(round).collect())
    };
    let mut krum = Krum::new();
    let mut fast = |matrix: &[f64]| {
        black_box(krum.scores(matrix, length, neighbours));
    };
    let mut plain = |matrix: &[f64]| {
        black_box(krum_scores_reference(matrix, length, neighbours));
    };
    (median_of(&mut fast, ROUNDS, times), median_of(&mut plain, 5, times))
}

/// CPU time of this thread so far.
fn used() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

fn nanoseconds(begun: Duration) -> f64 {
    used().saturating_sub(begun).as_secs_f64() * 1e9
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
