//! One simulation a seed, on several threads.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Runs `simulate` once for each of `seeds` on so many threads, and returns the results in the order of the seeds.
///
/// `done` is told after each one how many are finished. Results do not depend on the number of threads where
/// `simulate` depends on nothing but its seed.
pub fn replicas<S: Sync, R: Send>(
    seeds: &[S],
    threads: usize,
    simulate: impl Fn(&S) -> R + Sync,
    done: impl Fn(usize) + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let finished = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(seeds.len()));
    let work = || {
        while let Some((index, seed)) = take(&next, seeds) {
            let result = simulate(seed);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(seeds.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, S>(next: &AtomicUsize, seeds: &'a [S]) -> Option<(usize, &'a S)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, seeds.get(index)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Random;

    #[test]
    fn results_come_in_the_order_of_seeds_whatever_the_number_of_threads() {
        let seeds: Vec<u64> = (0..100).collect();
        let simulate = |seed: &u64| Random::stream(*seed, "replica").unit().to_bits();
        let alone = replicas(&seeds, 1, simulate, |_| ());
        for threads in [0, 2, 8, 1000] {
            assert_eq!(replicas(&seeds, threads, simulate, |_| ()), alone);
        }
    }

    #[test]
    fn every_replica_is_counted_once() {
        let most = AtomicUsize::new(0);
        let done = |finished| {
            most.fetch_max(finished, Ordering::Relaxed);
        };
        assert_eq!(replicas(&[1, 2, 3], 2, |seed| seed * 2, done), [2, 4, 6]);
        assert_eq!(most.into_inner(), 3);
        assert_eq!(replicas(&[0_u8; 0], 2, |seed| *seed, |_| ()), [0_u8; 0]);
    }
}
