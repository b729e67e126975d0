//! One home of a profile folder.

use std::{fs, path::Path};

use ::transax::Params;
use households::{Household, INTERVAL_MINUTES, Policy, ProfileFiles, Resident, Scenario, Tariff};
use units::IntervalIndex;

use crate::{cli::Profile, exit::Failure};

/// A home, and how long its profile goes.
pub struct Inhabited {
    /// The home before its first interval.
    pub resident: Resident,
    /// The first interval of its profile.
    pub first: IntervalIndex,
    /// The last one.
    pub last: IntervalIndex,
}

/// Reads the folder and takes the home that is named, with prices spread between those of the market's DSO. The market's
/// intervals must be as long as a profile's.
pub fn read(profile: &Profile, params: &Params) -> Result<Inhabited, Failure> {
    let usage = |reason: String| Failure::Usage(format!("{}: {reason}", profile.profile.display()));
    let (seconds, rate) = (params.interval_seconds, INTERVAL_MINUTES * 60);
    if u64::from(seconds) != rate {
        let reason = format!("profiles are of intervals of {rate} s, and the market's last {seconds} s");
        return Err(usage(format!("{reason}; use one deployed with --interval-seconds {rate}")));
    }
    let scenario = scenario(&profile.profile)?;
    let Some(place) = scenario.homes.iter().position(|home| home.id == profile.home) else {
        let ids: Vec<_> = scenario.homes.iter().map(|home| home.id.as_str()).collect();
        return Err(usage(format!("there is no home {}; there are {}", profile.home, ids.join(", "))));
    };
    let tariff = Tariff::new(params.grid_price, params.feed_in_price).map_err(|error| usage(error.to_string()))?;
    let policy = Policy::spread(&scenario, place, tariff);
    let (first, last) = (scenario.first_interval, scenario.last_interval());
    let home = scenario.homes.into_iter().nth(place).expect("it was found there");
    Ok(Inhabited { resident: Resident::new(Household::new(home, first, policy)), first, last })
}

fn scenario(folder: &Path) -> Result<Scenario, Failure> {
    let read = |name: &str| {
        let file = folder.join(name);
        fs::read_to_string(&file).map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))
    };
    let (homes, feeders) = (read("homes.csv")?, read("feeders.csv")?);
    let (load, pv) = (read("load_diversified.csv")?, read("pv.csv")?);
    let files = ProfileFiles { homes: &homes, feeders: &feeders, load: &load, pv: &pv };
    Scenario::parse(files).map_err(|error| Failure::Usage(format!("{}: {error}", folder.display())))
}
