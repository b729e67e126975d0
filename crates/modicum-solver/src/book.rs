//! What is on offer, what suits what, and why the rest does not.

use std::collections::BTreeMap;

use alloy_primitives::{B256, Bytes};
use modicum::{JobOffer, OfferState, Pairing, Refusal, ResourceOffer, ServiceKind, View};

use crate::{Board, SignedOffer, Why};

/// An offer, and its signature where it is not posted.
#[derive(Clone, Debug)]
pub struct Candidate<T> {
    /// What is offered.
    pub offer: T,
    /// Empty where it is posted.
    pub signature: Bytes,
}

/// All that is open.
pub(crate) struct Book {
    /// By deadline.
    pub(crate) jobs: Vec<Candidate<JobOffer>>,
    /// By price.
    pub(crate) resources: Vec<Candidate<ResourceOffer>>,
    /// By job, the resources that suit it.
    pub(crate) edges: Vec<Vec<usize>>,
    /// Of each suitable pair, the cheapest mediator.
    pub(crate) mediators: BTreeMap<(usize, usize), u32>,
    job_refusals: Vec<Refusals>,
    resource_refusals: Vec<Refusals>,
}

impl Book {
    pub(crate) fn read(view: &View, board: &Board, now: u64) -> Self {
        let (jobs, resources) = (jobs(view, board, now), resources(view, board, now));
        let mut edges = vec![Vec::new(); jobs.len()];
        let mut mediators = BTreeMap::new();
        let mut job_refusals = vec![Refusals::default(); jobs.len()];
        let mut resource_refusals = vec![Refusals::default(); resources.len()];
        for (left, job) in jobs.iter().enumerate() {
            for (right, resource) in resources.iter().enumerate() {
                match suitable(view, job, resource, now) {
                    Ok(mediator) => {
                        edges[left].push(right);
                        mediators.insert((left, right), mediator);
                    }
                    Err(refusal) => {
                        job_refusals[left].add(&refusal);
                        resource_refusals[right].add(&refusal);
                    }
                }
            }
        }
        Self { jobs, resources, edges, mediators, job_refusals, resource_refusals }
    }

    /// Why a job is in no pair.
    pub(crate) fn why_job(&self, left: usize) -> Why {
        if self.edges[left].is_empty() { self.job_refusals[left].why() } else { Why::Taken }
    }

    /// Why a resource is in no pair.
    pub(crate) fn why_resource(&self, right: usize) -> Why {
        let suits = self.edges.iter().any(|rights| rights.contains(&right));
        if suits { Why::Taken } else { self.resource_refusals[right].why() }
    }
}

/// The two as the rules take them.
pub(crate) fn pairing<'a>(
    job: &'a Candidate<JobOffer>,
    resource: &'a Candidate<ResourceOffer>,
    mediator: u32,
) -> Pairing<'a> {
    Pairing {
        job: &job.offer,
        is_job_signed: !job.signature.is_empty(),
        resource: &resource.offer,
        is_resource_signed: !resource.signature.is_empty(),
        mediator,
        // A provider with one base layer, which is its own root, needs no proof.
        layer_proof: &[],
    }
}

/// The cheapest mediator with whom the two may be matched.
fn suitable(
    view: &View,
    job: &Candidate<JobOffer>,
    resource: &Candidate<ResourceOffer>,
    now: u64,
) -> Result<u32, Refusal> {
    // What holds of both offers whoever mediates is told first.
    modicum::check(&job.offer, &resource.offer, &[], now, view.config().longest_seconds)?;
    let mut mediators: Vec<_> = view.services(ServiceKind::Mediator).collect();
    mediators.sort_by_key(|(id, service)| (service.fee, *id));
    let mut refusal = Refusal::NotMediator { service: 0 };
    for (id, _) in mediators {
        match view.market().examine(&pairing(job, resource, id), now) {
            Ok(_) => return Ok(id),
            Err(refused) => refusal = refused,
        }
    }
    Err(refusal)
}

fn jobs(view: &View, board: &Board, now: u64) -> Vec<Candidate<JobOffer>> {
    let is_open = |name: &B256| view.market().job_offer_state(*name) == OfferState::Open;
    let posted = view.jobs().iter().filter(|(name, offer)| is_open(name) && now <= offer.deadline);
    let posted = posted.map(|(_, offer)| Candidate { offer: offer.clone(), signature: Bytes::new() });
    let signed = board.offers().filter_map(|(_, signed)| match signed {
        SignedOffer::Job { offer, signature } => Some(Candidate { offer: offer.clone(), signature: signature.clone() }),
        SignedOffer::Resource { .. } => None,
    });
    let mut all: Vec<_> = posted.chain(signed).collect();
    all.sort_by_key(|one| (one.offer.deadline, one.offer.name()));
    all
}

fn resources(view: &View, board: &Board, now: u64) -> Vec<Candidate<ResourceOffer>> {
    let is_open = |name: &B256| view.market().res_offer_state(*name) == OfferState::Open;
    let posted = view.resources().iter().filter(|(name, offer)| is_open(name) && now <= offer.expiry);
    let posted = posted.map(|(_, offer)| Candidate { offer: offer.clone(), signature: Bytes::new() });
    let signed = board.offers().filter_map(|(_, signed)| match signed {
        SignedOffer::Resource { offer, signature } => {
            Some(Candidate { offer: offer.clone(), signature: signature.clone() })
        }
        SignedOffer::Job { .. } => None,
    });
    let mut all: Vec<_> = posted.chain(signed).collect();
    all.sort_by_key(|one| (one.offer.instruction_price, one.offer.bandwidth_price, one.offer.name()));
    all
}

/// Reasons that were met, with how often.
#[derive(Clone, Debug, Default)]
struct Refusals(BTreeMap<String, usize>);

impl Refusals {
    fn add(&mut self, refusal: &Refusal) {
        *self.0.entry(refusal.to_string()).or_default() += 1;
    }

    fn why(&self) -> Why {
        if self.0.is_empty() {
            return Why::Alone;
        }
        let mut reasons: Vec<_> = self.0.iter().map(|(reason, times)| (reason.clone(), *times)).collect();
        reasons.sort_by_key(|(_, times)| usize::MAX - times);
        Why::Unsuitable { reasons }
    }
}
