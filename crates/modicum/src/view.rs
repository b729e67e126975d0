//! The market as its events tell it.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Closing, Config, Course, Event, JobOffer, Market, Match, MatchState, Phase, Refusal, Rejection, Report,
    ResourceOffer, Service, ServiceKind, Usage, Verdict,
    market::Word,
    money::{less, plus, times},
};

/// An event that does not follow from those before it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inconsistent {
    /// It speaks of a match that there is not.
    #[error("an event speaks of match {id}, which there is not, or which has ended")]
    UnknownMatch {
        /// Which.
        id: B256,
    },
    /// Services are numbered as they come.
    #[error("service {id} was registered where {expected} comes next")]
    ServiceOutOfOrder {
        /// Its number.
        id: u32,
        /// What it should be.
        expected: usize,
    },
    /// It speaks of a service that there is not, or takes money that an account does not have.
    #[error("an event tells what the contract would refuse")]
    Refused(#[from] Refusal),
}

/// Where all money is that ever came in, base units of the token. Promise M1: [`Ledger::is_balanced`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// What was ever paid in.
    pub paid_in: u128,
    /// What was ever paid out.
    pub paid_out: u128,
    /// Balances of accounts.
    pub balances: u128,
    /// Stakes of services.
    pub stakes: u128,
    /// Deposits of matches that have not ended.
    pub deposits: u128,
    /// What was ever burned.
    pub burned: u128,
}

impl Ledger {
    /// What the market holds for somebody.
    pub fn held(&self) -> u128 {
        plus(plus(self.balances, self.stakes), self.deposits)
    }

    /// Whether what came in is what went out, is held, and was burned.
    pub fn is_balanced(&self) -> bool {
        self.paid_in == plus(plus(self.paid_out, self.held()), self.burned)
    }
}

/// A fold over the contract's events: the state of its twin, what is on offer, and the course of every match. When a
/// report may be accepted for the creator no event tells; the contract's `matchState` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    market: Market,
    jobs: BTreeMap<B256, JobOffer>,
    resources: BTreeMap<B256, ResourceOffer>,
    courses: BTreeMap<B256, Course>,
    /// Names of matches as they came.
    order: Vec<B256>,
    paid_in: u128,
    paid_out: u128,
    burned: u128,
}

impl View {
    /// Tells how serde writes it down: another number whenever a field of it, or of what it holds, changes.
    pub const FORM: u32 = 1;

    /// Of a market that was just deployed.
    pub fn new(config: Config) -> Result<Self, Refusal> {
        Ok(Self {
            market: Market::new(config)?,
            jobs: BTreeMap::new(),
            resources: BTreeMap::new(),
            courses: BTreeMap::new(),
            order: Vec::new(),
            paid_in: 0,
            paid_out: 0,
            burned: 0,
        })
    }

    /// The twin: balances, services, trust, states of offers, and whether a match would be granted.
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// What the deployment fixed.
    pub const fn config(&self) -> &Config {
        self.market.config()
    }

    /// Contents of a job offer that the chain has seen.
    pub fn job(&self, name: B256) -> Option<&JobOffer> {
        self.jobs.get(&name)
    }

    /// All job offers that the chain has seen, by name.
    pub const fn jobs(&self) -> &BTreeMap<B256, JobOffer> {
        &self.jobs
    }

    /// All resource offers that the chain has seen, by name.
    pub const fn resources(&self) -> &BTreeMap<B256, ResourceOffer> {
        &self.resources
    }

    /// The course of a match.
    pub fn course(&self, id: B256) -> Option<&Course> {
        self.courses.get(&id)
    }

    /// All matches, in the order in which they were made.
    pub fn courses(&self) -> impl DoubleEndedIterator<Item = (B256, &Course)> {
        self.order.iter().filter_map(|id| Some((*id, self.courses.get(id)?)))
    }

    /// Services that are for hire, of a kind.
    pub fn services(&self, kind: ServiceKind) -> impl Iterator<Item = (u32, &Service)> {
        (0..).zip(self.market.services()).filter(move |(_, service)| service.kind == kind)
    }

    /// Where all money is.
    pub fn ledger(&self) -> Ledger {
        let open = self.courses.values().filter(|course| course.closing.is_none());
        let solver = times(self.config().solver_fee, 2);
        let deposits = open.map(|course| less(times(self.deposit(&course.contents), 2), solver));
        Ledger {
            paid_in: self.paid_in,
            paid_out: self.paid_out,
            balances: self.market.funds.values().copied().fold(0, plus),
            stakes: self.market.services.iter().map(|service| service.stake).fold(0, plus),
            deposits: deposits.fold(0, plus),
            burned: self.burned,
        }
    }

    /// (3.2): what creator and provider each put up in a match.
    pub fn deposit(&self, m: &Match) -> u128 {
        m.terms(self.config(), 0, 0, 0).deposit()
    }

    /// Takes in what the contract told in `block`. After an error the view is not to be used any more.
    pub fn apply(&mut self, event: Event, block: u64) -> Result<(), Inconsistent> {
        match event {
            Event::FundsDeposited { .. } | Event::FundsWithdrawn { .. } => self.apply_money(&event),
            Event::ServiceRegistered { .. }
            | Event::ServiceUpdated { .. }
            | Event::ServiceRetired { .. }
            | Event::StakeReleased { .. }
            | Event::StakeSlashed { .. } => self.apply_service(&event),
            Event::Trusted { account, word, services } => {
                self.market.trust.insert((account, word), services);
                Ok(())
            }
            Event::ResourceOffered { offer, contents } => {
                self.market.resources.insert(offer, Word::Open);
                self.resources.insert(offer, contents);
                Ok(())
            }
            Event::JobOffered { offer, contents } => {
                self.market.jobs.insert(offer, Word::Open);
                self.jobs.insert(offer, contents);
                Ok(())
            }
            Event::OfferCancelled { offer, .. } => {
                self.cancel(offer);
                Ok(())
            }
            Event::Matched { id, solver, contents } => self.matched(id, solver, contents, block),
            event => self.apply_match(&event, block),
        }
    }

    fn apply_money(&mut self, event: &Event) -> Result<(), Inconsistent> {
        match *event {
            Event::FundsDeposited { account, amount } => {
                self.market.give(account, amount);
                self.paid_in = plus(self.paid_in, amount);
            }
            // What was burned leaves the contract; it stays burned.
            Event::FundsWithdrawn { account: Address::ZERO, amount } => {
                self.market.burned = less(self.market.burned, amount);
            }
            Event::FundsWithdrawn { account, amount } => {
                self.market.take(account, amount)?;
                self.paid_out = plus(self.paid_out, amount);
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_service(&mut self, event: &Event) -> Result<(), Inconsistent> {
        match *event {
            Event::ServiceRegistered { id, owner, kind, architecture, meter_id, fee } => {
                let expected = self.market.services.len();
                if usize::try_from(id) != Ok(expected) {
                    return Err(Inconsistent::ServiceOutOfOrder { id, expected });
                }
                let stake = self.config().stake;
                self.market.take(owner, stake)?;
                self.market.services.push(Service { owner, fee, kind, architecture, meter_id, stake, release_time: 0 });
            }
            Event::ServiceUpdated { id, architecture, meter_id, fee } => {
                let service = self.market.service_mut(id)?;
                (service.architecture, service.meter_id, service.fee) = (architecture, meter_id, fee);
            }
            Event::ServiceRetired { id, release_time } => {
                let service = self.market.service_mut(id)?;
                service.release_time = release_time;
                service.kind = match service.kind {
                    ServiceKind::Mediator => ServiceKind::RetiredMediator,
                    _ => ServiceKind::RetiredDirectory,
                };
            }
            Event::StakeReleased { id, amount } => {
                let service = self.market.service_mut(id)?;
                service.stake = less(service.stake, amount);
                let owner = service.owner;
                self.market.give(owner, amount);
            }
            Event::StakeSlashed { id, amount } => {
                let service = self.market.service_mut(id)?;
                service.stake = less(service.stake, amount);
            }
            _ => {}
        }
        Ok(())
    }

    /// The event does not tell of which kind the offer is. One that the chain never saw is of either.
    fn cancel(&mut self, offer: B256) {
        if !self.resources.contains_key(&offer) {
            self.market.jobs.insert(offer, Word::Closed);
        }
        if !self.jobs.contains_key(&offer) {
            self.market.resources.insert(offer, Word::Closed);
        }
    }

    fn matched(&mut self, id: B256, solver: Address, m: Match, block: u64) -> Result<(), Inconsistent> {
        let deposit = self.deposit(&m);
        self.market.take(m.creator, deposit)?;
        self.market.take(m.provider, deposit)?;
        self.market.give(solver, times(self.config().solver_fee, 2));
        self.market.jobs.insert(m.job_offer, Word::In(id));
        self.market.resources.insert(m.resource_offer, Word::In(id));
        self.market.matches.insert(id, MatchState::NEW);
        let (report, rejection, verdict, closing) = (None, None, None, None);
        self.courses.insert(id, Course { contents: m, solver, block, report, rejection, verdict, closing });
        self.order.push(id);
        Ok(())
    }

    fn apply_match(&mut self, event: &Event, block: u64) -> Result<(), Inconsistent> {
        match *event {
            Event::ResultPosted { id, status, result_hash, instructions, bandwidth, price } => {
                let used = Usage { instructions, bandwidth };
                self.open(id)?.report = Some(Report { status, result_hash, used, price, block });
                self.wait_for(id, Phase::Reported);
            }
            Event::ResultRejected { id, reason, until } => {
                self.open(id)?.rejection = Some(Rejection { reason, until, block });
                self.wait_for(id, Phase::Disputed);
            }
            Event::VerdictPosted { id, finding, spent, dossier } => {
                self.open(id)?.verdict = Some(Verdict { finding, spent, dossier, block });
            }
            Event::MatchClosed { id, ending, shares } => {
                let course = self.open(id)?;
                course.closing = Some(Closing { ending, shares, block });
                let m = course.contents.clone();
                if ending.is_providers_fault() {
                    self.market.reopen(&m);
                }
                self.market.give(m.creator, shares.creator);
                self.market.give(m.provider, shares.provider);
                self.market.give(m.mediator, shares.mediator);
                self.market.give(m.directory_owner, shares.directory);
                self.market.burned = plus(self.market.burned, shares.burned);
                self.burned = plus(self.burned, shares.burned);
                self.market.matches.remove(&id);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, id: B256) -> Result<&mut Course, Inconsistent> {
        let course = self.courses.get_mut(&id).filter(|course| course.closing.is_none());
        course.ok_or(Inconsistent::UnknownMatch { id })
    }

    fn wait_for(&mut self, id: B256, phase: Phase) {
        if let Some(state) = self.market.matches.get_mut(&id) {
            state.phase = phase;
        }
    }
}
