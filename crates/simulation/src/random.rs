//! Seeded randomness.

use serde::{Deserialize, Serialize};

/// Blackman and Vigna's xoshiro256++: period 2^256 − 1, seeded by `SplitMix64`. Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The stream of a seed and a name: streams of different names are independent of each other.
    pub fn stream(seed: u64, name: &str) -> Self {
        // FNV-1a, so that a name stands for a number.
        let name = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut seed = split_mix(seed) ^ name;
        let state = std::array::from_fn(|_| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            split_mix(seed)
        });
        Self { state }
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// A float in [0, 1).
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number in [0, `bound`); 0 where `bound` is. Lemire's multiplication, whose bias is below `bound` / 2^64.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// An index into something of that length.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A float in [`low`, `high`).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Normally distributed (Marsaglia's polar method).
    pub fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return mean + deviation * x * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// Exponentially distributed.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// In random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// So many different numbers below `bound`, ascending; all where there are not as many.
    pub fn sample(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut all: Vec<_> = (0..bound).collect();
        self.shuffle(&mut all);
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

const fn split_mix(seed: u64) -> u64 {
    let a = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_deviation(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let sample: Vec<_> = (0..100_000).map(|_| draw()).collect();
        let mean = sample.iter().sum::<f64>() / 1e5;
        (mean, (sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5).sqrt())
    }

    #[test]
    fn streams_repeat_and_differ_by_seed_and_by_name() {
        let first = |seed, name| Random::stream(seed, name).bits();
        assert_eq!(first(1, "network"), first(1, "network"));
        assert_ne!(first(1, "network"), first(2, "network"));
        assert_ne!(first(1, "network"), first(1, "workload"));
    }

    #[test]
    fn distributions_have_the_moments_asked_for() {
        let mut random = Random::stream(7, "moments");
        let (mean, deviation) = mean_and_deviation(|| random.normal(20.0, 5.0));
        assert!((mean - 20.0).abs() < 0.07 && (deviation - 5.0).abs() < 0.05, "{mean} {deviation}");
        let (mean, deviation) = mean_and_deviation(|| random.exponential(3.0));
        assert!((mean - 3.0).abs() < 0.05 && (deviation - 3.0).abs() < 0.1, "{mean} {deviation}");
        let (mean, deviation) = mean_and_deviation(|| random.between(2.0, 4.0));
        assert!((mean - 3.0).abs() < 0.01 && (deviation - 2.0 / 12.0_f64.sqrt()).abs() < 0.01);
    }

    #[test]
    fn whole_numbers_are_spread_evenly_below_the_bound() {
        let mut random = Random::stream(3, "bounds");
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|_| counts[random.index(7)] += 1);
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 500), "{counts:?}");
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn a_sample_holds_different_numbers_in_order() {
        let sample = Random::stream(9, "sample").sample(20, 50);
        assert!(sample.len() == 20 && sample.windows(2).all(|pair| pair[0] < pair[1]) && sample[19] < 50);
        assert_eq!(Random::stream(9, "sample").sample(9, 3), [0, 1, 2]);
    }
}
