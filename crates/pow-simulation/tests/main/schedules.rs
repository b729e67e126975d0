//! Ten thousand schedules of loss, delay, partition and crash.

use std::sync::atomic::{AtomicU64, Ordering};

use pow_simulation::{Schedule, Summary};

const SCHEDULES: u64 = 10_000;
const THREADS: u64 = 2;

#[test]
fn every_invariant_holds_over_ten_thousand_schedules() {
    let next = AtomicU64::new(0);
    let run = || {
        let mut all: Vec<(u64, Summary)> = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SCHEDULES {
                return all;
            }
            all.push((seed, Schedule { seed }.run()));
        }
    };
    let all: Vec<(u64, Summary)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no schedule panics")).collect()
    });
    assert_eq!(all.len() as u64, SCHEDULES);
    for (seed, summary) in &all {
        assert!(summary.violations.is_empty(), "seed {seed}: {:?}", summary.violations);
    }
    // The schedules hold what they are there for.
    let sum = |count: fn(&Summary) -> u64| all.iter().map(|(_, summary)| count(summary)).sum::<u64>();
    assert!(sum(|summary| summary.blocks.into()) > 3 * SCHEDULES);
    assert!(sum(|summary| u64::from(summary.greatest_term > 0)) > SCHEDULES / 2, "managers were replaced");
    assert!(sum(|summary| summary.leases) > 30 * SCHEDULES);
    let leased_again = sum(|summary| summary.leased_again);
    assert!(leased_again > SCHEDULES / 10, "only {leased_again} ranges were leased again");
}

#[test]
fn a_schedule_depends_on_nothing_but_its_seed() {
    assert_eq!(Schedule { seed: 77 }.run(), Schedule { seed: 77 }.run());
    assert_ne!(Schedule { seed: 77 }.run().chain, Schedule { seed: 78 }.run().chain);
}
