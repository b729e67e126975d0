//! How often somebody may ask: a token bucket for each caller.

use std::{collections::BTreeMap, hash::Hash};

/// A rate: so many at once, and so many a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a pause.
    pub burst: u32,
    /// A second.
    pub per_second: u32,
}

/// After so many callers, those who may ask again as if they never had are forgotten.
const REMEMBERED: usize = 10_000;
/// A request, in the thousandths that are counted.
const WHOLE: u64 = 1_000;

/// Token buckets, one for each caller.
#[derive(Clone, Debug)]
pub struct Limiter<K> {
    rate: Rate,
    /// What is left, in thousandths of a request, and when that was so.
    buckets: BTreeMap<K, (u64, u64)>,
}

impl<K: Ord + Clone + Hash> Limiter<K> {
    /// With full buckets.
    pub const fn new(rate: Rate) -> Self {
        Self { rate, buckets: BTreeMap::new() }
    }

    /// Whether `caller` may ask at `now_ms`; if so, it has.
    pub fn take(&mut self, caller: &K, now_ms: u64) -> bool {
        let full = u64::from(self.rate.burst) * WHOLE;
        let filled = |(left, at): (u64, u64)| {
            let earned = now_ms.saturating_sub(at).saturating_mul(u64::from(self.rate.per_second));
            left.saturating_add(earned).min(full)
        };
        if self.buckets.len() >= REMEMBERED {
            self.buckets.retain(|_, bucket| filled(*bucket) < full);
        }
        let left = filled(self.buckets.get(caller).copied().unwrap_or((full, now_ms)));
        let after = left.checked_sub(WHOLE);
        self.buckets.insert(caller.clone(), (after.unwrap_or(left), now_ms));
        after.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_served_and_then_the_rate() {
        let mut limiter = Limiter::new(Rate { burst: 3, per_second: 2 });
        let served = |limiter: &mut Limiter<u8>, at| (0..5).filter(|_| limiter.take(&1, at)).count();
        assert_eq!(served(&mut limiter, 0), 3);
        assert_eq!(served(&mut limiter, 400), 0);
        assert_eq!(served(&mut limiter, 1_400), 2);
        assert_eq!(served(&mut limiter, 100_000), 3);
        assert!(limiter.take(&2, 0));
    }
}
