//! Simulated telemetry: what sixteen miners that use all they are allotted report, second by second.

use std::f64::consts::TAU;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use serde::{Deserialize, Serialize};

/// How a miner's CPU share strays from its level: normal, and like the moment before by `correlation`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Standard deviation, percentage points.
    pub deviation: f64,
    /// Of one sample with the next, 0 to below 1.
    pub correlation: f64,
}

impl Default for Noise {
    /// Of a miner that is allotted a core and sampled every second: Linux hands out a cgroup's CPU time in slices of
    /// 5 ms (`sched_cfs_bandwidth_slice_us`), half a per cent of it.
    fn default() -> Self {
        Self { deviation: 0.5, correlation: 0.0 }
    }
}

/// More computing power than allotted, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burst {
    /// The first sample of it.
    pub from: usize,
    /// The first sample after it.
    pub until: usize,
    /// Percentage points above the allotment.
    pub extra: f64,
}

/// One miner's series.
#[derive(Clone, Debug)]
pub struct Telemetry {
    chance: ChaCha8Rng,
    noise: Noise,
    stray: f64,
    spare: Option<f64>,
    bursts: Vec<Burst>,
    place: usize,
}

impl Telemetry {
    /// Of the miner `miner` in the run `seed`.
    pub fn new(seed: u64, miner: u64, noise: Noise, bursts: Vec<Burst>) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(miner);
        let mut telemetry = Self { chance, noise, stray: 0.0, spare: None, bursts, place: 0 };
        // Begins as it goes on: strayed already.
        telemetry.stray = noise.deviation * telemetry.normal();
        telemetry
    }

    /// A standard normal number, by Box and Muller.
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }

    /// In [0, 1), of 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn uniform(&mut self) -> f64 {
        (self.chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Iterator for Telemetry {
    type Item = f64;

    /// The next sample, per cent of the allotment.
    fn next(&mut self) -> Option<f64> {
        let level: f64 = self.bursts.iter().filter(|b| (b.from..b.until).contains(&self.place)).map(|b| b.extra).sum();
        let percent = (100.0 + level + self.stray).max(0.0);
        let Noise { deviation, correlation } = self.noise;
        let fresh = deviation * (1.0 - correlation * correlation).sqrt() * self.normal();
        self.stray = correlation * self.stray + fresh;
        self.place += 1;
        Some(percent)
    }
}

/// A run: its miners, of which the first ones cheat alike.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// All miners.
    pub miners: Vec<Telemetry>,
}

impl Fleet {
    /// `miners` miners, the first `cheats` of which use `bursts`.
    pub fn new(seed: u64, miners: u64, cheats: u64, noise: Noise, bursts: &[Burst]) -> Self {
        let of = |miner| if miner < cheats { bursts.to_vec() } else { Vec::new() };
        Self { miners: (0..miners).map(|miner| Telemetry::new(seed, miner, noise, of(miner))).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(noise: Noise) -> (f64, f64, f64) {
        let series: Vec<f64> = Telemetry::new(1, 0, noise, Vec::new()).take(20_000).map(|x| x - 100.0).collect();
        let mean = series.iter().sum::<f64>() / 20_000.0;
        let variance = series.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        let product = series.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / 19_999.0;
        (mean, variance.sqrt(), product / variance)
    }

    #[test]
    fn noise_has_the_moments_it_is_set_to() {
        for correlation in [0.0, 0.6] {
            let (mean, deviation, found) = moments(Noise { deviation: 2.0, correlation });
            assert!(mean.abs() < 0.1 && (deviation - 2.0).abs() < 0.1, "{mean} {deviation}");
            assert!((found - correlation).abs() < 0.05, "{found}");
        }
    }

    #[test]
    fn a_seed_gives_a_series_and_another_one_another() {
        let first = |seed, miner| Telemetry::new(seed, miner, Noise::default(), Vec::new()).next().unwrap();
        assert_eq!(first(1, 2).to_bits(), first(1, 2).to_bits());
        assert_ne!(first(1, 2).to_bits(), first(1, 3).to_bits());
        assert_ne!(first(1, 2).to_bits(), first(2, 2).to_bits());
    }

    #[test]
    fn a_burst_lifts_its_samples_only() {
        let burst = Burst { from: 2, until: 4, extra: 50.0 };
        let noise = Noise { deviation: 0.0, correlation: 0.0 };
        let series: Vec<_> = Telemetry::new(1, 0, noise, vec![burst]).take(5).collect();
        assert_eq!(series, [100.0, 100.0, 150.0, 150.0, 100.0]);
    }
}
