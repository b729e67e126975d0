//! What a home expects, from nothing but its ratings and the readings it has.

use units::WattHours;

use crate::{Home, Reading};

/// Before any reading: of the rated peak load, how much is assumed to be drawn.
const PRIOR_LOAD_PERMILLE: u64 = 75;
/// How many of the last loads are averaged.
const LOADS_AVERAGED: usize = 4;

/// Persistence: the PV last seen, and the mean of the last four loads rounded to the nearest watt-hour, both capped by
/// their ratings. Before the first reading PV is taken to be 0 and the load 7.5 % of its rated peak.
pub(crate) fn persistence(home: &Home, readings: &[Reading]) -> Reading {
    let Some(last) = readings.last() else {
        return Reading { load: WattHours(home.load_peak.0 * PRIOR_LOAD_PERMILLE / 1000), pv: WattHours(0) };
    };
    let recent = readings.iter().rev().take(LOADS_AVERAGED);
    let (sum, count) = recent.fold((0, 0), |(sum, count), reading| (sum + reading.load.0, count + 1));
    let load = (sum + count / 2) / count;
    Reading { load: WattHours(load.min(home.load_peak.0)), pv: last.pv.min(home.pv_peak) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::GroupId;

    fn home() -> Home {
        Home {
            id: "P1".to_owned(),
            feeder: GroupId(0),
            load: Vec::new(),
            pv: Vec::new(),
            battery: None,
            load_peak: WattHours(1_000),
            pv_peak: WattHours(500),
        }
    }

    fn reading(load: u64, pv: u64) -> Reading {
        Reading { load: WattHours(load), pv: WattHours(pv) }
    }

    #[test]
    fn without_readings_it_assumes_a_share_of_the_rated_load_and_no_sun() {
        assert_eq!(persistence(&home(), &[]), reading(75, 0));
    }

    #[test]
    fn it_averages_four_loads_and_keeps_the_last_pv() {
        let readings = [reading(900, 9), reading(10, 9), reading(20, 9), reading(30, 9), reading(41, 7)];
        assert_eq!(persistence(&home(), &readings), reading(25, 7));
    }

    #[test]
    fn it_never_expects_more_than_the_ratings() {
        assert_eq!(persistence(&home(), &[reading(5_000, 600)]), reading(1_000, 500));
    }
}
