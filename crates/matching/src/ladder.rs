//! Prices along a ladder.

/// Brings numbers into rising order by as little as possible in the sum of squares: neighbours that fall become their
/// mean (pool adjacent violators).
pub(crate) fn rising(values: &mut [f64]) {
    // Sums and counts of pools.
    let mut pools: Vec<(f64, u32)> = Vec::new();
    for value in values.iter() {
        let mut pool = (*value, 1);
        while let Some((sum, count)) = pools.last().copied() {
            if sum / f64::from(count) <= pool.0 / f64::from(pool.1) {
                break;
            }
            pool = (pool.0 + sum, pool.1 + count);
            pools.pop();
        }
        pools.push(pool);
    }
    let means = pools.into_iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / f64::from(count), count as usize));
    values.iter_mut().zip(means).for_each(|(value, mean)| *value = mean);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_becomes_its_mean() {
        let mut values = [1.0, 3.0, 2.0, 5.0, 0.0, 4.0, 9.0];
        rising(&mut values);
        let expected = [1.0, 2.5, 2.5, 2.5, 2.5, 4.0, 9.0];
        assert!(values.iter().zip(expected).all(|(value, mean): (&f64, f64)| (value - mean).abs() < 1e-12));
        rising(&mut values[..0]);
    }
}
