//! Optima that others have found.

use std::time::{Duration, Instant};

use matching::{Options, Problem, day_optimum, solve_dense};
use optimizer::InProcess;

mod instance;
mod support;

const AMPLE: Duration = Duration::from_mins(10);

fn options(tie_break: Option<f64>) -> Options {
    Options { tie_break, deadline: AMPLE }
}

fn assert_day(file: &str, limits: Option<(u64, u64)>, optimum: u64) {
    let Some(csv) = support::shared_file(file) else { return };
    let problem = support::trace(&csv, limits);
    let begun = Instant::now();
    let bound = day_optimum(&problem, &InProcess, AMPLE).expect("solved");
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

/// At most a thousandth or 1 Wh below the best integer plan, never above it.
fn assert_near(name: &str, problem: &Problem, optimum: u64, tie_break: Option<f64>) {
    let begun = Instant::now();
    let matching = solve_dense(problem, &InProcess, &options(tie_break)).expect("solved");
    eprintln!(
        "{name} {tie_break:?}: {} of {optimum}, bound {}, {} variables, {} trades in {:?}",
        matching.value,
        matching.upper_bound,
        matching.variables,
        matching.trades.len(),
        begun.elapsed()
    );
    assert_eq!(problem.check(&matching.trades), Ok(matching.value), "{name}");
    assert!(matching.value.0 <= optimum && optimum <= matching.upper_bound.0, "{name}");
    assert!(optimum - matching.value.0 <= 1.max(optimum / 1000), "{name}: {} of {optimum}", matching.value);
}

fn assert_instance(name: &str, tie_break: Option<f64>) {
    let Some(json) = support::shared_file(&format!("instances/{name}.json")) else { return };
    let (problem, optimum) = instance::read(&json);
    assert_near(name, &problem, optimum, tie_break);
}

#[test]
fn small_instances_with_proved_optima() {
    for name in ["small-101", "frac-15929", "mediumt-103"] {
        assert_instance(name, None);
        assert_instance(name, Some(Options::EXPIRING_FIRST));
    }
}

#[test]
fn large_instances_with_proved_optima() {
    assert_instance("mediumu-104", Some(Options::EXPIRING_FIRST));
    assert_instance("solidworx-105", Some(Options::EXPIRING_FIRST));
}

#[test]
fn whole_days_in_whole_watt_hours() {
    let tie_break = Some(Options::EXPIRING_FIRST);
    if let Some(csv) = support::shared_file("data/fifteen/offers.csv") {
        assert_near("fifteen", &support::trace(&csv, None), 923_835, None);
        assert_near("fifteen", &support::trace(&csv, Some((6_000, 3_000))), 748_398, tie_break);
    }
    if let Some(csv) = support::shared_file("data/microgrid102/offers.csv") {
        assert_near("microgrid102", &support::trace(&csv, Some((25_000, 20_000))), 2_874_000, tie_break);
    }
}
