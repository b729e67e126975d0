#![doc = include_str!("../README.md")]

mod behaviour;
mod speed;
#[cfg(test)]
mod tests;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use bindings::modicum::Call;
use modicum::{Course, JobOffer, OfferState, Phase, ResourceOffer, Status, View};
use runtime::{Agent, Intent, Modicum};
use tokio::sync::watch;

pub use behaviour::{Behaviour, UnknownBehaviour};
pub use speed::{SpeedError, measure};
pub use work::{Answer, Trouble, Workshop};

/// What a provider offers; the fields are those of the contract's resource offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are documented at the contract's types, whose names they bear")]
pub struct Capacity {
    pub deposit: u128,
    pub instructions: u64,
    pub instructions_per_second: u64,
    pub memory_bytes: u64,
    pub storage_bytes: u64,
    pub bandwidth_bytes: u64,
    pub instruction_price: u64,
    pub bandwidth_price: u64,
    pub architecture: u8,
    pub base_layers: B256,
    /// How long an offer stands, seconds.
    pub offer_seconds: u64,
}

/// How a provider works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What it offers.
    pub capacity: Capacity,
    /// How it behaves.
    pub behaviour: Behaviour,
    /// How long before a deadline it stops trying again what failed, and says so, seconds.
    pub margin_seconds: u64,
    /// Whether it posts its offers on the chain. Otherwise somebody else is to bring them along, signed: see
    /// [`Provider::offered`].
    pub posts_offers: bool,
}

/// Runs jobs for others.
pub struct Provider {
    name: String,
    account: Address,
    settings: Settings,
    workshop: Workshop,
    /// When each report of its own was seen first, Unix seconds.
    seen: BTreeMap<B256, u64>,
    /// Work that is promised and fails.
    failing: BTreeSet<B256>,
    /// Matches whose end was taken note of.
    ended: BTreeSet<B256>,
    is_fresh: bool,
    /// What it offered last without posting it.
    unposted: Option<ResourceOffer>,
    /// What is to be brought along now.
    offered: watch::Sender<Option<ResourceOffer>>,
}

impl Provider {
    /// A provider under this name, who acts with the key of `account`.
    pub fn new(name: impl Into<String>, account: Address, settings: Settings, workshop: Workshop) -> Self {
        Self {
            name: name.into(),
            account,
            settings,
            workshop,
            seen: BTreeMap::new(),
            failing: BTreeSet::new(),
            ended: BTreeSet::new(),
            is_fresh: true,
            unposted: None,
            offered: watch::Sender::new(None),
        }
    }

    /// What it offers without posting it: nothing while the chain shows an offer of its own that stands, or while promised
    /// work fails; another one when that has run out or was closed.
    pub fn offered(&self) -> watch::Receiver<Option<ResourceOffer>> {
        self.offered.subscribe()
    }

    fn proceed(&mut self, view: &View, id: B256, course: &Course, now: u64) -> Option<Intent<Call>> {
        let contents = Box::new(course.contents.clone());
        match course.phase()? {
            Phase::Matched if now > contents.deadline => {
                Some(Intent::new(format!("end {id}, which has no result"), Call::ClaimNoResult(contents)))
            }
            Phase::Matched => self.work(view, id, course, now),
            Phase::Reported => {
                // No event tells until when the creator may react: at the latest so long after it was first seen.
                let seen = *self.seen.entry(id).or_insert(now);
                let is_due = self.is_fresh || now > seen + u64::from(view.config().reaction_seconds);
                is_due.then(|| Intent::new(format!("accept {id} for its creator"), Call::AcceptResult(contents)))
            }
            Phase::Disputed => {
                let until = course.rejection.map_or(u64::MAX, |rejection| rejection.until);
                let claim = || Intent::new(format!("end {id}, which has no verdict"), Call::ClaimNoVerdict(contents));
                (now > until).then(claim)
            }
        }
    }

    fn work(&mut self, view: &View, id: B256, course: &Course, now: u64) -> Option<Intent<Call>> {
        if self.settings.behaviour == Behaviour::Silent {
            return None;
        }
        let offer = view.job(course.contents.job_offer)?;
        let answer = match self.answer(view, id, offer) {
            Ok(answer) => answer,
            Err(trouble) => {
                let error: &dyn std::error::Error = &trouble;
                tracing::warn!(provider = self.name, %id, error, "promised work fails; no further work is taken");
                self.failing.insert(id);
                let is_late = now + self.settings.margin_seconds >= course.contents.deadline;
                if trouble.may_pass() && !is_late {
                    return None;
                }
                Answer::without_run(trouble.last_word())
            }
        };
        if answer.status != Status::DirectoryUnavailable && answer.status != Status::Declined {
            self.failing.remove(&id);
        }
        let Answer { status, result, used } = answer;
        let contents = Box::new(course.contents.clone());
        let call = Call::PostResult { contents, status, result_hash: result, used };
        Some(Intent::new(format!("report {status:?} on {id}"), call))
    }

    fn answer(&self, view: &View, id: B256, offer: &JobOffer) -> Result<Answer, Trouble> {
        match self.settings.behaviour {
            Behaviour::WrongEvery(k) if self.number(view, id).is_multiple_of(k) => self.workshop.invention(id, offer),
            Behaviour::Copying => match self.reported_by_another(view, offer) {
                Some(answer) => Ok(answer),
                None => self.workshop.answer(id, offer),
            },
            Behaviour::OverReporting(percent) => {
                let answer = self.workshop.answer(id, offer)?;
                Ok(Answer { used: work::inflated(answer.used, percent), ..answer })
            }
            _ => self.workshop.answer(id, offer),
        }
    }

    /// Which of its matches it is, from one.
    fn number(&self, view: &View, id: B256) -> u32 {
        let own = view.courses().filter(|(_, course)| course.contents.provider == self.account);
        let before = own.take_while(|(other, _)| *other != id).count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    fn reported_by_another(&self, view: &View, offer: &JobOffer) -> Option<Answer> {
        let same_job = |course: &&Course| {
            course.contents.provider != self.account
                && view.job(course.contents.job_offer).is_some_and(|other| other.job_hash == offer.job_hash)
        };
        let mut reports = view.courses().map(|(_, course)| course).filter(same_job).filter_map(|course| course.report);
        let report = reports.rfind(|report| report.status == Status::Completed)?;
        Some(Answer { status: report.status, result: report.result_hash, used: report.used })
    }

    /// One offer stands at a time, and none while promised work fails.
    fn offers(&mut self, view: &View, now: u64) -> Vec<Intent<Call>> {
        let own = view.resources().iter().filter(|(_, offer)| offer.provider == self.account);
        let nonce = u64::try_from(own.clone().count()).unwrap_or(u64::MAX);
        let state = |name: &B256| view.market().res_offer_state(*name);
        let stands = |(name, offer): &(&B256, &ResourceOffer)| match state(name) {
            OfferState::Open => offer.expiry >= now,
            state => state == OfferState::Matched,
        };
        let standing: Vec<_> = own.filter(stands).map(|(_, offer)| offer).collect();
        // What the chain has seen is in its view, or over.
        self.unposted.take_if(|offer| state(&offer.name()) != OfferState::Unknown || offer.expiry < now);
        if !self.failing.is_empty() {
            self.bring(None);
            let cancel = |offer: &ResourceOffer| {
                let call = Call::CancelResOffer(Box::new(offer.clone()));
                Intent::new(format!("take offer {} back, since promised work fails", offer.name()), call)
            };
            return standing.into_iter().chain(&self.unposted).map(cancel).collect();
        }
        if !standing.is_empty() {
            self.bring(None);
            return Vec::new();
        }
        if self.settings.posts_offers {
            let call = Call::PostResOffer(Box::new(self.offer(now, nonce)));
            return vec![Intent::new(format!("offer {nonce}"), call)];
        }
        let offer = self.unposted.take().unwrap_or_else(|| self.offer(now, nonce));
        self.unposted = Some(offer.clone());
        self.bring(Some(offer));
        Vec::new()
    }

    fn bring(&self, offer: Option<ResourceOffer>) {
        self.offered.send_if_modified(|offered| {
            let is_news = *offered != offer;
            *offered = offer;
            is_news
        });
    }

    /// What it offers at `now`, the `nonce`th time.
    fn offer(&self, now: u64, nonce: u64) -> ResourceOffer {
        let c = self.settings.capacity;
        ResourceOffer {
            provider: self.account,
            deposit: c.deposit,
            instructions: c.instructions,
            instructions_per_second: c.instructions_per_second,
            memory_bytes: c.memory_bytes,
            storage_bytes: c.storage_bytes,
            bandwidth_bytes: c.bandwidth_bytes,
            instruction_price: c.instruction_price,
            bandwidth_price: c.bandwidth_price,
            architecture: c.architecture,
            meter_id: self.workshop.meter(),
            base_layers: c.base_layers,
            expiry: now + c.offer_seconds,
            nonce,
        }
    }

    fn tidy(&mut self, view: &View) {
        let over = view.courses().filter(|(id, course)| {
            course.contents.provider == self.account && course.closing.is_some() && !self.ended.contains(id)
        });
        for id in over.map(|(id, _)| id).collect::<Vec<_>>() {
            self.workshop.clear(id);
            self.failing.remove(&id);
            self.seen.remove(&id);
            self.ended.insert(id);
        }
    }
}

impl Agent<Modicum> for Provider {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, view: &View, now: u64) -> Vec<Intent<Call>> {
        self.tidy(view);
        let own = view.courses().filter(|(_, course)| course.contents.provider == self.account);
        let open: Vec<_> = own.filter(|(_, course)| course.closing.is_none()).collect();
        let mut intents: Vec<_> =
            open.into_iter().filter_map(|(id, course)| self.proceed(view, id, course, now)).collect();
        intents.extend(self.offers(view, now));
        self.is_fresh = false;
        intents
    }
}
