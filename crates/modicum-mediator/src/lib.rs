#![doc = include_str!("../README.md")]

mod court;
mod dossier;
mod evidence;
mod seen;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::modicum::{Call, Place};
use jobs::{ContentHash, Limits};
use modicum::{Course, Finding, Phase, View};
use runtime::{Agent, Intent, Modicum};
use thiserror::Error;

pub use court::{Court, CourtError, Dispute};
pub use dossier::{DOSSIER_PATH, Dossier, DossierError, Rejudged, SignedDossier, rejudge};
pub use evidence::Evidence;
use seen::Seen;

/// A verdict that is ready to be posted.
#[derive(Clone, Copy, Debug)]
struct Ready {
    finding: Finding,
    spent: u128,
    dossier: B256,
}

/// Why there is no verdict yet.
#[derive(Debug, Error)]
enum NoVerdict {
    #[error("nothing was found out")]
    Court(#[from] CourtError),
    #[error("the dossier cannot be made")]
    Dossier(#[from] DossierError),
    #[error("the dossier cannot be published")]
    Publish(#[from] job_storage::StorageError),
    #[error("the dossier cannot be kept")]
    Keep(#[from] io::Error),
    #[error("the evidence answers another question")]
    NoAnswer,
    #[error("the chain does not show what the dispute is about")]
    Incomplete,
}

/// Judges disputes.
pub struct Mediator {
    name: String,
    place: Place,
    key: PrivateKeySigner,
    court: Court,
    /// Where it keeps its dossiers, under the names of matches.
    archive: PathBuf,
    /// Whether it says nothing, for tests and demonstrations.
    is_silent: bool,
    ready: BTreeMap<B256, Ready>,
    seen: Seen,
}

impl Mediator {
    /// A mediator under this name, who signs with `key` what it publishes about disputes in the market at `place`, and
    /// keeps a copy in the folder `archive`, where it also notes since when matches are there.
    pub fn new(
        name: impl Into<String>,
        place: Place,
        key: PrivateKeySigner,
        court: Court,
        archive: impl Into<PathBuf>,
    ) -> Self {
        let archive = archive.into();
        let seen = Seen::new(archive.clone());
        Self { name: name.into(), place, key, court, archive, is_silent: false, ready: BTreeMap::new(), seen }
    }

    /// One that never judges.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    const fn account(&self) -> Address {
        self.key.address()
    }

    fn judge(&mut self, view: &View, id: B256, course: &Course, now: u64) -> Option<Intent<Call>> {
        if !self.ready.contains_key(&id) {
            match self.verdict(view, id, course, now) {
                Ok(ready) => {
                    self.ready.insert(id, ready);
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(mediator = self.name, %id, error, "no verdict yet; trying again");
                }
            }
        }
        let Ready { finding, spent, dossier } = *self.ready.get(&id)?;
        let contents = Box::new(course.contents.clone());
        let call = Call::PostMediationResult { contents, finding, spent, dossier };
        Some(Intent::new(format!("judge {id}"), call))
    }

    fn verdict(&self, view: &View, id: B256, course: &Course, now: u64) -> Result<Ready, NoVerdict> {
        let (Some(report), Some(rejection), Some(offer)) =
            (course.report, course.rejection, view.job(course.contents.job_offer))
        else {
            return Err(NoVerdict::Incomplete);
        };
        let config = view.config();
        // No event tells when the match was made.
        let since = self.seen.since(id).unwrap_or(now);
        let dispute = Dispute {
            job: ContentHash(offer.job_hash.0),
            limits: Limits::from(offer),
            report,
            reason: rejection.reason,
            verifications: config.verifications,
            times: (since, now),
        };
        let evidence = self.court.hear(&dispute)?;
        let finding = evidence.finding(&report, rejection.reason, &*self.court.machine).ok_or(NoVerdict::NoAnswer)?;
        let most = course.contents.terms(config, 0, 0, 0).most_spent();
        let spent = evidence.spent(&course.contents, most);
        let dossier = Dossier {
            chain_id: self.place.chain_id,
            market: self.place.market,
            contents: course.contents.clone(),
            report,
            reason: rejection.reason,
            job: dispute.job,
            limits: dispute.limits,
            verifications: config.verifications,
            meter: self.court.machine.meter().0,
            times: dispute.times,
            evidence,
            finding,
            spent,
        };
        let signed = SignedDossier::sign(dossier, &self.key)?;
        let bundle = signed.bundle()?;
        fs::create_dir_all(&self.archive)?;
        fs::write(
            self.archive.join(format!("{id}.json")),
            serde_json::to_vec_pretty(&signed).map_err(io::Error::from)?,
        )?;
        match self.court.storage.put(&bundle) {
            // A directory that is away cannot take what says so; the copy is there for whoever asks.
            Err(error) if finding == Finding::DirectoryDown && error.is_outage() => {
                tracing::warn!(mediator = self.name, %id, "the directory is away, and takes no dossier");
            }
            put => put?,
        }
        Ok(Ready { finding, spent, dossier: B256::from(bundle.tree().hash().0) })
    }
}

impl Agent<Modicum> for Mediator {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, view: &View, now: u64) -> Vec<Intent<Call>> {
        if self.is_silent {
            return Vec::new();
        }
        let account = self.account();
        let own = || view.courses().filter(|(_, course)| course.contents.mediator == account);
        for (id, _) in own().filter(|(_, course)| course.closing.is_none()) {
            self.seen.note(id, now);
        }
        let disputed = own().filter(|(_, course)| {
            course.waits_for(Phase::Disputed) && course.rejection.is_some_and(|rejection| now <= rejection.until)
        });
        let disputed: Vec<_> = disputed.collect();
        self.ready.retain(|id, _| disputed.iter().any(|(open, _)| open == id));
        self.seen.retain(|id| view.course(id).is_some_and(|course| course.closing.is_none()));
        disputed.into_iter().filter_map(|(id, course)| self.judge(view, id, course, now)).collect()
    }
}
