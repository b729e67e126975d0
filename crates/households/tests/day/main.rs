//! The shipped scenario, traded for its whole day.

mod matcher;
mod simulation;

use std::collections::BTreeMap;

use households::{Battery, Feeder, Home, ProfileFiles, Scenario};
use simulation::{Day, trade};
use transax::Side;
use units::{GroupId, IntervalIndex, WattHours};

fn shipped() -> Scenario {
    let files = ProfileFiles {
        homes: include_str!("../../../../data/simbench-fifteen/homes.csv"),
        feeders: include_str!("../../../../data/simbench-fifteen/feeders.csv"),
        load: include_str!("../../../../data/simbench-fifteen/load_diversified.csv"),
        pv: include_str!("../../../../data/simbench-fifteen/pv.csv"),
    };
    Scenario::parse(files).expect("the shipped data is whole")
}

fn offered(day: &Day, side: Side) -> u64 {
    day.wanted.iter().filter(|(_, _, wanted)| wanted.side == side).map(|(_, _, wanted)| wanted.energy.0).sum()
}

#[test]
fn the_market_is_lively() {
    let day = trade(&shipped());
    let bought = offered(&day, Side::Buy);
    assert!(day.traded * 100 >= bought * 90, "{} Wh traded of {bought} Wh asked for", day.traded);
    assert!(day.binding.iter().all(|binding| *binding >= 1), "feeders stood at a limit in {:?} intervals", day.binding);
    for side in [Side::Sell, Side::Buy] {
        let flexible = day.wanted.iter().filter(|(_, _, wanted)| wanted.side == side && wanted.start < wanted.end);
        assert!(flexible.count() >= 9, "{side:?} offers from batteries");
    }
}

#[test]
fn batteries_stay_within_their_limits_and_are_used_both_ways() {
    let scenario = shipped();
    let day = trade(&scenario);
    assert_eq!(day.metered.len(), 15 * 48);
    let (mut charged, mut discharged) = (0, 0);
    for (at, metered) in &day.metered {
        let Some(battery) = scenario.homes[*at].battery else {
            assert_eq!((metered.charged, metered.discharged), (WattHours(0), WattHours(0)));
            continue;
        };
        assert!(metered.state_of_charge <= battery.capacity);
        assert!(metered.charged.max(metered.discharged) <= battery.per_interval);
        charged += metered.charged.0;
        discharged += metered.discharged.0;
    }
    assert!(charged > 10_000 && discharged > 10_000, "{charged} Wh in, {discharged} Wh out");
}

#[test]
fn what_leaves_the_homes_beyond_their_trades_is_the_residual() {
    let day = trade(&shipped());
    let sums = day
        .metered
        .iter()
        .fold((0, 0), |(net, residual), (_, metered)| (net + metered.net_energy, residual + metered.residual));
    assert_eq!(sums.0, sums.1, "what one home sells another buys");
    for (_, metered) in &day.metered {
        let signed = |energy: WattHours| i64::try_from(energy.0).expect("small");
        let (produced, consumed) = (metered.reading.pv, metered.reading.load);
        let net = signed(produced) - signed(consumed) + signed(metered.discharged) - signed(metered.charged);
        assert_eq!(net, metered.net_energy);
    }
}

#[test]
fn offers_never_lock_more_than_a_homes_limits() {
    let scenario = shipped();
    let mut locked: BTreeMap<(usize, Side, u32), u64> = BTreeMap::new();
    for (at, _, wanted) in &trade(&scenario).wanted {
        assert!(wanted.energy.0 > 0 && wanted.start <= wanted.end && wanted.end <= scenario.last_interval());
        for interval in wanted.start.0..=wanted.end.0 {
            *locked.entry((*at, wanted.side, interval)).or_default() += wanted.energy.0;
        }
    }
    for ((at, side, interval), energy) in locked {
        let home = &scenario.homes[at];
        let limit = if side == Side::Sell { home.production_limit() } else { home.consumption_limit() };
        assert!(energy <= limit.0, "{} locks {energy} Wh of {limit} in {interval}", home.id);
    }
}

#[test]
fn offers_never_depend_on_readings_to_come() {
    let scenario = shipped();
    let known = 20;
    let mut other = scenario.clone();
    for home in &mut other.homes {
        home.load[known..].fill(WattHours(333));
        home.pv[known..].fill(WattHours(77));
    }
    // The first changed reading is that of first + known, which is known when first + known + 3 is traded.
    let changed = IntervalIndex(scenario.first_interval.0 + 20 + 3);
    let until = |day: Day| day.wanted.into_iter().partition::<Vec<_>, _>(|(_, made, _)| *made < changed);
    let ((before, after), (before_other, after_other)) = (until(trade(&scenario)), until(trade(&other)));
    assert_eq!(before, before_other);
    assert_ne!(after, after_other);
}

#[test]
fn where_forecasts_are_right_nothing_is_left_to_the_dso() {
    let home = |id: &str, load: u64, pv: u64, battery| Home {
        id: id.to_owned(),
        feeder: GroupId(0),
        load: vec![WattHours(load); 20],
        pv: vec![WattHours(pv); 20],
        battery,
        load_peak: WattHours(1_000),
        pv_peak: WattHours(1_000),
    };
    let battery = Battery {
        capacity: WattHours(80_000),
        per_interval: WattHours(500),
        initial: WattHours(60_000),
        efficiency_permille: 950,
    };
    let feeder = Feeder { name: "F1".to_owned(), internal_limit: WattHours(9_999), external_limit: WattHours(0) };
    let scenario = Scenario {
        homes: vec![
            home("consumer", 400, 0, None),
            home("producer", 50, 350, None),
            home("owner", 40, 20, Some(battery)),
        ],
        feeders: vec![feeder],
        first_interval: IntervalIndex(0),
        intervals: 20,
    };
    // Intervals 0, 1 and 2 are traded before there is any reading, and the battery's offer made then spans 3 too.
    let settled: Vec<_> = trade(&scenario).metered.into_iter().filter(|(_, metered)| metered.interval.0 >= 4).collect();
    assert_eq!(settled.len(), 3 * 16);
    assert!(settled.iter().all(|(_, metered)| metered.residual == 0), "{:?}", settled.first());
}
