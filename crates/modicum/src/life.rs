//! The life of a match.

use alloy_primitives::{Address, B256};

use crate::{
    Ending, Event, Finding, JobOffer, Market, Match, MatchState, OfferState, Phase, Reason, Refusal, ResourceOffer,
    ServiceKind, Status, Usage, dispute, estimate_up,
    market::Word,
    money::{less, plus, price_down, times},
    rule,
};

/// The most that a deposit, or an estimate, may be.
const MOST: u128 = (1 << 96) - 1;

/// Two offers, whether they are validly signed where they are not posted, and who is to judge.
#[derive(Clone, Copy, Debug)]
pub struct Pairing<'a> {
    /// The job.
    pub job: &'a JobOffer,
    /// Whether its creator signed it.
    pub is_job_signed: bool,
    /// The resource.
    pub resource: &'a ResourceOffer,
    /// Whether its provider signed it.
    pub is_resource_signed: bool,
    /// Number of the mediator.
    pub mediator: u32,
    /// Shows the job's base layer among the provider's.
    pub layer_proof: &'a [B256],
}

impl Market {
    /// What two offers and a mediator come to at `time`, or why they may not be matched, except for what the offers' own
    /// states and the balances say.
    pub fn draw(&self, pairing: &Pairing<'_>, time: u64) -> Result<Match, Refusal> {
        let Pairing { job, resource, mediator, .. } = *pairing;
        rule::check(job, resource, pairing.layer_proof, time, self.config.longest_seconds)?;
        let arbiter = self.service(mediator)?;
        let store = self.service(job.directory)?;
        if arbiter.kind != ServiceKind::Mediator {
            return Err(Refusal::NotMediator { service: mediator });
        }
        if arbiter.architecture != job.architecture {
            return Err(Refusal::OtherArchitecture { offered: arbiter.architecture, needed: job.architecture });
        }
        if store.kind != ServiceKind::Directory {
            return Err(Refusal::NotDirectory { service: job.directory });
        }
        if arbiter.meter_id != job.meter_id {
            return Err(Refusal::OtherMeter { offered: arbiter.meter_id, needed: job.meter_id });
        }
        self.require_trust(resource.provider, job.directory)?;
        self.require_trust(resource.provider, mediator)?;
        self.require_trust(job.creator, mediator)?;
        self.require_trust(arbiter.owner, job.directory)?;
        if self.config.stake > 0 {
            self.require_trust(store.owner, mediator)?;
        }
        let estimate = estimate_up(job.limit(), job.max_instruction_price, job.max_bandwidth_price);
        if estimate > MOST {
            return Err(Refusal::DepositTooSmall { account: job.creator, deposit: job.deposit, needed: estimate });
        }
        Ok(Match {
            job_offer: job.name(),
            resource_offer: resource.name(),
            creator: job.creator,
            provider: resource.provider,
            mediator: arbiter.owner,
            directory_owner: store.owner,
            directory: job.directory,
            deadline: job.deadline,
            estimate,
            mediator_fee: arbiter.fee,
            directory_fee: store.fee,
            instruction_limit: job.instruction_limit,
            bandwidth_limit: job.bandwidth_limit,
            instruction_price: resource.instruction_price,
            bandwidth_price: resource.bandwidth_price,
        })
    }

    /// What a match would settle at `time`, or why the contract would refuse to record it. Changes nothing.
    pub fn examine(&self, pairing: &Pairing<'_>, time: u64) -> Result<Match, Refusal> {
        let m = self.draw(pairing, time)?;
        may_take(self.job_offer_state(m.job_offer), m.job_offer, pairing.is_job_signed)?;
        may_take(self.res_offer_state(m.resource_offer), m.resource_offer, pairing.is_resource_signed)?;
        let needed = self.needed(&m, pairing)?;
        let mut left = self.funds(m.creator);
        if left >= needed {
            left = if m.creator == m.provider { less(left, needed) } else { self.funds(m.provider) };
            if left >= needed {
                return Ok(m);
            }
            return Err(Refusal::InsufficientFunds { account: m.provider, funds: left, needed });
        }
        Err(Refusal::InsufficientFunds { account: m.creator, funds: left, needed })
    }

    /// Records a match; the solver is the caller.
    pub fn post_match(&mut self, caller: Address, pairing: &Pairing<'_>, time: u64) -> Result<Vec<Event>, Refusal> {
        let m = self.draw(pairing, time)?;
        let id = m.name();
        let mut events = Vec::new();
        let state = self.job_offer_state(m.job_offer);
        if may_take(state, m.job_offer, pairing.is_job_signed)? {
            events.push(Event::JobOffered { offer: m.job_offer, contents: pairing.job.clone() });
        }
        let state = self.res_offer_state(m.resource_offer);
        if may_take(state, m.resource_offer, pairing.is_resource_signed)? {
            events.push(Event::ResourceOffered { offer: m.resource_offer, contents: pairing.resource.clone() });
        }
        self.take_deposits(&m, pairing)?;
        self.give(caller, times(self.config.solver_fee, 2));
        self.jobs.insert(m.job_offer, Word::In(id));
        self.resources.insert(m.resource_offer, Word::In(id));
        self.matches.insert(id, MatchState::NEW);
        events.push(Event::Matched { id, solver: caller, contents: m });
        Ok(events)
    }

    /// The provider reports how the run ended.
    pub fn post_result(
        &mut self,
        caller: Address,
        m: &Match,
        status: Status,
        result_hash: B256,
        used: Usage,
        time: u64,
    ) -> Result<Vec<Event>, Refusal> {
        let (id, _) = self.find(m, Phase::Matched)?;
        party(id, caller, &[m.provider])?;
        in_time(id, time, m.deadline)?;
        if !dispute::is_reportable(status) {
            return Err(Refusal::NotReportable { status });
        }
        let price = price_down(status, used, m.limit(), m.instruction_price, m.bandwidth_price);
        let Usage { instructions, bandwidth } = used;
        let mut events = vec![Event::ResultPosted { id, status, result_hash, instructions, bandwidth, price }];
        if status == Status::Declined {
            events.extend(self.close(m, id, Ending::Declined, 0, 0)?);
        } else {
            let until = time.saturating_add(self.config.reaction_seconds.into());
            let reported = MatchState { phase: Phase::Reported, status, reason: Reason::WrongResult, until, price };
            self.matches.insert(id, reported);
        }
        Ok(events)
    }

    /// The creator accepts, or the provider for it.
    pub fn accept_result(&mut self, caller: Address, m: &Match, time: u64) -> Result<Vec<Event>, Refusal> {
        let (id, state) = self.find(m, Phase::Reported)?;
        if caller != m.creator {
            party(id, caller, &[m.provider])?;
            over(id, time, state.until)?;
        }
        self.close(m, id, Ending::Accepted, state.price, 0)
    }

    /// The creator rejects.
    pub fn reject_result(
        &mut self,
        caller: Address,
        m: &Match,
        reason: Reason,
        time: u64,
    ) -> Result<Vec<Event>, Refusal> {
        let (id, state) = self.find(m, Phase::Reported)?;
        party(id, caller, &[m.creator])?;
        in_time(id, time, state.until)?;
        if !dispute::is_rejectable(state.status, reason) {
            return Err(Refusal::NotRejectable { status: state.status, reason });
        }
        let until = time.saturating_add(self.config.verdict_seconds.into());
        self.matches.insert(id, MatchState { phase: Phase::Disputed, reason, until, ..state });
        Ok(vec![Event::ResultRejected { id, reason, until }])
    }

    /// The mediator judges.
    pub fn post_mediation_result(
        &mut self,
        caller: Address,
        m: &Match,
        finding: Finding,
        spent: u128,
        dossier: B256,
        time: u64,
    ) -> Result<Vec<Event>, Refusal> {
        let (id, state) = self.find(m, Phase::Disputed)?;
        party(id, caller, &[m.mediator])?;
        in_time(id, time, state.until)?;
        let most = times(m.estimate, self.config.verifications.into());
        if spent > most {
            return Err(Refusal::SpentTooMuch { spent, most });
        }
        let answer = Refusal::NoAnswer { reason: state.reason, finding };
        let ending = dispute::ending(state.status, state.reason, finding).ok_or(answer)?;
        let mut events = vec![Event::VerdictPosted { id, finding, spent, dossier }];
        events.extend(self.close(m, id, ending, state.price, spent)?);
        Ok(events)
    }

    /// No result came in time.
    pub fn claim_no_result(&mut self, caller: Address, m: &Match, time: u64) -> Result<Vec<Event>, Refusal> {
        let (id, _) = self.find(m, Phase::Matched)?;
        party(id, caller, &[m.creator, m.provider])?;
        over(id, time, m.deadline)?;
        self.close(m, id, Ending::NoResult, 0, 0)
    }

    /// No verdict came in time.
    pub fn claim_no_verdict(&mut self, caller: Address, m: &Match, time: u64) -> Result<Vec<Event>, Refusal> {
        let (id, state) = self.find(m, Phase::Disputed)?;
        party(id, caller, &[m.creator, m.provider])?;
        over(id, time, state.until)?;
        self.close(m, id, Ending::NoVerdict, 0, 0)
    }

    fn take_deposits(&mut self, m: &Match, pairing: &Pairing<'_>) -> Result<(), Refusal> {
        let needed = self.needed(m, pairing)?;
        self.take(m.creator, needed)?;
        if let Err(refusal) = self.take(m.provider, needed) {
            self.give(m.creator, needed);
            return Err(refusal);
        }
        Ok(())
    }

    /// What each of both puts up, if the offers allow as much.
    fn needed(&self, m: &Match, pairing: &Pairing<'_>) -> Result<u128, Refusal> {
        let needed = m.terms(&self.config, 0, 0, 0).deposit();
        for (account, deposit) in [(m.creator, pairing.job.deposit), (m.provider, pairing.resource.deposit)] {
            if needed > deposit {
                return Err(Refusal::DepositTooSmall { account, deposit, needed });
            }
        }
        Ok(needed)
    }

    fn find(&self, m: &Match, phase: Phase) -> Result<(B256, MatchState), Refusal> {
        let id = m.name();
        let state = self.matches.get(&id).ok_or(Refusal::UnknownMatch { id })?;
        if state.phase == phase { Ok((id, *state)) } else { Err(Refusal::WrongPhase { id }) }
    }

    fn require_trust(&self, account: Address, service: u32) -> Result<(), Refusal> {
        if self.trusts(account, service) { Ok(()) } else { Err(Refusal::NotTrusted { account, service }) }
    }

    fn close(&mut self, m: &Match, id: B256, ending: Ending, price: u128, spent: u128) -> Result<Vec<Event>, Refusal> {
        let stake = if ending == Ending::DirectoryAtFault { self.service(m.directory)?.stake } else { 0 };
        let shares = m.terms(&self.config, price, spent, stake).payout(ending);
        let mut events = Vec::new();
        if shares.slashed > 0 {
            let service = self.service_mut(m.directory)?;
            service.stake = less(service.stake, shares.slashed);
            events.push(Event::StakeSlashed { id: m.directory, amount: shares.slashed });
        }
        if ending.is_providers_fault() {
            self.reopen(m);
        }
        self.give(m.creator, shares.creator);
        self.give(m.provider, shares.provider);
        self.give(m.mediator, shares.mediator);
        self.give(m.directory_owner, shares.directory);
        self.burned = plus(self.burned, shares.burned);
        self.matches.remove(&id);
        events.push(Event::MatchClosed { id, ending, shares });
        Ok(events)
    }
}

/// Whether the offer is new to the chain, so that its contents are told.
fn may_take(state: OfferState, offer: B256, is_signed: bool) -> Result<bool, Refusal> {
    match state {
        OfferState::Open => Ok(false),
        OfferState::Unknown if is_signed => Ok(true),
        OfferState::Unknown => Err(Refusal::BadSignature { offer }),
        state => Err(Refusal::OfferUnavailable { offer, state }),
    }
}

fn party(id: B256, caller: Address, who: &[Address]) -> Result<(), Refusal> {
    if who.contains(&caller) { Ok(()) } else { Err(Refusal::NotParty { id, caller }) }
}

fn in_time(id: B256, time: u64, until: u64) -> Result<(), Refusal> {
    if time <= until { Ok(()) } else { Err(Refusal::TooLate { id, until }) }
}

fn over(id: B256, time: u64, until: u64) -> Result<(), Refusal> {
    if time > until { Ok(()) } else { Err(Refusal::TooEarly { id, until }) }
}
