//! What a system is given to do, and what happens to it meanwhile.

use serde::{Deserialize, Serialize};
use simulation::{Micros, Random};

/// Transactions at a rate, until there are so many or the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Transactions a second.
    pub rate: f64,
    /// Bytes of each.
    pub size_bytes: u32,
    /// How long the phase lasts, seconds; until `count` where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// How many at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// When within a second.
    #[serde(default)]
    pub spacing: Spacing,
}

/// When transactions come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Evenly.
    #[default]
    Even,
    /// At random: exponentially distributed gaps.
    Poisson,
    /// All of a second at its beginning, as in the papers' simulator.
    Burst,
}

/// A transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// When it was handed in.
    pub created: Micros,
    /// Its size.
    pub bytes: u32,
}

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When, seconds.
    pub at_seconds: f64,
    /// To whom.
    pub node: u32,
    /// Crashes (false) or recovers (true).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alive: Option<bool>,
    /// Says nothing of its own and passes nothing on any more (true), or behaves again (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent: Option<bool>,
    /// Its bandwidth from now on, megabytes a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<f64>,
}

/// The transactions of phases that follow one another from `start` on, by the time they are handed in.
///
/// Phases without an end take at most `limit` transactions in all.
pub fn transactions(phases: &[Phase], start: Micros, limit: usize, random: &mut Random) -> Vec<Transaction> {
    let mut all = Vec::new();
    let mut begin = start.seconds();
    for phase in phases {
        let end = phase.seconds.map_or(f64::INFINITY, |seconds| begin + seconds);
        let most = phase.count.map_or(limit, |count| limit.min(all.len() + count as usize));
        let (mut gaps, mut last, mut index) = (0.0, begin, 0_u32);
        while all.len() < most {
            let time = match phase.spacing {
                Spacing::Even => begin + f64::from(index) / phase.rate,
                Spacing::Burst => begin + (f64::from(index) / phase.rate).floor(),
                Spacing::Poisson => {
                    gaps += random.exponential(1.0 / phase.rate);
                    begin + gaps
                }
            };
            if time >= end {
                break;
            }
            all.push(Transaction { created: Micros::from_seconds(time), bytes: phase.size_bytes });
            (last, index) = (time, index + 1);
        }
        begin = if end.is_finite() { end } else { last };
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(spacing: Spacing) -> Phase {
        Phase { rate: 4.0, size_bytes: 10, seconds: Some(2.0), count: None, spacing }
    }

    fn times(phases: &[Phase]) -> Vec<f64> {
        let all = transactions(phases, Micros::ZERO, 1000, &mut Random::stream(1, "workload"));
        all.iter().map(|transaction| transaction.created.seconds()).collect()
    }

    #[test]
    fn transactions_come_evenly_or_in_bursts() {
        assert_eq!(times(&[phase(Spacing::Even)]), [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75]);
        assert_eq!(times(&[phase(Spacing::Burst)]), [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn phases_follow_one_another_and_counts_bound_them() {
        let counted = Phase { count: Some(3), ..phase(Spacing::Even) };
        assert_eq!(times(&[counted, phase(Spacing::Burst)]), [0.0, 0.25, 0.5, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
        let endless = Phase { seconds: None, ..phase(Spacing::Even) };
        assert_eq!(times(&[endless]).len(), 1000);
    }

    #[test]
    fn random_gaps_have_the_rate_asked_for() {
        let long = Phase { seconds: Some(5000.0), ..phase(Spacing::Poisson) };
        let all = transactions(&[long], Micros::ZERO, usize::MAX, &mut Random::stream(1, "workload"));
        assert!(all.len().abs_diff(20_000) < 600 && all.windows(2).all(|pair| pair[0].created <= pair[1].created));
    }
}
