#![doc = include_str!("../README.md")]

mod judgement;
mod order;
mod progress;
mod settings;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::mpsc::Sender};

use alloy_primitives::B256;
use bindings::modicum::Call;
use job_storage::StorageError;
use jobs::{ContentHash, Tree};
use modicum::{Course, Ending, OfferState, Phase, Reason, Report, Status, View, is_rejectable};
use runtime::{Agent, Intent, Modicum};

pub use judgement::{Checker, Reaction, Undecided, compare};
pub use order::{Order, Step};
use progress::Told;
pub use settings::{Behaviour, Costs, UnknownBehaviour, Verification, tossed, warnings};

/// How a creator works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How it behaves.
    pub behaviour: Behaviour,
    /// How often it verifies.
    pub verification: Verification,
    /// What decides when it verifies; to be kept secret.
    pub secret: B256,
    /// Whether it posts its offer on the chain. Otherwise somebody else brings it along, signed.
    pub posts_offer: bool,
}

/// Has a job run by others.
pub struct Creator {
    name: String,
    order: Order,
    settings: Settings,
    checker: Checker,
    told: Told,
    is_stored: bool,
    /// When each report was seen first, Unix seconds.
    seen: BTreeMap<B256, u64>,
    /// What was made of each report.
    reactions: BTreeMap<B256, Reaction>,
    /// When the job was offered, Unix seconds.
    since: Option<u64>,
    is_over: bool,
}

impl Creator {
    /// A creator under this name, who acts with the key of its order's creator, and tells `steps` of everything.
    pub fn new(
        name: impl Into<String>,
        order: Order,
        settings: Settings,
        checker: Checker,
        steps: Sender<Step>,
    ) -> Self {
        Self {
            name: name.into(),
            order,
            settings,
            checker,
            told: Told::new(steps),
            is_stored: false,
            seen: BTreeMap::new(),
            reactions: BTreeMap::new(),
            since: None,
            is_over: false,
        }
    }

    /// The job is stored before it is offered.
    fn store(&mut self) -> bool {
        if !self.is_stored {
            match self.checker.storage.put(&self.order.job) {
                Ok(()) => {
                    self.is_stored = true;
                    self.told.tell(Step::Stored { bytes: self.order.job.tree().transfer_bytes() });
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(creator = self.name, error, "the job cannot be stored; trying again");
                }
            }
        }
        self.is_stored
    }

    fn offer(&mut self, now: u64) -> Option<Intent<Call>> {
        if now >= self.order.offer.deadline {
            self.end(Step::Failed { why: "the deadline passed before the job was offered".into() });
            return None;
        }
        if !self.store() || !self.settings.posts_offer {
            return None;
        }
        let name = self.order.offer.name();
        Some(Intent::new(format!("offer job {name}"), Call::PostJobOffer(Box::new(self.order.offer.clone()))))
    }

    /// An offer that nobody took in time is taken back.
    fn wait(&self, now: u64) -> Option<Intent<Call>> {
        let name = self.order.offer.name();
        let cancel = || Call::CancelJobOffer(Box::new(self.order.offer.clone()));
        (now > self.order.offer.deadline).then(|| Intent::new(format!("take job {name} back"), cancel()))
    }

    fn proceed(&mut self, view: &View, id: B256, course: &Course, now: u64) -> Option<Intent<Call>> {
        let contents = Box::new(course.contents.clone());
        match course.phase()? {
            Phase::Matched => {
                let claim = || Intent::new(format!("end {id}, which has no result"), Call::ClaimNoResult(contents));
                (now > course.contents.deadline).then(claim)
            }
            Phase::Reported => match self.react(view, id, course, now)? {
                Reaction::Accept => Some(Intent::new(format!("accept {id}"), Call::AcceptResult(contents))),
                Reaction::Reject(reason) => {
                    Some(Intent::new(format!("reject {id}"), Call::RejectResult { contents, reason }))
                }
            },
            Phase::Disputed => {
                let until = course.rejection.map_or(u64::MAX, |rejection| rejection.until);
                let claim = || Intent::new(format!("end {id}, which has no verdict"), Call::ClaimNoVerdict(contents));
                (now > until).then(claim)
            }
        }
    }

    /// What to do about a report; `None` if nothing is to be done, or nothing is known yet.
    fn react(&mut self, view: &View, id: B256, course: &Course, now: u64) -> Option<Reaction> {
        let report = course.report?;
        match self.settings.behaviour {
            Behaviour::Silent => return None,
            Behaviour::Denying => return Some(Reaction::Reject(Reason::WrongResult)),
            Behaviour::Honest => {}
        }
        if let Some(reaction) = self.reactions.get(&id) {
            return Some(*reaction);
        }
        let seen = *self.seen.entry(id).or_insert(now);
        let m = &course.contents;
        let rate = self.settings.verification.rate(view.config(), m, report.price, report.used.instructions);
        let verifies = tossed(self.settings.secret, id, rate);
        let times = (self.since.unwrap_or(now), now);
        let reaction = match self.checker.react(&self.order.job, &self.order.offer, &report, verifies, times) {
            Ok(reaction) => reaction,
            Err(undecided) => {
                let error: &dyn std::error::Error = &undecided;
                tracing::warn!(creator = self.name, %id, error, "nothing is known of a result yet");
                // Half of the time to react is for trying again.
                if now <= seen + u64::from(view.config().reaction_seconds) / 2 {
                    return None;
                }
                last_resort(&undecided, report.status)
            }
        };
        if verifies {
            self.told.tell(Step::Verified { id, is_right: reaction == Reaction::Accept });
        }
        if let Reaction::Reject(reason) = reaction {
            self.told.tell(Step::Rejecting { id, reason });
        }
        self.reactions.insert(id, reaction);
        Some(reaction)
    }

    /// The offer is closed: by an ending, or since it was taken back.
    fn conclude(&mut self, view: &View) {
        let name = self.order.offer.name();
        let last = view.courses().rfind(|(_, course)| course.contents.job_offer == name);
        let Some((id, course)) = last else {
            return self.end(Step::Failed { why: "nobody took the job in time".into() });
        };
        match (course.closing.map(|closing| closing.ending), course.report) {
            // Nothing was run, so nothing is to be fetched; the directory may be gone for good.
            (Some(Ending::Accepted), Some(report)) if is_without_run(&report) => {
                self.end(Step::Failed { why: format!("the job ended as {:?}, without a result", report.status) });
            }
            (Some(Ending::Accepted), Some(report)) => {
                let hash = ContentHash(report.result_hash.0);
                let most_bytes = self.order.offer.bandwidth_limit;
                match self.checker.storage.get(hash, &self.order.out, most_bytes) {
                    Ok(_) => self.end(Step::Done { id, status: report.status, folder: self.order.out.clone() }),
                    // Fetched before, by a process that ended then.
                    Err(StorageError::NotEmpty(_)) if self.order.has_result(hash) => {
                        self.end(Step::Done { id, status: report.status, folder: self.order.out.clone() });
                    }
                    Err(error @ (StorageError::TooLarge { .. } | StorageError::NotEmpty(_))) => {
                        self.end(Step::Failed { why: format!("the result was accepted and is not fetched: {error}") });
                    }
                    // There is none where the job never ended, and it is nothing to wait for.
                    Err(error) if error.is_absence() => {
                        self.end(Step::Failed {
                            why: format!("the job ended as {:?}, without a result", report.status),
                        });
                    }
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(creator = self.name, %id, error, "the result cannot be fetched; trying again");
                    }
                }
            }
            (Some(ending), _) if ending.is_providers_fault() => {
                self.end(Step::Failed { why: "no provider did the job in time".into() });
            }
            (Some(ending), _) => self.end(Step::Failed { why: format!("the match ended by {ending:?}") }),
            (None, _) => {}
        }
    }

    fn end(&mut self, step: Step) {
        self.is_over = true;
        self.told.tell(step);
    }
}

/// Whether a report tells of no run: its result is an empty tree.
fn is_without_run(report: &Report) -> bool {
    report.status != Status::Completed && report.result_hash == B256::from(Tree::default().hash().0)
}

/// What to do about a report of which nothing can be learnt in time: an outage is the directory's fault; what this machine
/// cannot check is accepted, for nothing could be shown against it.
fn last_resort(undecided: &Undecided, status: Status) -> Reaction {
    match undecided {
        Undecided::Storage(error) if error.is_outage() && is_rejectable(status, Reason::DirectoryUnavailable) => {
            Reaction::Reject(Reason::DirectoryUnavailable)
        }
        _ => Reaction::Accept,
    }
}

impl Agent<Modicum> for Creator {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, view: &View, now: u64) -> Vec<Intent<Call>> {
        if self.is_over {
            return Vec::new();
        }
        self.since.get_or_insert(now);
        let name = self.order.offer.name();
        self.told.look(view, name);
        let intent = match view.market().job_offer_state(name) {
            OfferState::Unknown => self.offer(now),
            OfferState::Open => self.wait(now),
            OfferState::Matched => {
                let open = view.courses().rfind(|(_, course)| course.contents.job_offer == name);
                open.and_then(|(id, course)| self.proceed(view, id, course, now))
            }
            OfferState::Closed => {
                self.conclude(view);
                None
            }
        };
        intent.into_iter().collect()
    }
}
