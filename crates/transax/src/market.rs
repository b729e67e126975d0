//! The market's state: a fold over the contract's events.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, WattHours};

use crate::book::OfferBook;
use crate::holdings::{Assets, Holdings};
use crate::offers::Posted;
use crate::past::Records;
use crate::{Candidate, Event, FinalInterval, Inconsistent, Membership, Mixed, Move, Offer, Params, Past, Side};

/// A group's limits, Wh an interval; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLimits {
    /// The most that may be sold, and the most that may be bought, within the group.
    pub internal: Option<WattHours>,
    /// The most by which the two may differ.
    pub external: Option<WattHours>,
}

/// A meter as the DSO registered it, and where it moved it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmartMeter {
    /// Where it belongs.
    pub groups: Membership,
    /// The most production assets that may be withdrawn an interval.
    pub production_limit: WattHours,
    /// The most consumption assets that may be withdrawn an interval.
    pub consumption_limit: WattHours,
    /// Who registered behind it.
    pub prosumer: Option<Address>,
}

/// Somebody who holds credits, registered or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it can withdraw or put into offers.
    pub credits: Money,
    /// Its number as an owner of offers; `None` before it has one: from registering, or from its first signed offer.
    pub owner: Option<OwnerId>,
    /// Its meter; `None` where it is not registered.
    pub meter: Option<Address>,
    /// The nonce of the next thing it signs.
    #[serde(default)]
    pub nonce: u32,
}

/// Who deposited to which meter.
pub(crate) type Deposit = (Address, Address);

/// The contract's state. Every call of the contract has a method that checks it and says which events it would emit;
/// [`Market::apply`] folds them in. Methods take intervals, energies and prices as the contract's fields hold them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    pub(crate) params: Params,
    pub(crate) next: IntervalIndex,
    pub(crate) groups: Vec<GroupLimits>,
    pub(crate) meters: BTreeMap<Address, SmartMeter>,
    pub(crate) accounts: BTreeMap<Address, Account>,
    /// By owner number, from 1.
    pub(crate) owners: Vec<Address>,
    pub(crate) assets: Holdings,
    pub(crate) mixes: Vec<Mixed>,
    pub(crate) deposits: BTreeMap<Deposit, BTreeMap<(IntervalIndex, Side), WattHours>>,
    pub(crate) offers: OfferBook,
    pub(crate) candidate: Option<Candidate>,
    pub(crate) finals: BTreeMap<IntervalIndex, FinalInterval>,
    /// First and last of each run of intervals that were passed over when a later one became final.
    pub(crate) passed_over: Vec<(IntervalIndex, IntervalIndex)>,
    /// Energy of all final intervals.
    pub(crate) traded: WattHours,
    pub(crate) past: Past,
    pub(crate) records: Records,
}

impl Market {
    /// Tells how serde writes it down: another number whenever a field of it, or of what it holds, changes.
    pub const FORM: u32 = 2;

    /// The market right after its deployment, which will remember its whole past.
    pub fn new(params: Params) -> Self {
        Self::remembering(params, Past::Whole)
    }

    /// The market right after its deployment, which will remember no more than what calls may come to and `past`.
    pub fn remembering(params: Params, past: Past) -> Self {
        Self {
            params,
            next: IntervalIndex(0),
            groups: Vec::new(),
            meters: BTreeMap::new(),
            accounts: BTreeMap::new(),
            owners: Vec::new(),
            assets: Holdings::default(),
            mixes: Vec::new(),
            deposits: BTreeMap::new(),
            offers: OfferBook::default(),
            candidate: None,
            finals: BTreeMap::new(),
            passed_over: Vec::new(),
            traded: WattHours(0),
            past,
            records: Records::new(),
        }
    }

    /// Folds one event of the contract in. On an error the state is that before the event, or of no use: start over.
    pub fn apply(&mut self, event: &Event) -> Result<(), Inconsistent> {
        match event {
            Event::GroupAdded { group, internal_limit, external_limit } => {
                self.group_added(*group, GroupLimits { internal: *internal_limit, external: *external_limit })
            }
            Event::SmartMeterRegistered { meter, group, production_limit, consumption_limit } => {
                let meter_of = SmartMeter {
                    groups: Membership::new(*group),
                    production_limit: *production_limit,
                    consumption_limit: *consumption_limit,
                    prosumer: None,
                };
                self.meters.insert(*meter, meter_of);
                Ok(())
            }
            Event::SmartMeterMoved { meter, old_group, group, from } => {
                self.smart_meter_moved(*meter, *old_group, Move { from: *from, group: *group })
            }
            Event::ProsumerRegistered { prosumer, meter, owner } => self.prosumer_registered(*prosumer, *meter, *owner),
            Event::AssetsWithdrawn { account, side, first, last, energy } => {
                self.assets_withdrawn(*account, *side, (*first, *last), *energy)
            }
            Event::CreditsDeposited { account, amount } => self.give_credits(*account, *amount),
            Event::CreditsWithdrawn { account, amount } => self.take_credits(*account, *amount),
            Event::OfferPosted { offer, account, group, side, energy, price, start, end } => {
                let (side, energy, price, start, end) = (*side, *energy, *price, *start, *end);
                self.offer_posted(*offer, *account, *group, Posted { side, energy, price, start, end })
            }
            Event::OfferAugmented { offer, energy_added, end } => self.offer_augmented(*offer, *energy_added, *end),
            Event::OfferCancelled { offer, end } => self.offer_cancelled(*offer, *end),
            Event::SolutionPosted { solver, value, plan, .. } => self.solution_posted(*solver, *value, plan),
            Event::Finalized { interval, value, root, legs } => self.finalized(*interval, *value, *root, legs),
            Event::Lapsed { interval, value } => self.lapsed(*interval, *value),
            Event::Settled { settled, .. } => settled.iter().try_for_each(|settled| self.settled(settled)),
            Event::Deposited { account, meter, group, first, assets } => {
                self.deposited(*account, *meter, *group, *first, assets)
            }
            Event::Mixed(mixed) => self.mixed(mixed),
            Event::Relayed { account, nonce, relay, fee } => self.relayed(*account, *nonce, *relay, *fee),
            Event::Transferred { account, to, credits, assets } => self.transferred(*account, *to, *credits, assets),
        }
    }

    /// What the deployment fixed.
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// What it remembers of what can matter to no call any more.
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// `t_f` at `now` (Unix seconds): the first interval that is neither final nor begun.
    pub fn next_interval(&self, now: u64) -> IntervalIndex {
        self.next.max(self.params.first_not_begun(now))
    }

    /// Every interval before this one is final or was passed over when a later one became final. Lags behind
    /// [`Market::next_interval`] where intervals lapsed since.
    pub const fn stored_next(&self) -> IntervalIndex {
        self.next
    }

    /// All groups with their limits.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, GroupLimits)> {
        (0..=u16::MAX).map(GroupId).zip(self.groups.iter().copied())
    }

    /// A group's limits.
    pub fn group_limits(&self, group: GroupId) -> Option<GroupLimits> {
        self.groups.get(usize::from(group.0)).copied()
    }

    /// All meters by address.
    pub fn smart_meters(&self) -> impl Iterator<Item = (Address, &SmartMeter)> {
        self.meters.iter().map(|(address, meter)| (*address, meter))
    }

    /// A meter.
    pub fn smart_meter(&self, meter: Address) -> Option<&SmartMeter> {
        self.meters.get(&meter)
    }

    /// All accounts by address: registered ones and those that only hold credits.
    pub fn accounts(&self) -> impl Iterator<Item = (Address, &Account)> {
        self.accounts.iter().map(|(address, account)| (*address, account))
    }

    /// An account; `None` where the market has never heard of it.
    pub fn account(&self, account: Address) -> Option<&Account> {
        self.accounts.get(&account)
    }

    /// Address of a registered owner of offers.
    pub fn owner_address(&self, owner: OwnerId) -> Option<Address> {
        self.owners.get(usize::try_from(owner.0.checked_sub(1)?).ok()?).copied()
    }

    /// The group that a registered account's meter belongs to in an interval.
    pub fn group_at(&self, account: Address, interval: IntervalIndex) -> Option<GroupId> {
        Some(self.membership(account)?.at(interval))
    }

    /// The groups that a registered account's meter belongs to.
    pub fn membership(&self, account: Address) -> Option<&Membership> {
        let meter = self.accounts.get(&account)?.meter?;
        Some(&self.meters.get(&meter)?.groups)
    }

    /// Assets of a registered account, in its own group, that no offer relies on.
    pub fn free_assets(&self, account: Address, side: Side, interval: IntervalIndex) -> WattHours {
        self.own_assets(account, side, interval).free
    }

    /// Assets of any account in any group that no offer relies on.
    pub fn free_assets_in(&self, group: GroupId, account: Address, side: Side, interval: IntervalIndex) -> WattHours {
        self.assets.get(&(account, group, side, interval)).map_or(WattHours(0), |assets| assets.free)
    }

    /// Assets that a registered account has ever withdrawn. Of past intervals nothing may be known of an account that is
    /// none of [`Market::past`].
    pub fn withdrawn_assets(&self, account: Address, side: Side, interval: IntervalIndex) -> WattHours {
        let before = self.share(account, side, interval).withdrawn;
        WattHours(self.own_assets(account, side, interval).withdrawn.0.saturating_add(before.into()))
    }

    /// Assets, of whichever group, that went from a registered account to its own meter. Of past intervals nothing may be
    /// known of an account that is none of [`Market::past`].
    pub fn deposited_assets(&self, account: Address, side: Side, interval: IntervalIndex) -> WattHours {
        let before = u64::from(self.share(account, side, interval).deposited);
        let there = self.assets.in_any_group(account, side, interval).map(|assets| assets.deposited.0);
        WattHours(there.fold(before, u64::saturating_add))
    }

    /// Joint transactions, in the order in which they were carried out, but for those that were forgotten.
    pub fn mixes(&self) -> impl Iterator<Item = &Mixed> {
        self.mixes.iter()
    }

    /// Every account that deposited anything, with the meter it named: its own, or a one-time account of some meter. Where
    /// the past is not remembered whole, those that [`Kin`](crate::Kin) recognised.
    pub fn deposits(&self) -> impl Iterator<Item = (Address, Address)> {
        self.deposits.keys().copied()
    }

    /// What went from an account to the meter that it named, by interval and side; intervals of nothing are left out.
    pub fn deposited_to(
        &self,
        account: Address,
        meter: Address,
    ) -> impl Iterator<Item = (IntervalIndex, Side, WattHours)> {
        let assets = self.deposits.get(&(account, meter)).into_iter().flatten();
        assets.map(|((interval, side), energy)| (*interval, *side, *energy))
    }

    /// The nonce of the next thing that an account signs.
    pub fn nonce(&self, account: Address) -> u32 {
        self.accounts.get(&account).map_or(0, |account| account.nonce)
    }

    /// How many offers were ever posted.
    pub fn offer_count(&self) -> usize {
        self.offers.posted()
    }

    /// All offers ever posted, by number, but for those that were forgotten.
    pub fn offers(&self) -> impl DoubleEndedIterator<Item = (OfferId, &Offer)> + ExactSizeIterator {
        self.offers.known()
    }

    /// Offers that a plan could still trade: they reach `t_f` or further and have energy left.
    pub fn open_offers(&self, now: u64) -> impl Iterator<Item = (OfferId, &Offer)> {
        let next = self.next_interval(now);
        self.offers().filter(move |(_, offer)| offer.end >= next && offer.start <= offer.end && offer.remaining().0 > 0)
    }

    /// An offer by its number; `None` where there is none, or it was forgotten.
    pub fn offer(&self, offer: OfferId) -> Option<&Offer> {
        self.offers.get(offer)
    }

    /// An account's offers, by number, but for those that were forgotten.
    pub fn offers_of(&self, account: Address) -> impl Iterator<Item = (OfferId, &Offer)> {
        let owner = self.account(account).and_then(|account| account.owner);
        owner.into_iter().flat_map(|owner| self.offers.of(owner))
    }

    /// The best plan so far.
    pub const fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_ref()
    }

    /// What the candidate trades in an interval.
    pub fn candidate_value_at(&self, interval: IntervalIndex) -> WattHours {
        self.candidate
            .as_ref()
            .and_then(|candidate| candidate.block(interval))
            .map_or(WattHours(0), |block| block.value)
    }

    /// Energy of all intervals that ever became final.
    pub const fn traded(&self) -> WattHours {
        self.traded
    }

    /// Whether an interval became final; not where it is open, or was passed over when a later one became final.
    pub fn is_final(&self, interval: IntervalIndex) -> bool {
        let place = self.passed_over.partition_point(|(_, last)| *last < interval);
        let is_passed_over = self.passed_over.get(place).is_some_and(|(first, _)| *first <= interval);
        interval < self.next && !is_passed_over
    }

    /// Intervals that were finalised with trades or without, by index, but for those that were forgotten.
    pub fn final_intervals(&self) -> impl Iterator<Item = (IntervalIndex, &FinalInterval)> {
        self.finals.iter().map(|(interval, last)| (*interval, last))
    }

    /// A finalised interval; `None` where it is open, lapsed, or forgotten.
    pub fn final_interval(&self, interval: IntervalIndex) -> Option<&FinalInterval> {
        self.finals.get(&interval)
    }

    fn own_assets(&self, account: Address, side: Side, interval: IntervalIndex) -> Assets {
        let group = self.group_at(account, interval).unwrap_or_default();
        self.assets.get(&(account, group, side, interval)).copied().unwrap_or_default()
    }

    pub(crate) fn offer_mut(&mut self, offer: OfferId) -> Result<&mut Offer, Inconsistent> {
        self.offers.get_mut(offer).ok_or(Inconsistent::UnknownOffer { offer })
    }
}
