//! The squared distance of two vectors, and the plain way to Krum's scores, which the faster one is held to.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vectors")]

/// Sums that run side by side: their order is fixed, so that they come to the same on every machine.
const LANES: usize = 16;

/// |a − b|².
#[inline(always)]
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
    for (sum, (a, b)) in sums.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += (a - b) * (a - b);
    }
    sums.iter().sum()
}

/// |a|².
#[inline(always)]
pub fn squared_length(a: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (lanes, rest) = a.as_chunks::<LANES>();
    for a in lanes {
        for lane in 0..LANES {
            sums[lane] += a[lane] * a[lane];
        }
    }
    sums.iter_mut().zip(rest).for_each(|(sum, a)| *sum += a * a);
    sums.iter().sum()
}

/// The Krum score of each of the rows of `matrix`, each `length` long: the sum of the squared distances to its
/// `neighbours` nearest other rows. All of them are found and sorted, row by row.
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
