//! All twins of a fog server.

use std::{collections::BTreeMap, path::PathBuf};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use mint::{Acceptance, FogReport, MinerId, Order, Policy, Refusal, Sample};
use mint_detector::{BadParameters, Detector, Parameters};
use mint_wire::{BadSignature, SampleAnswer, Signed};
use thiserror::Error;

use crate::{
    diary::{Diary, DiaryError, Entry},
    twin::{Status, Twin},
};

/// What a fog server is set to.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: MinerId,
    /// Its miners, and who signs for each.
    pub miners: BTreeMap<MinerId, Address>,
    /// Which samples are taken in.
    pub acceptance: Acceptance,
    /// What follows from them.
    pub policy: Policy,
    /// The detectors'.
    pub parameters: Parameters,
    /// Where the diary is.
    pub diary: PathBuf,
}

/// Why there is no fog server.
#[derive(Debug, Error)]
pub enum FogError {
    /// The diary cannot be kept.
    #[error("the fog server has no diary")]
    Diary(#[from] DiaryError),
    /// The detectors cannot be set up.
    #[error("the detectors cannot be set up")]
    Parameters(#[from] BadParameters),
}

/// Why a sample is refused.
#[derive(Debug, Error)]
pub enum Refused {
    /// Nobody knows the miner.
    #[error("there is no miner {0}")]
    Unknown(MinerId),
    /// The signature is bad.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// The sample is bad.
    #[error(transparent)]
    Sample(#[from] Refusal),
    /// It cannot be kept, and is not taken in.
    #[error("the sample cannot be kept; try again later")]
    Diary(#[from] DiaryError),
}

/// Mirrors miners and judges them. What it says is a function of its diary.
#[derive(Debug)]
pub struct Fog {
    setting: Setting,
    signer: PrivateKeySigner,
    twins: BTreeMap<MinerId, Twin>,
    diary: Diary,
    reports: u64,
}

impl Fog {
    /// Starts with what the diary says. Entries of miners that are not known any more are passed over.
    pub fn open(setting: Setting, signer: PrivateKeySigner, now_ms: u64) -> Result<Self, FogError> {
        let (diary, entries) = Diary::open(&setting.diary)?;
        let detector = Detector::new(setting.parameters)?;
        let twin = |(id, key): (&MinerId, &Address)| (id.clone(), Twin::new(*key, detector.clone(), now_ms));
        let twins = setting.miners.iter().map(twin).collect();
        // Reports are numbered by the time, so that a server that starts again goes on.
        let mut fog = Self { setting, signer, twins, diary, reports: now_ms };
        for entry in entries {
            fog.apply(entry);
        }
        Ok(fog)
    }

    /// Who signs its orders.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Whether a sample is by the miner it names.
    pub fn is_by_miner(&self, signed: &Signed<Sample>) -> bool {
        self.twins.get(&signed.body.miner).is_some_and(|twin| signed.verify(twin.key).is_ok())
    }

    /// Takes in a sample at `now_ms`. When this returns, it is on the disk.
    pub fn take(&mut self, signed: Signed<Sample>, now_ms: u64) -> Result<SampleAnswer, Refused> {
        let id = signed.body.miner.clone();
        let twin = self.twins.get_mut(&id).ok_or_else(|| Refused::Unknown(id.clone()))?;
        let checked = signed
            .verify(twin.key)
            .map_err(Refused::from)
            .and_then(|sample| Ok(self.setting.acceptance.check(sample, twin.last_sample(), now_ms)?));
        if let Err(refused) = checked {
            twin.refused += 1;
            return Err(refused);
        }
        let sequence = signed.body.sequence;
        self.record(Entry::Sample { at_ms: now_ms, signed })?;
        let due = self.twins.get(&id).and_then(Twin::due);
        let order = due.map(|order: &Order| Signed::new(order.clone(), &self.signer)).transpose()?;
        Ok(SampleAnswer { sequence, order })
    }

    /// The cloud flags miners; those that are not known, or are flagged already, are passed over.
    pub fn flag(&mut self, miners: &[MinerId], now_ms: u64) -> Result<(), DiaryError> {
        for miner in miners {
            if self.twins.get(miner).is_some_and(|twin| !twin.is_flagged()) {
                self.record(Entry::Flagged { at_ms: now_ms, miner: miner.clone() })?;
            }
        }
        Ok(())
    }

    /// The operator forgives a miner; whether there is such a one.
    pub fn forgive(&mut self, miner: &MinerId, now_ms: u64) -> Result<bool, DiaryError> {
        if !self.twins.contains_key(miner) {
            return Ok(false);
        }
        self.record(Entry::Forgiven { at_ms: now_ms, miner: miner.clone() })?;
        Ok(true)
    }

    /// First on the disk, then in the twins.
    fn record(&mut self, entry: Entry) -> Result<(), DiaryError> {
        self.diary.add(&entry)?;
        self.apply(entry);
        Ok(())
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Sample { at_ms, signed } => {
                if let Some(twin) = self.twins.get_mut(&signed.body.miner) {
                    twin.mirror(signed.body, at_ms, &self.setting.policy);
                }
            }
            Entry::Flagged { miner, .. } => {
                if let Some(twin) = self.twins.get_mut(&miner) {
                    twin.flag();
                }
            }
            Entry::Forgiven { at_ms, miner } => {
                if let Some(twin) = self.twins.get_mut(&miner) {
                    twin.forgive(miner, at_ms);
                }
            }
        }
    }

    /// All twins at `now_ms`, in the order of names.
    pub fn statuses(&self, now_ms: u64) -> Vec<Status> {
        self.twins.iter().map(|(id, twin)| self.status_of(id, twin, now_ms)).collect()
    }

    /// One twin.
    pub fn status(&self, miner: &MinerId, now_ms: u64) -> Option<Status> {
        self.twins.get(miner).map(|twin| self.status_of(miner, twin, now_ms))
    }

    fn status_of(&self, id: &MinerId, twin: &Twin, now_ms: u64) -> Status {
        twin.status(id.clone(), self.is_silent(twin, now_ms), &self.setting.policy)
    }

    fn is_silent(&self, twin: &Twin, now_ms: u64) -> bool {
        self.setting.acceptance.is_silent(twin.heard_ms(), now_ms)
    }

    /// The next report to the cloud.
    pub fn report(&mut self, now_ms: u64) -> Result<Signed<FogReport>, BadSignature> {
        self.reports += 1;
        let twins = self.twins.iter().map(|(id, twin)| twin.report(id.clone(), self.is_silent(twin, now_ms))).collect();
        let body = FogReport { fog: self.setting.name.clone(), number: self.reports, time_ms: now_ms, twins };
        Signed::new(body, &self.signer)
    }
}
