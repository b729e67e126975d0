//! A day as a solver lives it: plan a few intervals ahead, fix the first, move on.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use matching::{Formulation, Options, Problem, solve};
use optimizer::{Backend, InProcess};
use units::{IntervalIndex, WattHours};

mod support;

/// The energy traded in the end, and the longest step.
fn roll(day: &Problem, horizon: u32) -> (u64, Duration) {
    let mut offers = day.offers.clone();
    let (mut traded, mut longest) = (0, Duration::ZERO);
    for next in (day.first.0..=day.last.0).map(IntervalIndex) {
        let last = IntervalIndex(next.0 + horizon);
        let open = |offer: &matching::OpenOffer| offer.end >= next && offer.start <= last && offer.remaining.0 > 0;
        let reachable: BTreeMap<_, _> =
            offers.iter().filter(|(_, offer)| open(offer)).map(|(id, offer)| (*id, *offer)).collect();
        let problem =
            Problem { first: next, last, offers: reachable, groups: day.groups.clone(), price_rule: day.price_rule };
        let options = Options {
            tie_break: Some(Options::EXPIRING_FIRST),
            deadline: Duration::from_mins(1),
            ..Options::default()
        };
        let begun = Instant::now();
        let matching = solve(&problem, &InProcess(Backend::Cbc), &options, Formulation::Auto).expect("solved");
        longest = longest.max(begun.elapsed());
        for trade in matching.trades.iter().filter(|trade| trade.interval == next) {
            for id in [trade.seller, trade.buyer] {
                let offer = offers.get_mut(&id).expect("known");
                offer.remaining = WattHours(offer.remaining.0 - trade.energy.0);
            }
            traded += trade.energy.0;
        }
    }
    (traded, longest)
}

fn assert_share(file: &str, limits: Option<(u64, u64)>, optimum: u64) {
    let Some(csv) = support::shared_file(file) else { return };
    let begun = Instant::now();
    let (traded, longest) = roll(&support::trace(&csv, limits), 4);
    eprintln!("{file} {limits:?}: {traded} of {optimum} Wh in {:?}, a step at most {longest:?}", begun.elapsed());
    assert!(traded <= optimum && traded * 100 >= optimum * 99, "{traded} of {optimum}");
}

#[test]
fn four_intervals_ahead_are_enough_for_fifteen_homes() {
    assert_share("data/fifteen/offers.csv", None, 923_835);
    assert_share("data/fifteen/offers.csv", Some((6_000, 3_000)), 748_398);
}

#[test]
fn four_intervals_ahead_are_enough_for_a_hundred_homes() {
    assert_share("data/microgrid102/offers.csv", Some((2_500_000, 2_000_000)), 4_131_200);
    assert_share("data/microgrid102/offers.csv", Some((25_000, 20_000)), 2_874_000);
}

#[test]
fn four_intervals_ahead_are_enough_for_batteries() {
    assert_share("data/microgrid102/offers_battery.csv", Some((25_000, 20_000)), 3_091_100);
}
