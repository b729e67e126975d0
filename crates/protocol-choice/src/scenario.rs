//! What befalls the system: how many transactions, how fast a network, who is down.

use ledger_simulator::{Change, Config, ConfigError, Phase, Spacing};
use serde::{Deserialize, Serialize};
use simulation::Random;
use thiserror::Error;

use crate::Learning;

/// The study of the paper's section 4, as this project settles what it leaves open.
const PAPER: &str = include_str!("../presets/paper-002.toml");

/// A study that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StudyError {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("the study cannot be read: {0}")]
    Syntax(String),
    /// The system cannot be simulated.
    #[error(transparent)]
    System(#[from] ConfigError),
    /// A value out of its range.
    #[error("`{key}` {must}")]
    Range {
        /// Which one.
        key: &'static str,
        /// What it has to be.
        must: &'static str,
    },
}

/// A system, two workloads, and how the agent learns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// The system; its workload and changes are drawn from the ranges.
    pub system: Config,
    /// How long the system stays in one state, and how often a protocol is chosen, seconds.
    pub interval_seconds: f64,
    /// How many intervals an episode of training has.
    pub training_intervals: u32,
    /// How many episodes.
    pub episodes: u32,
    /// How many intervals the evolved workload has.
    pub evolved_intervals: u32,
    /// The workload the agent is trained on.
    pub wl1: Ranges,
    /// The workload of later days.
    pub wl2: Ranges,
    /// How the agent learns.
    #[serde(default)]
    pub learning: Learning,
}

/// What an interval is drawn from, evenly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranges {
    /// Transactions a second, from and to.
    pub rate: (f64, f64),
    /// Bytes of a transaction, from and to.
    pub size_bytes: (u32, u32),
    /// Levels of the network: the slowest and the fastest node, megabits a second.
    pub network_mbps: Vec<(f64, f64)>,
    /// Probability that a node is down during an interval.
    pub failure: f64,
}

/// The state of an interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weather {
    /// Transactions a second.
    pub rate: f64,
    /// Bytes of each.
    pub size_bytes: u32,
    /// Bandwidth of each node, megabytes a second.
    pub bandwidths: Vec<f64>,
    /// Who is down.
    pub down: Option<u32>,
}

impl Study {
    /// The paper's.
    pub fn paper() -> Self {
        Self::from_toml(PAPER).expect("the study that is built in is checked by a test")
    }

    /// Reads TOML and checks it.
    pub fn from_toml(text: &str) -> Result<Self, StudyError> {
        let study: Self = toml::from_str(text).map_err(|error| StudyError::Syntax(error.to_string()))?;
        study.check()?;
        Ok(study)
    }

    fn check(&self) -> Result<(), StudyError> {
        let range = |fine: bool, key, must| if fine { Ok(()) } else { Err(StudyError::Range { key, must }) };
        self.system.check()?;
        range(self.interval_seconds > 0.0, "interval_seconds", "must be above 0")?;
        range(self.training_intervals > 0, "training_intervals", "must be above 0")?;
        range(self.evolved_intervals > 0, "evolved_intervals", "must be above 0")?;
        for ranges in [&self.wl1, &self.wl2] {
            let capacity = self.system.block.capacity_bytes;
            range((0.0..=1.0).contains(&ranges.failure), "failure", "must be a probability")?;
            range(ranges.rate.0 > 0.0 && ranges.rate.0 <= ranges.rate.1, "rate", "must ascend from above 0")?;
            let sizes = ranges.size_bytes;
            range(sizes.0 > 0 && sizes.0 <= sizes.1 && sizes.1 <= capacity, "size_bytes", "must ascend to a block's")?;
            let ascending = |(slow, fast): &(f64, f64)| *slow > 0.0 && slow <= fast;
            let levels = &ranges.network_mbps;
            range(!levels.is_empty() && levels.iter().all(ascending), "network_mbps", "must have ascending pairs")?;
        }
        Ok(())
    }
}

/// Draws so many intervals.
pub fn weather(ranges: &Ranges, nodes: u32, intervals: u32, random: &mut Random) -> Vec<Weather> {
    let draw = |_| {
        let (slow, fast) = ranges.network_mbps[random.index(ranges.network_mbps.len())];
        let rate = random.between(ranges.rate.0, ranges.rate.1);
        let sizes = ranges.size_bytes;
        let size = random.between(f64::from(sizes.0), f64::from(sizes.1));
        // One node at each end of the range, so that the ends are what is observed.
        let mut speeds: Vec<_> = (0..nodes).map(|_| random.between(slow, fast) / 8.0).collect();
        speeds[0] = slow / 8.0;
        speeds[nodes as usize - 1] = fast / 8.0;
        random.shuffle(&mut speeds);
        let down = (random.unit() < ranges.failure).then(|| random.below(u64::from(nodes)));
        Weather {
            rate,
            size_bytes: whole(size),
            bandwidths: speeds,
            down: down.and_then(|node| u32::try_from(node).ok()),
        }
    };
    (0..intervals).map(draw).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes fit into 32 bits")]
fn whole(size: f64) -> u32 {
    size.round() as u32
}

/// The system under this weather.
pub fn system(study: &Study, weather: &[Weather], seed: u64) -> Config {
    let mut config = Config { seed, ..study.system.clone() };
    config.workload.clear();
    config.change.clear();
    let mut down = None;
    let mut at_seconds = 0.0;
    for interval in weather {
        config.workload.push(Phase {
            rate: interval.rate,
            size_bytes: interval.size_bytes,
            seconds: Some(study.interval_seconds),
            count: None,
            spacing: Spacing::Poisson,
        });
        let change = Change { at_seconds, node: 0, alive: None, silent: None, bandwidth: None };
        for (node, bandwidth) in (0..).zip(&interval.bandwidths) {
            config.change.push(Change { node, bandwidth: Some(*bandwidth), ..change });
        }
        if down != interval.down {
            config.change.extend(down.map(|node| Change { node, alive: Some(true), ..change }));
            config.change.extend(interval.down.map(|node| Change { node, alive: Some(false), ..change }));
        }
        down = interval.down;
        at_seconds += study.interval_seconds;
    }
    let end = Change { at_seconds, node: 0, alive: Some(true), silent: None, bandwidth: None };
    config.change.extend(down.map(|node| Change { node, ..end }));
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weather_is_within_its_ranges_and_repeats_with_its_seed() {
        let study = Study::paper();
        let draw = |seed| weather(&study.wl2, 5, 200, &mut Random::stream(seed, "weather"));
        let days = draw(1);
        assert_eq!((days.len(), &days), (200, &draw(1)));
        assert_ne!(days, draw(2));
        let failures = days.iter().filter(|day| day.down.is_some()).count();
        assert!(failures > 20 && failures < 150, "{failures}");
        for day in &days {
            assert!(
                day.rate >= study.wl2.rate.0 && day.rate < study.wl2.rate.1 && day.down.is_none_or(|node| node < 5)
            );
        }
    }

    #[test]
    fn every_crash_ends() {
        let study = Study::paper();
        let days = weather(&study.wl2, 5, 50, &mut Random::stream(4, "weather"));
        let config = system(&study, &days, 4);
        let count = |alive| config.change.iter().filter(|change| change.alive == Some(alive)).count();
        assert!(count(false) > 0 && count(true) == count(false));
        assert!(config.check().is_ok());
    }

    #[test]
    fn unknown_keys_and_empty_ranges_are_refused() {
        assert!(Study::from_toml(&format!("wl3 = 1\n{PAPER}")).is_err());
        let none = PAPER.replace("failure = 0.4", "failure = 1.4");
        assert!(Study::from_toml(&none).unwrap_err().to_string().contains("probability"));
    }
}
