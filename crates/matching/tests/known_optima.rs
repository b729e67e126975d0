//! Optima that others have found.

use std::time::{Duration, Instant};

use matching::{Formulation, Options, Problem, day_optimum, solve};
use optimizer::{Backend, InProcess};

mod instance;
mod support;

const AMPLE: Duration = Duration::from_mins(1);

fn options(tie_break: Option<f64>) -> Options {
    Options { tie_break, deadline: AMPLE, ..Options::default() }
}

fn assert_day(file: &str, limits: Option<(u64, u64)>, optimum: u64) {
    let Some(csv) = support::shared_file(file) else { return };
    let problem = support::trace(&csv, limits);
    let begun = Instant::now();
    let bound = day_optimum(&problem, AMPLE);
    eprintln!("{file} {limits:?}: {bound} in {:?}", begun.elapsed());
    assert_eq!(bound.0, optimum);
}

#[test]
fn fifteen_homes_without_limits() {
    assert_day("data/fifteen/offers.csv", None, 923_835);
}

#[test]
fn fifteen_homes_within_limits() {
    assert_day("data/fifteen/offers.csv", Some((6_000, 3_000)), 748_398);
}

#[test]
fn a_hundred_homes_within_the_authors_limits() {
    assert_day("data/microgrid102/offers.csv", Some((2_500_000, 2_000_000)), 4_131_200);
}

#[test]
fn a_hundred_homes_within_tight_limits() {
    assert_day("data/microgrid102/offers.csv", Some((25_000, 20_000)), 2_874_000);
}

#[test]
fn a_hundred_homes_with_batteries() {
    assert_day("data/microgrid102/offers_battery.csv", Some((2_500_000, 2_000_000)), 4_332_000);
    assert_day("data/microgrid102/offers_battery.csv", Some((25_000, 20_000)), 3_091_100);
}

/// At most 1 Wh in 5,000, or one, below the best integer plan, and never above it.
fn assert_near(name: &str, problem: &Problem, optimum: u64, tie_break: Option<f64>, formulation: Formulation) {
    let begun = Instant::now();
    let matching = solve(problem, &InProcess(Backend::Cbc), &options(tie_break), formulation).expect("solved");
    let taken = begun.elapsed();
    eprintln!(
        "{name} {tie_break:?}: {} of {optimum}, bound {}, {:?} with {} variables, {} trades in {taken:?}",
        matching.value,
        matching.upper_bound,
        matching.formulation,
        matching.variables,
        matching.trades.len(),
    );
    assert_eq!(problem.check(&matching.trades), Ok(matching.value), "{name}");
    assert!(matching.value.0 <= optimum && optimum <= matching.upper_bound.0, "{name}");
    assert!(optimum - matching.value.0 <= 1.max(optimum / 5_000), "{name}: {} of {optimum}", matching.value);
}

fn assert_instance(name: &str, formulation: Formulation) {
    let Some(json) = support::shared_file(&format!("instances/{name}.json")) else { return };
    let (problem, optimum) = instance::read(&json);
    for tie_break in [None, Some(Options::EXPIRING_FIRST)] {
        assert_near(name, &problem, optimum, tie_break, formulation);
    }
}

#[test]
fn instances_with_proved_optima() {
    for name in ["small-101", "frac-15929", "mediumt-103", "mediumu-104", "solidworx-105", "larget-106"] {
        assert_instance(name, Formulation::Auto);
    }
}

#[test]
fn the_reference_finds_the_same_optima() {
    for name in ["small-101", "frac-15929", "mediumt-103"] {
        assert_instance(name, Formulation::Dense);
    }
}

#[test]
fn whole_days_in_whole_watt_hours() {
    let assert = |file: &str, limits, optimum| {
        let Some(csv) = support::shared_file(file) else { return };
        for tie_break in [None, Some(Options::EXPIRING_FIRST)] {
            assert_near(file, &support::trace(&csv, limits), optimum, tie_break, Formulation::Auto);
        }
    };
    assert("data/fifteen/offers.csv", None, 923_835);
    assert("data/fifteen/offers.csv", Some((6_000, 3_000)), 748_398);
    assert("data/microgrid102/offers.csv", Some((2_500_000, 2_000_000)), 4_131_200);
    assert("data/microgrid102/offers.csv", Some((25_000, 20_000)), 2_874_000);
    assert("data/microgrid102/offers_battery.csv", Some((2_500_000, 2_000_000)), 4_332_000);
    assert("data/microgrid102/offers_battery.csv", Some((25_000, 20_000)), 3_091_100);
}
