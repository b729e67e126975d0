//! Krum's scores: how far each vector is from those nearest to it.

/// Sums that run side by side: their order is fixed, so that scores are the same on every machine.
const LANES: usize = 8;

/// The Krum score of each of the rows of `matrix` (each `length` long): the sum of the squared distances to its
/// `neighbours` nearest other rows.
pub fn krum_scores(matrix: &[f64], length: usize, neighbours: usize) -> Vec<f64> {
    let rows: Vec<&[f64]> = matrix.chunks_exact(length.max(1)).collect();
    let n = rows.len();
    let mut distances = vec![0.0; n * n];
    for i in 0..n {
        for j in i + 1..n {
            let distance = squared_distance(rows[i], rows[j]);
            distances[i * n + j] = distance;
            distances[j * n + i] = distance;
        }
    }
    let mut others = Vec::with_capacity(n);
    (0..n)
        .map(|i| {
            others.clear();
            let row = &distances[i * n..(i + 1) * n];
            others.extend(row.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, distance)| *distance));
            sum_of_least(&mut others, neighbours)
        })
        .collect()
}

/// The same in the plainest way: what the faster one is held to.
pub fn krum_scores_reference(matrix: &[f64], length: usize, neighbours: usize) -> Vec<f64> {
    let rows: Vec<&[f64]> = matrix.chunks_exact(length.max(1)).collect();
    let score = |i: usize| {
        let others = rows.iter().enumerate().filter(|(j, _)| *j != i);
        let mut distances: Vec<f64> =
            others.map(|(_, row)| row.iter().zip(rows[i]).map(|(a, b)| (a - b) * (a - b)).sum()).collect();
        distances.sort_by(f64::total_cmp);
        distances.iter().take(neighbours).sum()
    };
    (0..rows.len()).map(score).collect()
}

pub fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| (a - b) * (a - b)).sum();
    sums.iter().sum::<f64>() + rest
}

fn sum_of_least(values: &mut [f64], count: usize) -> f64 {
    if count == 0 {
        return 0.0;
    }
    if count < values.len() {
        values.select_nth_unstable_by(count - 1, f64::total_cmp);
    }
    let count = count.min(values.len());
    let least = &mut values[..count];
    // In order, so that the sum does not depend on how they were selected.
    least.sort_unstable_by(f64::total_cmp);
    least.iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_points_on_a_line() {
        assert_eq!(krum_scores(&[0.0, 1.0, 5.0], 1, 1), [1.0, 1.0, 16.0]);
        assert_eq!(krum_scores(&[0.0, 1.0, 5.0], 1, 2), [26.0, 17.0, 41.0]);
    }

    proptest! {
        #[test]
        fn the_fast_way_is_the_plain_way(
            n in 1_usize..40, length in 1_usize..40, neighbours in 0_usize..40, seed in 0_u64..1000
        ) {
            let matrix: Vec<f64> =
                (0..n * length).map(|k| ((k as f64 + seed as f64) * 0.754_877_666).fract() * 50.0).collect();
            let fast = krum_scores(&matrix, length, neighbours);
            let plain = krum_scores_reference(&matrix, length, neighbours);
            for (a, b) in fast.iter().zip(&plain) {
                prop_assert!((a - b).abs() <= 1e-9 * b.max(1.0), "{a} {b}");
            }
        }
    }
}
