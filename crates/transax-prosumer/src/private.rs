//! A prosumer that trades from accounts nobody can tell to be its own.

mod errands;
mod messenger;
mod orders;

use std::collections::BTreeMap;

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, Bytes};
use bindings::{Call, Domain};
use households::Resident;
use runtime::{Agent, Intent};
use transax::{Market, Side, SmartMeter};
use transax_mixer::{AnonymousAccounts, Mask, Masks, MixTerms, Period, Phase, Schedule, Tier, Way};
use units::{IntervalIndex, WattHours};

use crate::{behaviour, deposits, register};
use errands::Errands;

pub use errands::{Ending, Envoy, Invitation};
pub use messenger::{Messenger, Place};

/// What a home does in a period and side in which it is hidden among nobody: too few took part in the mix, or it failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alone {
    /// It trades from its registered account, for everybody to see.
    #[default]
    TradeOpenly,
    /// It does not trade.
    Wait,
}

/// How a prosumer acts that is not to be seen.
#[derive(Clone, Debug)]
pub struct PrivateSettings {
    /// Its meter and the DSO's certificate for the two; `None` where it is registered already.
    pub certificate: Option<(Address, Bytes)>,
    /// The first interval it trades in.
    pub first: IntervalIndex,
    /// The last one.
    pub last: IntervalIndex,
    /// How time is cut into periods; everybody's in the group must be the same.
    pub schedule: Schedule,
    /// What it does where its crowd is too small.
    pub alone: Alone,
    /// Whether it submits with its own key what no relay takes. Everybody sees then whose the account is.
    pub submits_itself: bool,
}

/// Acts for a prosumer that is not to be seen: withdraws, mixes, and trades from the accounts that come of it.
pub struct PrivateProsumer {
    name: String,
    key: PrivateKeySigner,
    domain: Domain,
    resident: Box<Resident>,
    masks: Masks,
    one_time: AnonymousAccounts,
    errands: Errands,
    settings: PrivateSettings,
}

impl PrivateProsumer {
    /// The agent of the prosumer that registers, or has, with `key`, under this name. `accounts` are its own; `one_time` those
    /// of its meter.
    pub fn new(
        name: impl Into<String>,
        key: PrivateKeySigner,
        domain: Domain,
        resident: Resident,
        (accounts, one_time): (AnonymousAccounts, AnonymousAccounts),
        envoy: impl Envoy,
        settings: PrivateSettings,
    ) -> Self {
        let masks = Masks::new(accounts, settings.schedule);
        let errands = Errands::new(envoy, settings.submits_itself);
        Self { name: name.into(), key, domain, resident: Box::new(resident), masks, one_time, errands, settings }
    }

    const fn account(&self) -> Address {
        self.key.address()
    }

    fn trades_in(&self, period: Period) -> bool {
        let Schedule { length, .. } = self.settings.schedule;
        let first = self.settings.schedule.first(period);
        first <= self.settings.last && first.0 + length > self.settings.first.0
    }

    /// What every home of the group withdraws for a period, once. A home that moves within the period mixes nothing: it
    /// withdraws for what is left of the period in the old group and then in the new one, where it trades openly.
    fn withdraw(&self, market: &Market, meter: &SmartMeter, period: Period) -> Vec<Intent> {
        let schedule = &self.settings.schedule;
        if schedule.group(meter, period).is_none() && self.settings.alone == Alone::Wait {
            return Vec::new();
        }
        let intents = [Side::Sell, Side::Buy].into_iter().filter_map(|side| {
            let is_missing = |interval| market.withdrawn_assets(self.account(), side, interval) == WattHours(0);
            let mut intervals = (schedule.first(period).0..=schedule.last(period).0).map(IntervalIndex);
            let first = intervals.find(|interval| is_missing(*interval))?;
            let last = meter.groups.stretch(first, schedule.last(period));
            let energy = Some(schedule.share(market, meter, period, side)).filter(|energy| energy.0 > 0)?;
            let key = format!("withdraw {side:?} assets of intervals {first} to {last}");
            Some(Intent::new(key, Call::WithdrawAssets { side, first, last, energy }))
        });
        intents.collect()
    }

    /// Takes part in a mix of assets, unless it has.
    fn mix(&mut self, market: &Market, meter: &SmartMeter, of: (Period, Side, Tier)) {
        let (period, side, tier) = of;
        let Some(group) = self.settings.schedule.group(meter, period) else { return };
        if self.masks.found(market, group, of, Way::Out).is_some() {
            return;
        }
        let Some(terms) = self.settings.schedule.terms(market, period, group, (side, tier)) else { return };
        let members = Schedule::members(&terms, market);
        self.take_part(&self.key.clone(), terms, members, (of, Way::Out));
    }

    /// Lets the account of a period take part in a mix of what goes home, unless it has.
    fn mix_home(&mut self, market: &Market, meter: &SmartMeter, of: (Period, Side, Tier)) {
        let (period, side, tier) = of;
        let Some(group) = self.settings.schedule.group(meter, period) else { return };
        let Some(mask) = self.masks.found(market, group, of, Way::Out) else { return };
        // Its nonce must be the next one of which everybody knows.
        if self.errands.is_busy(mask.account()) || self.masks.found(market, group, of, Way::Home).is_some() {
            return;
        }
        let terms = self.settings.schedule.terms_home(market, period, (side, tier), mask.account());
        if let Some((terms, members)) = terms {
            self.take_part(&mask.key, terms, members, (of, Way::Home));
        }
    }

    fn take_part(
        &mut self,
        key: &PrivateKeySigner,
        terms: MixTerms,
        members: BTreeMap<Address, u32>,
        mix: ((Period, Side, Tier), Way),
    ) {
        if self.errands.has_mixed(mix) || !members.contains_key(&key.address()) {
            return;
        }
        let ((of, way), name, crowd) = (mix, &self.name, members.len());
        match terms.session(self.domain) {
            Ok(session) => {
                let seed = self.masks.chance(&session);
                let outputs = Box::new(self.masks.output(of, way));
                let invitation = Invitation { key: key.clone(), terms, members, session, seed, outputs };
                tracing::debug!(name, ?of, ?way, crowd, "mixing");
                self.errands.mix(mix, invitation);
            }
            Err(error) => tracing::error!(name, ?of, %error, "the terms of a mix do not fit the contract"),
        }
    }

    /// Posts what is wanted for the next interval: from the period's account, by signature; where there is none, openly or
    /// not at all.
    fn offer(&mut self, market: &Market, now: u64, meter: &SmartMeter, known: &[Mask]) -> Vec<Intent> {
        let next = market.next_interval(now);
        let period = self.settings.schedule.period(next);
        let mut accounts = vec![self.account()];
        accounts.extend(known.iter().map(Mask::account));
        let (mut posting, mut open) = (orders::Posting::new(market), Vec::new());
        let schedule = self.settings.schedule;
        let cut = |start, end: IntervalIndex| meter.groups.stretch(start, end.min(schedule.last(period)));
        for wish in behaviour::wanted(&mut self.resident, market, now, &accounts, cut) {
            let (side, group) = (wish.offer.side, meter.groups.at(wish.offer.start));
            let whole = schedule.group(meter, period);
            let masks = whole.map(|group| self.masks.of(market, group, period, side)).unwrap_or_default();
            if masks.is_empty() {
                let is_mixing = Tier::BOTH.iter().any(|tier| self.errands.is_mixing(((period, side, *tier), Way::Out)));
                if self.settings.alone == Alone::TradeOpenly && !is_mixing {
                    let backed = posting.backed(self.account(), group, wish.offer);
                    open.extend(backed.map(|offer| behaviour::Wish { offer, ..wish }.intent(market.params())));
                }
            } else if !masks.iter().any(|mask| self.errands.is_busy(mask.account())) {
                // What one account cannot back is left to the next.
                let mut left = wish.offer;
                for mask in masks {
                    let Some(part) = posting.backed(mask.account(), group, left) else { continue };
                    posting.post(mask, group, part);
                    left.energy = WattHours(left.energy.0 - part.energy.0);
                }
            }
        }
        let deadline = market.params().finalizable_at(next);
        self.hand_in(market, posting.into_actions(), deadline);
        open
    }

    /// Deposits what accounts hold of periods that are over, each to a one-time account of the meter.
    fn deposit(&mut self, market: &Market, now: u64, meter: &SmartMeter, known: &[Mask]) {
        let (schedule, next) = (self.settings.schedule, market.next_interval(now));
        let mut due = Vec::new();
        for mask in known.iter().filter(|mask| !self.errands.is_busy(mask.account())) {
            let last = schedule.last(mask.period).min(self.settings.last);
            if next <= last {
                continue;
            }
            let Some(group) = schedule.group(meter, mask.period) else { continue };
            let to = || self.one_time.one_time(mask.period, mask.account()).address();
            let action = orders::deposit(market, now, mask.account(), group, (schedule.first(mask.period), last), to);
            due.extend(action.map(|action| (mask.clone(), vec![action])));
        }
        // There is no hurry: an interval that is final stays so.
        let deadline = now.saturating_add(u64::from(market.params().interval_seconds));
        self.hand_in(market, due, deadline);
    }

    /// Sends what came out of the mixes of what goes home to the registered account.
    fn send_home(&mut self, market: &Market, now: u64, meter: &SmartMeter, known: &[Mask]) {
        let mut due = Vec::new();
        for mask in known {
            let of = (mask.period, mask.side, mask.tier);
            let Some(group) = self.settings.schedule.group(meter, mask.period) else { continue };
            let from = self.masks.found(market, group, of, Way::Home);
            let Some(from) = from.filter(|from| !self.errands.is_busy(from.account())) else { continue };
            let (first, fee) = (self.settings.schedule.first(mask.period), self.settings.schedule.fee);
            let action = orders::transfer(market, from.account(), self.account(), (group, first), fee);
            due.extend(action.map(|action| (from, vec![action])));
        }
        let deadline = now.saturating_add(u64::from(market.params().interval_seconds));
        self.hand_in(market, due, deadline);
    }

    fn hand_in(&mut self, market: &Market, actions: Vec<(Mask, Vec<bindings::Action>)>, deadline: u64) {
        for (mask, actions) in actions {
            match orders::signed(market, self.domain, &mask, actions, deadline, self.settings.schedule.fee) {
                Ok(orders) => self.errands.hand_in(mask.account(), orders),
                Err(error) => tracing::error!(name = self.name, %error, "an order cannot be signed"),
            }
        }
    }
}

impl Agent for PrivateProsumer {
    fn name(&self) -> &str {
        &self.name
    }

    fn decide(&mut self, market: &Market, now: u64) -> Vec<Intent> {
        let registered = market.account(self.account()).and_then(|account| account.meter);
        let Some(meter) = registered.and_then(|meter| market.smart_meter(meter)) else {
            return register(self.settings.certificate.as_ref());
        };
        let mut intents = self.errands.collect(&self.name, market, now);
        self.errands.forget(|period| self.settings.schedule.is_over(market, period));
        let known = self.masks.known(market, self.account());
        // What it withdrew and could not mix.
        let (last, deposit_every) = (self.settings.last, self.settings.schedule.length);
        intents.extend(deposits::due(market, now, (self.account(), &meter.groups), (last, deposit_every)));
        self.deposit(market, now, meter, &known);
        self.send_home(market, now, meter, &known);
        for phase in self.settings.schedule.phases(market.params(), now) {
            match phase {
                Phase::Withdraw(period) if self.trades_in(period) => {
                    intents.extend(self.withdraw(market, meter, period));
                }
                Phase::Mix(period, side, tier) if self.trades_in(period) => {
                    self.mix(market, meter, (period, side, tier));
                }
                Phase::MixHome(period, side) => {
                    for tier in Tier::BOTH {
                        self.mix_home(market, meter, (period, side, tier));
                    }
                }
                _ => {}
            }
        }
        let next = market.next_interval(now);
        let is_trading = self.settings.first <= next && next <= self.settings.last;
        // While the next interval waits to be finalised, offers for it come too late.
        if is_trading && now < market.params().finalizable_at(next) {
            intents.extend(self.offer(market, now, meter, &known));
        }
        intents
    }
}
