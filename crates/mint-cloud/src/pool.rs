//! The twins of all fog servers.

use std::collections::BTreeMap;

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use mint::{Flags, FogReport, MinerId, TwinReport};
use mint_detector::{Assessment, Behaviours, VectorRefused, tolerable};
use mint_wire::{BadSignature, Signed};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Samples of a behaviour vector.
const ROUND: usize = 60;
/// A report may be this old or this far ahead, milliseconds; older ones leave the pool.
const FRESH_MS: u64 = 30_000;
/// W is reported in millionths.
const MILLIONTHS: f64 = 1e6;

/// Why a report is refused.
#[derive(Debug, Error)]
pub enum Refused {
    /// Nobody knows the fog server.
    #[error("there is no fog server {0}")]
    Unknown(MinerId),
    /// The signature is bad.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// It was seen before, or one after it was.
    #[error("report {number} was seen before; the last one was {last}")]
    Replayed {
        /// Its number.
        number: u64,
        /// The last one.
        last: u64,
    },
    /// It is not of now.
    #[error("the report is {apart_ms} ms from now; check the clocks")]
    NotNow {
        /// How far.
        apart_ms: u64,
    },
    /// It names a miner of another fog server.
    #[error("{0} is another fog server's miner")]
    Foreign(MinerId),
}

/// The pool, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolView {
    /// Fog servers and their miners.
    pub fogs: BTreeMap<MinerId, Vec<MinerId>>,
    /// Miners that take no part in a round, because they are silent or their twins still learn.
    pub absent: Vec<MinerId>,
    /// Miners whose vectors were refused.
    pub refused: Vec<(MinerId, VectorRefused)>,
    /// The latest round, if there were miners enough.
    pub round: Option<Assessment>,
}

/// Pools reports and scores behaviour.
#[derive(Clone, Debug)]
pub struct Pool {
    fogs: BTreeMap<MinerId, Address>,
    threshold: f64,
    signer: PrivateKeySigner,
    reports: BTreeMap<MinerId, FogReport>,
}

impl Pool {
    /// Of these fog servers, each with who signs for it; miners are flagged past `threshold`.
    pub const fn new(fogs: BTreeMap<MinerId, Address>, threshold: f64, signer: PrivateKeySigner) -> Self {
        Self { fogs, threshold, signer, reports: BTreeMap::new() }
    }

    /// Takes in a report at `now_ms`, and says which of its miners are flagged.
    pub fn take(&mut self, signed: &Signed<FogReport>, now_ms: u64) -> Result<Signed<Flags>, Refused> {
        let fog = &signed.body.fog;
        let key = self.fogs.get(fog).ok_or_else(|| Refused::Unknown(fog.clone()))?;
        let report = signed.verify(*key)?;
        let apart_ms = report.time_ms.abs_diff(now_ms);
        if apart_ms > FRESH_MS {
            return Err(Refused::NotNow { apart_ms });
        }
        if let Some(last) = self.reports.get(fog).map(|last| last.number).filter(|last| report.number <= *last) {
            return Err(Refused::Replayed { number: report.number, last });
        }
        let others = self.reports.values().filter(|other| other.fog != *fog).flat_map(|other| &other.twins);
        let taken: Vec<&MinerId> = others.map(|twin| &twin.miner).collect();
        if let Some(twin) = report.twins.iter().find(|twin| taken.contains(&&twin.miner)) {
            return Err(Refused::Foreign(twin.miner.clone()));
        }
        self.reports.insert(fog.clone(), report.clone());
        let flagged = self.view(now_ms).round.map(|round| round.flagged().cloned().collect::<Vec<_>>());
        let is_here = |miner: &MinerId| report.twins.iter().any(|twin| twin.miner == *miner);
        let miners = flagged.unwrap_or_default().into_iter().filter(is_here).collect();
        Ok(Signed::new(Flags { fog: fog.clone(), number: report.number, miners }, &self.signer)?)
    }

    /// The pool at `now_ms`.
    pub fn view(&self, now_ms: u64) -> PoolView {
        let fresh: Vec<&FogReport> =
            self.reports.values().filter(|report| report.time_ms.abs_diff(now_ms) <= FRESH_MS).collect();
        let twins = || fresh.iter().flat_map(|report| &report.twins);
        let is_present = |twin: &TwinReport| !twin.is_silent && twin.cusum_millionths.len() >= ROUND;
        let vectors = twins().filter(|twin| is_present(twin)).map(|twin| (twin.miner.clone(), vector(twin)));
        let (behaviours, refused) = Behaviours::collect(ROUND, vectors);
        let round = behaviours.assess(tolerable(behaviours.miners().len()), self.threshold).ok();
        let miners = |report: &FogReport| report.twins.iter().map(|twin| twin.miner.clone()).collect();
        PoolView {
            fogs: fresh.iter().map(|report| (report.fog.clone(), miners(report))).collect(),
            absent: twins().filter(|twin| !is_present(twin)).map(|twin| twin.miner.clone()).collect(),
            refused,
            round,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "W stays far below 2^52 millionths")]
fn vector(twin: &TwinReport) -> Vec<f64> {
    twin.cusum_millionths.iter().rev().take(ROUND).rev().map(|w| *w as f64 / MILLIONTHS).collect()
}

#[cfg(test)]
mod tests {
    use mint_detector::ROUND_THRESHOLD;

    use super::*;

    const NOW: u64 = 1_000_000;

    fn pool(signers: &[(&str, &PrivateKeySigner)]) -> Pool {
        let fogs = signers.iter().map(|(name, signer)| (name.parse().unwrap(), signer.address())).collect();
        Pool::new(fogs, ROUND_THRESHOLD, PrivateKeySigner::random())
    }

    /// A report of eight miners, numbered from `first`, the first `cheats` of which changed.
    fn report(fog: &str, number: u64, first: u64, cheats: u64) -> FogReport {
        let twin = |place: u64| TwinReport {
            miner: format!("m{:02}", first + place).parse().unwrap(),
            sequence: 1,
            is_silent: false,
            cusum_millionths: (0..60)
                .map(|k| if place < cheats { 30_000_000 } else { (k * place * 7) % 900_000 })
                .collect(),
        };
        FogReport { fog: fog.parse().unwrap(), number, time_ms: NOW, twins: (0..8).map(twin).collect() }
    }

    #[test]
    fn colluders_of_two_fog_servers_are_flagged_to_their_own() {
        let [one, two] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
        let mut pool = pool(&[("one", &one), ("two", &two)]);
        pool.take(&Signed::new(report("one", 1, 0, 2), &one).unwrap(), NOW).unwrap();
        let flags = pool.take(&Signed::new(report("two", 1, 8, 1), &two).unwrap(), NOW).unwrap();
        assert_eq!(flags.body.miners, ["m08".parse().unwrap()]);
        let flags = pool.take(&Signed::new(report("one", 2, 0, 2), &one).unwrap(), NOW).unwrap();
        assert_eq!(flags.body.miners, ["m00".parse().unwrap(), "m01".parse().unwrap()]);
        assert_eq!(pool.view(NOW).round.unwrap().byzantine, 6);
    }

    #[test]
    fn bad_reports_are_refused() {
        let [one, two] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
        let mut pool = pool(&[("one", &one), ("two", &two)]);
        let mut take = |report, by, now| pool.take(&Signed::new(report, by).unwrap(), now);
        assert!(take(report("one", 5, 0, 0), &one, NOW).is_ok());
        assert!(matches!(take(report("one", 5, 0, 0), &one, NOW), Err(Refused::Replayed { .. })));
        assert!(matches!(take(report("one", 6, 0, 0), &two, NOW), Err(Refused::Signature(_))));
        assert!(matches!(take(report("six", 6, 0, 0), &one, NOW), Err(Refused::Unknown(_))));
        assert!(matches!(take(report("one", 6, 0, 0), &one, NOW + 40_000), Err(Refused::NotNow { .. })));
        assert!(matches!(take(report("two", 6, 0, 0), &two, NOW), Err(Refused::Foreign(_))));
    }

    #[test]
    fn who_is_silent_or_learns_takes_no_part() {
        let one = PrivateKeySigner::random();
        let mut pool = pool(&[("one", &one)]);
        let mut report = report("one", 1, 0, 0);
        report.twins[0].is_silent = true;
        report.twins[1].cusum_millionths.truncate(59);
        pool.take(&Signed::new(report, &one).unwrap(), NOW).unwrap();
        let view = pool.view(NOW);
        assert_eq!(view.absent, ["m00".parse().unwrap(), "m01".parse().unwrap()]);
        assert_eq!(view.round.unwrap().scores.len(), 6);
        assert_eq!(pool.view(NOW + 40_000).round, None);
    }
}
