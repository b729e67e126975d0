//! Proof-of-Behaviour against colluders.

use mint::MinerId;
use mint_detector::{Assessment, BadParameters, Behaviours, Parameters, tolerable};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Burst, Fleet, Noise, quiet::cusums};

/// Samples of a behaviour vector: a minute.
const ROUND: usize = 60;
const MINERS: u64 = 16;

/// Why there are no rounds.
#[derive(Debug, Error)]
pub enum StudyError {
    /// The detector's parameters fit nothing.
    #[error("the detector cannot be set up")]
    Parameters(#[from] BadParameters),
    /// A round has too few miners.
    #[error("a round cannot be scored")]
    Round(#[from] mint_detector::NotEnoughMiners),
}

/// A minute's round; `None` where it began before every miner had a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByzantineRounds {
    /// By minute, from the first one on.
    pub minutes: Vec<Option<Assessment>>,
}

/// The name of the miner at `place`.
pub(crate) fn name(place: usize) -> Option<MinerId> {
    format!("miner-{place:02}").parse().ok()
}

/// The game: who cheats by how much, and what flags them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scheme {
    /// How many of sixteen collude.
    pub cheats: u64,
    /// Percentage points above the allotment.
    pub extra: f64,
    /// What W must exceed for a flag.
    pub threshold: f64,
    /// The noise of every miner.
    pub noise: Noise,
}

/// Section 5.2.3: `minutes` minutes of sixteen miners, the first of which cheat in minutes 9 and 10. Each minute is scored against as many liars as sixteen miners tolerate.
pub fn byzantine(
    parameters: Parameters,
    scheme: Scheme,
    seed: u64,
    minutes: usize,
) -> Result<ByzantineRounds, StudyError> {
    let Scheme { cheats, extra, threshold, noise } = scheme;
    let burst = Burst { from: 8 * ROUND, until: 10 * ROUND, extra };
    let series = cusums(parameters, Fleet::new(seed, MINERS, cheats, noise, &[burst]), minutes * ROUND)?;
    let round = |minute: usize| -> Result<Option<Assessment>, StudyError> {
        let vector = |w: &Vec<Option<f64>>| w[minute * ROUND..(minute + 1) * ROUND].iter().copied().collect();
        let vectors: Option<Vec<Vec<f64>>> = series.iter().map(vector).collect();
        let Some(vectors) = vectors else { return Ok(None) };
        let named = vectors.into_iter().enumerate().filter_map(|(place, w)| name(place).map(|name| (name, w)));
        let (behaviours, _) = Behaviours::collect(ROUND, named);
        let byzantine = tolerable(behaviours.miners().len());
        Ok(Some(behaviours.assess(byzantine, threshold)?))
    };
    Ok(ByzantineRounds { minutes: (0..minutes).map(round).collect::<Result<_, _>>()? })
}

/// How colluders fare over many seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collusion {
    /// The game.
    pub scheme: Scheme,
    /// Seeds.
    pub runs: u64,
    /// Seeds in which every colluder is flagged in minute 9, the first in which they cheat.
    pub all_flagged: u64,
    /// Seeds in which an honest miner is flagged in minute 9.
    pub honest_flagged: u64,
    /// Honest miners flagged in any minute scored, of `honest_rounds`.
    pub honest_flags: u64,
    /// Honest miners' rounds.
    pub honest_rounds: u64,
}

/// Over `runs` seeds of ten minutes.
pub fn collusion(parameters: Parameters, scheme: Scheme, runs: u64) -> Result<Collusion, StudyError> {
    let mut sum = Collusion { scheme, runs, all_flagged: 0, honest_flagged: 0, honest_flags: 0, honest_rounds: 0 };
    let honest = usize::try_from(scheme.cheats).unwrap_or(usize::MAX);
    for seed in 0..runs {
        let rounds = byzantine(parameters, scheme, seed, 10)?;
        for (minute, round) in rounds.minutes.iter().enumerate() {
            let Some(round) = round else { continue };
            let (cheats, fair) = round.scores.split_at(honest);
            let wrong = fair.iter().filter(|score| score.is_flagged).count() as u64;
            sum.honest_flags += wrong;
            sum.honest_rounds += fair.len() as u64;
            if minute == 8 {
                sum.all_flagged += u64::from(cheats.iter().all(|score| score.is_flagged));
                sum.honest_flagged += u64::from(wrong > 0);
            }
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use mint_detector::ROUND_THRESHOLD;

    use super::*;

    #[test]
    fn one_to_six_colluders_are_flagged_and_nobody_else() {
        for cheats in 1..=6 {
            let scheme = Scheme { cheats, extra: 10.0, threshold: ROUND_THRESHOLD, noise: Noise::default() };
            let found = collusion(Parameters::calibrated(), scheme, 10).unwrap();
            assert_eq!((found.all_flagged, found.honest_flagged, found.honest_flags), (10, 0, 0), "{found:?}");
        }
    }
}
