//! Krum's scores: how far each vector is from those nearest to it.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vectors")]

use multiversion::multiversion;

use crate::gram::Distances;

/// Up to so many rows distances are of double precision, and all rows select their nearest side by side.
const FEW: usize = 64;

/// Scores the rows of matrices, one after the other in the same memory: a matrix as large as one before allocates
/// nothing.
///
/// Squared distances are |a|² + |b|² − 2ab, of double precision up to 64 rows and of single precision beyond; where that
/// would cancel out they are measured directly. Scores deviate from the plain sums by less than a part in 10^10 up to 64
/// rows, and by less than two in 10^4 beyond (in practice, one in 10^6); rows that are equal have equal scores. What is
/// computed is the same, to the bit, on every processor: products are fused with sums in a fixed order, by hardware where there is some (x86 since 2013, every
/// 64-bit ARM), otherwise slowly.
#[derive(Clone, Debug, Default)]
pub struct Krum {
    few: Distances<f64, 8>,
    many: Distances<f32, 16>,
    lanes: Vec<[f64; 8]>,
    scores: Vec<f64>,
}

impl Krum {
    /// With no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The score of each row of `matrix`, each `length` long: the sum of the squared distances to its `neighbours`
    /// nearest other rows. Figures must be finite, and at most 10^12 in size.
    pub fn scores(&mut self, matrix: &[f64], length: usize, neighbours: usize) -> &[f64] {
        let n = matrix.len().checked_div(length).unwrap_or(0);
        self.scores.clear();
        self.scores.resize(n, 0.0);
        // A row itself, at no distance, is among its nearest, and adds nothing.
        let count = neighbours.saturating_add(1).min(n);
        if n > FEW {
            score_many(&mut self.many, matrix, length, count, &mut self.scores);
        } else if n > 1 {
            score_few(&mut self.few, &mut self.lanes, matrix, length, count, &mut self.scores);
        }
        &self.scores
    }
}

#[multiversion(targets(
    "x86_64+avx+avx2+avx512bw+avx512cd+avx512dq+avx512f+avx512vl+bmi1+bmi2+fma",
    "x86_64+avx+avx2+bmi1+bmi2+fma"
))]
fn score_few(
    distances: &mut Distances<f64, 8>,
    lanes: &mut Vec<[f64; 8]>,
    matrix: &[f64],
    length: usize,
    count: usize,
    scores: &mut [f64],
) {
    distances.measure(matrix, length);
    for (column, scores) in distances.columns().zip(scores.chunks_mut(8)) {
        lanes.clear();
        lanes.extend(column);
        let mut sums = [0.0; 8];
        let mut rest = lanes.as_mut_slice();
        for _ in 0..count {
            let Some((first, others)) = rest.split_first_mut() else { break };
            let mut least = *first;
            for other in others.iter_mut() {
                for lane in 0..8 {
                    let (a, b) = (least[lane], other[lane]);
                    (least[lane], other[lane]) = if b < a { (b, a) } else { (a, b) };
                }
            }
            (0..8).for_each(|lane| sums[lane] += least[lane]);
            rest = others;
        }
        scores.copy_from_slice(&sums[..scores.len()]);
    }
}

#[multiversion(targets(
    "x86_64+avx+avx2+avx512bw+avx512cd+avx512dq+avx512f+avx512vl+bmi1+bmi2+fma",
    "x86_64+avx+avx2+bmi1+bmi2+fma"
))]
fn score_many(distances: &mut Distances<f32, 16>, matrix: &[f64], length: usize, count: usize, scores: &mut [f64]) {
    distances.measure(matrix, length);
    for (score, row) in scores.iter_mut().zip(distances.rows()) {
        *score = sum_of_least(row, count);
    }
}

/// The sum of the `count` least of distances, which are not negative.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "there are fewer miners than 2^52")]
fn sum_of_least(row: &[f32], count: usize) -> f64 {
    let limit = nth_least(row, count);
    let (mut sums, mut fewer) = ([0.0; 16], 0_u32);
    for chunk in row.chunks(16) {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += if *x < limit { f64::from(*x) } else { 0.0 };
            fewer += u32::from(*x < limit);
        }
    }
    // Of those that equal it only some may count.
    sums.iter().sum::<f64>() + f64::from(limit) * (count - fewer as usize) as f64
}

/// The `count`-th least, or what only `count` do not exceed; found by halving: counting is done in lanes, and the bits of
/// such numbers order as they do.
#[inline(always)]
fn nth_least(row: &[f32], count: usize) -> f32 {
    let (mut low, mut high) = (0, f32::INFINITY.to_bits());
    while low < high {
        let middle = u32::midpoint(low, high);
        let limit = f32::from_bits(middle);
        let reached = row.iter().map(|x| u32::from(*x <= limit)).sum::<u32>() as usize;
        if reached == count {
            return limit.next_up();
        }
        if reached > count { high = middle } else { low = middle + 1 }
    }
    f32::from_bits(low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::krum_scores_reference;

    /// Rows around a few centres, so that some are near each other and far from nothing.
    fn matrix(n: usize, length: usize, seed: u64, centre: f64) -> Vec<f64> {
        let chance =
            |k: u64| (k.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ seed).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let uniform = |k: usize| (chance(k as u64) >> 11) as f64 / (1_u64 << 53) as f64;
        (0..n * length).map(|k| uniform(k) + centre * (k / length % 3) as f64).collect()
    }

    fn assert_close(fast: &[f64], plain: &[f64], tolerance: f64) {
        assert_eq!(fast.len(), plain.len());
        for (a, b) in fast.iter().zip(plain) {
            assert!((a - b).abs() <= tolerance * b, "{a} {b}");
        }
    }

    #[test]
    fn three_points_on_a_line() {
        assert_eq!(Krum::new().scores(&[0.0, 1.0, 5.0], 1, 1), [1.0, 1.0, 16.0]);
        assert_eq!(Krum::new().scores(&[0.0, 1.0, 5.0], 1, 2), [26.0, 17.0, 41.0]);
        assert_eq!(Krum::new().scores(&[7.0], 1, 1), [0.0]);
        assert!(Krum::new().scores(&[], 0, 1).is_empty());
    }

    #[test]
    fn equal_rows_have_equal_scores_to_the_bit() {
        for n in [20, 90] {
            let mut matrix = matrix(n, 33, 5, 1.0);
            matrix.copy_within(3 * 33..4 * 33, 17 * 33);
            let mut krum = Krum::new();
            let scores = krum.scores(&matrix, 33, n / 2);
            assert_eq!(scores[3].to_bits(), scores[17].to_bits());
        }
    }

    #[test]
    fn every_processor_computes_the_same_bits() {
        // Called from here, both are compiled for the least of processors.
        let few = matrix(37, 70, 1, 100.0);
        let mut distances = Distances::<f64, 8>::default();
        distances.measure(&few, 70);
        let mut krum = Krum::new();
        krum.scores(&few, 70, 9);
        assert!(distances.rows().eq(krum.few.rows()));
        let many = matrix(80, 70, 2, 1.0);
        let mut distances = Distances::<f32, 16>::default();
        distances.measure(&many, 70);
        let scores = krum.scores(&many, 70, 9).to_vec();
        assert!(distances.rows().eq(krum.many.rows()));
        assert!(distances.rows().zip(scores).all(|(row, score)| sum_of_least(row, 10).to_bits() == score.to_bits()));
    }

    proptest! {
        #[test]
        fn few_rows_score_as_in_the_plain_way(
            n in 1_usize..=64, length in 1_usize..150, neighbours in 0_usize..70, seed: u64, centre in -9_i32..7
        ) {
            let matrix = matrix(n, length, seed, 10_f64.powi(centre));
            let plain = krum_scores_reference(&matrix, length, neighbours);
            assert_close(Krum::new().scores(&matrix, length, neighbours), &plain, 1e-10);
        }

        #[test]
        fn many_rows_score_as_in_the_plain_way(
            n in 65_usize..130, length in 1_usize..150, neighbours in 0_usize..140, seed: u64, centre in -9_i32..7
        ) {
            let matrix = matrix(n, length, seed, 10_f64.powi(centre));
            let plain = krum_scores_reference(&matrix, length, neighbours);
            let mut krum = Krum::new();
            assert_close(krum.scores(&matrix, length, neighbours), &plain, 2e-4);
            // What was scored before leaves no trace.
            let again = self::matrix(n - 1, length + 1, seed, 1.0);
            krum.scores(&again, length + 1, neighbours);
            assert_eq!(krum.scores(&matrix, length, neighbours), Krum::new().scores(&matrix, length, neighbours));
        }
    }
}
