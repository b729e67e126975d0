//! The contract's state, and the calls about money, services and offers.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

use crate::{
    Config, Event, JobOffer, Match, MatchState, OfferState, Refusal, ResourceOffer, Service, ServiceKind,
    money::{less, plus},
};

/// Services a word of trust has bits for.
const SERVICES_A_WORD: u32 = 256;

/// The twin of the contract: its state, and its calls as methods named alike. Each gives what the contract tells, or why it
/// refuses, and changes nothing then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    pub(crate) config: Config,
    pub(crate) funds: BTreeMap<Address, u128>,
    pub(crate) services: Vec<Service>,
    pub(crate) trust: BTreeMap<(Address, u32), U256>,
    pub(crate) jobs: BTreeMap<B256, Word>,
    pub(crate) resources: BTreeMap<B256, Word>,
    pub(crate) matches: BTreeMap<B256, MatchState>,
    /// Base units that were burned and not sent away.
    pub(crate) burned: u128,
}

/// What is kept of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Word {
    Open,
    Closed,
    /// The match it was in last.
    In(B256),
}

impl Market {
    /// A market that was just deployed.
    pub fn new(config: Config) -> Result<Self, Refusal> {
        config.check()?;
        Ok(Self {
            config,
            funds: BTreeMap::new(),
            services: Vec::new(),
            trust: BTreeMap::new(),
            jobs: BTreeMap::new(),
            resources: BTreeMap::new(),
            matches: BTreeMap::new(),
            burned: 0,
        })
    }

    /// What the deployment fixed.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// An account's balance.
    pub fn funds(&self, account: Address) -> u128 {
        self.funds.get(&account).copied().unwrap_or(0)
    }

    /// What was burned and not sent away.
    pub const fn burned(&self) -> u128 {
        self.burned
    }

    /// All services, by number.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// Whether the account trusts the service.
    pub fn trusts(&self, account: Address, service: u32) -> bool {
        let bit = usize::try_from(service % SERVICES_A_WORD).expect("below 256");
        self.trust.get(&(account, service / SERVICES_A_WORD)).is_some_and(|word| word.bit(bit))
    }

    /// Where a match stands; `None` where there is none or it has ended.
    pub fn match_state(&self, id: B256) -> Option<&MatchState> {
        self.matches.get(&id)
    }

    /// The state of the job offer of that name.
    pub fn job_offer_state(&self, name: B256) -> OfferState {
        match self.jobs.get(&name) {
            None => OfferState::Unknown,
            Some(Word::Open) => OfferState::Open,
            Some(Word::In(id)) if self.matches.contains_key(id) => OfferState::Matched,
            Some(_) => OfferState::Closed,
        }
    }

    /// The state of the resource offer of that name.
    pub fn res_offer_state(&self, name: B256) -> OfferState {
        match self.resources.get(&name) {
            None => OfferState::Unknown,
            Some(Word::Closed) => OfferState::Closed,
            Some(Word::In(id)) if self.matches.contains_key(id) => OfferState::Matched,
            Some(_) => OfferState::Open,
        }
    }

    /// Money goes in. The token is not looked at.
    pub fn deposit_funds(&mut self, caller: Address, amount: u128) -> Result<Vec<Event>, Refusal> {
        above_zero(amount)?;
        self.give(caller, amount);
        Ok(vec![Event::FundsDeposited { account: caller, amount }])
    }

    /// Money goes out.
    pub fn withdraw_funds(&mut self, caller: Address, amount: u128) -> Result<Vec<Event>, Refusal> {
        above_zero(amount)?;
        self.take(caller, amount)?;
        Ok(vec![Event::FundsWithdrawn { account: caller, amount }])
    }

    /// What was burned is sent away.
    pub fn burn(&mut self) -> Result<Vec<Event>, Refusal> {
        above_zero(self.burned)?;
        let amount = std::mem::take(&mut self.burned);
        Ok(vec![Event::FundsWithdrawn { account: Address::ZERO, amount }])
    }

    /// Registers a mediator or a directory.
    pub fn register_service(
        &mut self,
        caller: Address,
        kind: ServiceKind,
        architecture: u8,
        meter_id: B256,
        fee: u128,
    ) -> Result<Vec<Event>, Refusal> {
        if !matches!(kind, ServiceKind::Mediator | ServiceKind::Directory) {
            return Err(Refusal::BadServiceKind);
        }
        self.take(caller, self.config.stake)?;
        let id = u32::try_from(self.services.len()).unwrap_or(u32::MAX);
        let stake = self.config.stake;
        self.services.push(Service { owner: caller, fee, kind, architecture, meter_id, stake, release_time: 0 });
        Ok(vec![Event::ServiceRegistered { id, owner: caller, kind, architecture, meter_id, fee }])
    }

    /// Changes what a service is.
    pub fn update_service(
        &mut self,
        caller: Address,
        id: u32,
        architecture: u8,
        meter_id: B256,
        fee: u128,
    ) -> Result<Vec<Event>, Refusal> {
        let service = self.own_service(caller, id)?;
        (service.architecture, service.meter_id, service.fee) = (architecture, meter_id, fee);
        Ok(vec![Event::ServiceUpdated { id, architecture, meter_id, fee }])
    }

    /// Takes a service out of further matches.
    pub fn retire_service(&mut self, caller: Address, id: u32, time: u64) -> Result<Vec<Event>, Refusal> {
        let c = self.config;
        let waits = [c.longest_seconds, c.reaction_seconds, c.verdict_seconds, 1];
        let release_time = waits.iter().fold(time, |time, wait| time.saturating_add((*wait).into()));
        let service = self.own_service(caller, id)?;
        service.kind = match service.kind {
            ServiceKind::Mediator => ServiceKind::RetiredMediator,
            _ => ServiceKind::RetiredDirectory,
        };
        service.release_time = release_time;
        Ok(vec![Event::ServiceRetired { id, release_time }])
    }

    /// Gives a retired service's stake back.
    pub fn release_stake(&mut self, caller: Address, id: u32, time: u64) -> Result<Vec<Event>, Refusal> {
        let service = self.service_mut(id)?;
        if service.owner != caller {
            return Err(Refusal::NotServiceOwner { service: id, caller });
        }
        let release_time = service.release_time;
        if release_time == 0 || time < release_time {
            return Err(Refusal::StakeLocked { service: id, release_time });
        }
        above_zero(service.stake)?;
        let amount = std::mem::take(&mut service.stake);
        self.give(caller, amount);
        Ok(vec![Event::StakeReleased { id, amount }])
    }

    /// Says whom the caller trusts.
    pub fn trust(&mut self, caller: Address, word: u32, services: U256) -> Vec<Event> {
        self.trust.insert((caller, word), services);
        vec![Event::Trusted { account: caller, word, services }]
    }

    /// Posts a resource offer.
    pub fn post_res_offer(&mut self, caller: Address, offer: &ResourceOffer) -> Result<Vec<Event>, Refusal> {
        only(caller, offer.provider)?;
        let name = offer.name();
        if self.resources.contains_key(&name) {
            return Err(Refusal::OfferExists { offer: name });
        }
        self.resources.insert(name, Word::Open);
        Ok(vec![Event::ResourceOffered { offer: name, contents: offer.clone() }])
    }

    /// Posts a job offer.
    pub fn post_job_offer(&mut self, caller: Address, offer: &JobOffer) -> Result<Vec<Event>, Refusal> {
        only(caller, offer.creator)?;
        let name = offer.name();
        if self.jobs.contains_key(&name) {
            return Err(Refusal::OfferExists { offer: name });
        }
        self.jobs.insert(name, Word::Open);
        Ok(vec![Event::JobOffered { offer: name, contents: offer.clone() }])
    }

    /// Takes a resource offer back, also while it is matched.
    pub fn cancel_res_offer(&mut self, caller: Address, offer: &ResourceOffer) -> Result<Vec<Event>, Refusal> {
        only(caller, offer.provider)?;
        let name = offer.name();
        if self.resources.get(&name) == Some(&Word::Closed) {
            return Err(Refusal::OfferUnavailable { offer: name, state: OfferState::Closed });
        }
        self.resources.insert(name, Word::Closed);
        Ok(vec![Event::OfferCancelled { offer: name, owner: caller }])
    }

    /// Takes a job offer back that is not matched.
    pub fn cancel_job_offer(&mut self, caller: Address, offer: &JobOffer) -> Result<Vec<Event>, Refusal> {
        only(caller, offer.creator)?;
        let name = offer.name();
        let state = self.job_offer_state(name);
        if !matches!(state, OfferState::Unknown | OfferState::Open) {
            return Err(Refusal::OfferUnavailable { offer: name, state });
        }
        self.jobs.insert(name, Word::Closed);
        Ok(vec![Event::OfferCancelled { offer: name, owner: caller }])
    }

    /// What follows for the offers from the provider's fault: the job may be tried again, the provider not.
    pub(crate) fn reopen(&mut self, m: &Match) {
        self.jobs.insert(m.job_offer, Word::Open);
        self.resources.insert(m.resource_offer, Word::Closed);
    }

    pub(crate) fn give(&mut self, account: Address, amount: u128) {
        if amount > 0 {
            let funds = self.funds.entry(account).or_insert(0);
            *funds = plus(*funds, amount);
        }
    }

    pub(crate) fn take(&mut self, account: Address, amount: u128) -> Result<(), Refusal> {
        let funds = self.funds(account);
        if funds < amount {
            return Err(Refusal::InsufficientFunds { account, funds, needed: amount });
        }
        if amount > 0 {
            self.funds.insert(account, less(funds, amount));
        }
        Ok(())
    }

    pub(crate) fn service(&self, id: u32) -> Result<&Service, Refusal> {
        let place = usize::try_from(id).map_err(|_| Refusal::UnknownService { service: id })?;
        self.services.get(place).ok_or(Refusal::UnknownService { service: id })
    }

    pub(crate) fn service_mut(&mut self, id: u32) -> Result<&mut Service, Refusal> {
        let place = usize::try_from(id).map_err(|_| Refusal::UnknownService { service: id })?;
        self.services.get_mut(place).ok_or(Refusal::UnknownService { service: id })
    }

    fn own_service(&mut self, caller: Address, id: u32) -> Result<&mut Service, Refusal> {
        let service = self.service_mut(id)?;
        if service.owner != caller {
            return Err(Refusal::NotServiceOwner { service: id, caller });
        }
        if service.is_active() { Ok(service) } else { Err(Refusal::ServiceGone { service: id }) }
    }
}

fn above_zero(amount: u128) -> Result<(), Refusal> {
    if amount == 0 { Err(Refusal::ZeroAmount) } else { Ok(()) }
}

fn only(caller: Address, offerer: Address) -> Result<(), Refusal> {
    if caller == offerer { Ok(()) } else { Err(Refusal::NotOfferer { caller, offerer }) }
}
