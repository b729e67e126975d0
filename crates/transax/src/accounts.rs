//! Groups, meters, accounts, assets and credits.

use alloy_primitives::Address;
use units::{GroupId, IntervalIndex, Money, OwnerId, WattHours};

use crate::holdings::Holding;
use crate::range::{self, AMOUNT, ENERGY};
use crate::{Event, GroupLimits, Inconsistent, Market, Refusal, Side};

/// The most groups a market takes.
const MAX_GROUPS: u16 = 1000;

/// `addGroup`, `registerSmartMeter`, `registerProsumer`, `withdrawAssets`, `depositCredits`, `withdrawCredits`.
impl Market {
    /// Adds a group with its limits, Wh an interval.
    pub fn add_group(&self, caller: Address, limits: GroupLimits) -> Result<Vec<Event>, Refusal> {
        let (internal_limit, external_limit) = (range::limit(limits.internal)?, range::limit(limits.external)?);
        self.check_dso(caller)?;
        let groups = u16::try_from(self.groups.len()).unwrap_or(u16::MAX);
        let group = if groups < MAX_GROUPS { GroupId(groups) } else { return Err(Refusal::TooManyGroups { groups }) };
        Ok(vec![Event::GroupAdded { group, internal_limit, external_limit }])
    }

    /// Registers a meter with its group and the most it may produce and consume an interval.
    pub fn register_smart_meter(
        &self,
        caller: Address,
        meter: Address,
        group: GroupId,
        production_limit: WattHours,
        consumption_limit: WattHours,
    ) -> Result<Vec<Event>, Refusal> {
        range::energy(production_limit)?;
        range::energy(consumption_limit)?;
        self.check_dso(caller)?;
        if meter.is_zero() {
            return Err(Refusal::UnknownMeter { meter });
        }
        self.group_limits(group).ok_or(Refusal::UnknownGroup { group })?;
        if self.meters.contains_key(&meter) {
            return Err(Refusal::MeterExists { meter });
        }
        self.check_pledge(meter, group, production_limit.0.saturating_add(consumption_limit.0))?;
        Ok(vec![Event::SmartMeterRegistered { meter, group, production_limit, consumption_limit }])
    }

    /// Registers the caller behind its meter. `is_certified`: whether the DSO's signature over both is valid.
    pub fn register_prosumer(
        &self,
        caller: Address,
        meter: Address,
        is_certified: bool,
    ) -> Result<Vec<Event>, Refusal> {
        let of = self.meters.get(&meter).ok_or(Refusal::UnknownMeter { meter })?;
        if let Some(prosumer) = of.prosumer {
            return Err(Refusal::MeterTaken { meter, prosumer });
        }
        if self.owner(caller).is_some() {
            return Err(Refusal::AlreadyRegistered { account: caller });
        }
        if !is_certified {
            return Err(Refusal::BadCertificate { prosumer: caller, meter });
        }
        let owner = range::counted(self.owners.len(), range::INTERVAL, "the number of prosumers")?;
        Ok(vec![Event::ProsumerRegistered { prosumer: caller, meter, owner: OwnerId(owner) }])
    }

    /// Withdraws `energy` of the side's assets for each interval of `first..=last`.
    pub fn withdraw_assets(
        &self,
        caller: Address,
        now: u64,
        side: Side,
        first: IntervalIndex,
        last: IntervalIndex,
        energy: WattHours,
    ) -> Result<Vec<Event>, Refusal> {
        range::span(first, last)?;
        range::energy(energy)?;
        let meter = self.account(caller).and_then(|account| self.meters.get(&account.meter?));
        let meter = meter.ok_or(Refusal::UnknownAccount { account: caller })?;
        if energy.0 == 0 {
            return Err(Refusal::ZeroEnergy);
        }
        self.check_span(now, first, last)?;
        self.group_over(caller, first, last)?;
        let limit = match side {
            Side::Sell => meter.production_limit,
            Side::Buy => meter.consumption_limit,
        };
        for interval in range::intervals(first, last) {
            let wanted = WattHours(self.withdrawn_assets(caller, side, interval).0.saturating_add(energy.0));
            if wanted > limit {
                return Err(Refusal::OverLimit { interval, wanted, limit });
            }
        }
        Ok(vec![Event::AssetsWithdrawn { account: caller, side, first, last, energy }])
    }

    /// Turns tokens of the caller into credits. Whether the token lets them be moved is the token's matter.
    pub fn deposit_credits(&self, caller: Address, amount: Money) -> Result<Vec<Event>, Refusal> {
        range::amount(amount)?;
        if amount.0 == 0 {
            return Err(Refusal::ZeroAmount);
        }
        range::check_room(self.credits(caller), amount)?;
        Ok(vec![Event::CreditsDeposited { account: caller, amount }])
    }

    /// Pays credits of the caller out in the token.
    pub fn withdraw_credits(&self, caller: Address, amount: Money) -> Result<Vec<Event>, Refusal> {
        range::amount(amount)?;
        if amount.0 == 0 {
            return Err(Refusal::ZeroAmount);
        }
        self.check_credits(caller, amount)?;
        Ok(vec![Event::CreditsWithdrawn { account: caller, amount }])
    }

    /// A span in which something new may still happen: in order, open, and within the horizon of offers.
    pub(crate) fn check_span(&self, now: u64, first: IntervalIndex, last: IntervalIndex) -> Result<(), Refusal> {
        if first > last {
            return Err(Refusal::InvertedRange { first, last });
        }
        let next_interval = self.next_interval(now);
        if first < next_interval {
            return Err(Refusal::IntervalFinal { interval: first, next_interval });
        }
        let horizon = self.params.offer_horizon_after(next_interval);
        if last > horizon {
            return Err(Refusal::BeyondHorizon { interval: last, last: horizon });
        }
        Ok(())
    }

    /// The group of an account's meter in each interval of `first..=last`, which must be one; that of no one in particular
    /// where it has no meter.
    pub(crate) fn group_over(
        &self,
        account: Address,
        first: IntervalIndex,
        last: IntervalIndex,
    ) -> Result<GroupId, Refusal> {
        let Some(groups) = self.membership(account) else { return Ok(GroupId::default()) };
        // The contract knows the last move only; whatever an earlier one divided is final.
        match groups.moves().next_back().filter(|to| first < to.from && to.from <= last) {
            Some(to) => Err(Refusal::CrossesMove { from: to.from }),
            None => Ok(groups.at(first)),
        }
    }

    pub(crate) fn check_free_assets(
        &self,
        account: Address,
        group: GroupId,
        side: Side,
        (first, last): (IntervalIndex, IntervalIndex),
        needed: WattHours,
    ) -> Result<(), Refusal> {
        for interval in range::intervals(first, last) {
            let free = self.free_assets_in(group, account, side, interval);
            if free < needed {
                return Err(Refusal::InsufficientAssets { interval, free, needed });
            }
        }
        Ok(())
    }

    pub(crate) fn check_credits(&self, account: Address, needed: Money) -> Result<(), Refusal> {
        let credits = self.credits(account);
        if credits < needed { Err(Refusal::InsufficientCredits { credits, needed }) } else { Ok(()) }
    }

    pub(crate) fn owner(&self, account: Address) -> Option<OwnerId> {
        self.accounts.get(&account).and_then(|account| account.owner)
    }

    pub(crate) fn credits(&self, account: Address) -> Money {
        self.accounts.get(&account).map_or(Money(0), |account| account.credits)
    }

    pub(crate) fn check_dso(&self, caller: Address) -> Result<(), Refusal> {
        if caller == self.params.dso { Ok(()) } else { Err(Refusal::NotDso { caller }) }
    }
}

/// Their events.
impl Market {
    pub(crate) fn group_added(&mut self, group: GroupId, limits: GroupLimits) -> Result<(), Inconsistent> {
        let expected = self.groups.len();
        if usize::from(group.0) != expected {
            return Err(Inconsistent::Group { group, expected });
        }
        self.groups.push(limits);
        Ok(())
    }

    pub(crate) fn prosumer_registered(
        &mut self,
        prosumer: Address,
        meter: Address,
        owner: OwnerId,
    ) -> Result<(), Inconsistent> {
        let expected = self.owners.len().saturating_add(1);
        if usize::try_from(owner.0) != Ok(expected) {
            return Err(Inconsistent::Owner { owner, expected });
        }
        let of = self.meters.get_mut(&meter).ok_or(Inconsistent::UnknownMeter { meter })?;
        of.prosumer = Some(prosumer);
        let account = self.accounts.entry(prosumer).or_default();
        (account.owner, account.meter) = (Some(owner), Some(meter));
        self.owners.push(prosumer);
        Ok(())
    }

    pub(crate) fn assets_withdrawn(
        &mut self,
        account: Address,
        side: Side,
        (first, last): (IntervalIndex, IntervalIndex),
        energy: WattHours,
    ) -> Result<(), Inconsistent> {
        for interval in range::intervals(first, last) {
            let group = self.group_at(account, interval).unwrap_or_default();
            self.give_assets((account, group, side, interval), energy)?;
            if let Some(assets) = self.assets.get_mut(&(account, group, side, interval)) {
                assets.withdrawn = WattHours(assets.withdrawn.0.saturating_add(energy.0));
            }
        }
        Ok(())
    }

    pub(crate) fn deposited(
        &mut self,
        account: Address,
        meter: Address,
        group: GroupId,
        first: IntervalIndex,
        amounts: &[(WattHours, WattHours)],
    ) -> Result<(), Inconsistent> {
        for (interval, (production, consumption)) in range::intervals(first, IntervalIndex(u32::MAX)).zip(amounts) {
            for (side, amount) in [(Side::Sell, *production), (Side::Buy, *consumption)] {
                if self.free_assets_in(group, account, side, interval) != amount {
                    return Err(Inconsistent::Assets { account, interval });
                }
                // A span may hold many intervals in which there is nothing.
                if amount.0 == 0 {
                    continue;
                }
                self.take_assets((account, group, side, interval), amount)?;
                let is_own = self.account(account).is_some_and(|account| account.meter == Some(meter));
                if let Some(assets) = self.assets.get_mut(&(account, group, side, interval)).filter(|_| is_own) {
                    assets.deposited = WattHours(assets.deposited.0.saturating_add(amount.0));
                }
                if self.past.is_whole() {
                    self.remember_deposits(account, meter);
                }
                if let Some(received) = self.deposits.get_mut(&(account, meter)) {
                    let received = received.entry((interval, side)).or_default();
                    *received = WattHours(received.0.saturating_add(amount.0));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn give_credits(&mut self, account: Address, amount: Money) -> Result<(), Inconsistent> {
        let credits = &mut self.accounts.entry(account).or_default().credits;
        let sum = credits.0.checked_add(amount.0).filter(|sum| *sum <= AMOUNT);
        *credits = Money(sum.ok_or(Inconsistent::Credits { account })?);
        Ok(())
    }

    pub(crate) fn take_credits(&mut self, account: Address, amount: Money) -> Result<(), Inconsistent> {
        let credits = &mut self.accounts.entry(account).or_default().credits;
        *credits = Money(credits.0.checked_sub(amount.0).ok_or(Inconsistent::Credits { account })?);
        Ok(())
    }

    pub(crate) fn give_assets(&mut self, holding: Holding, energy: WattHours) -> Result<(), Inconsistent> {
        let (account, .., interval) = holding;
        let assets = self.assets.entry(holding).or_default();
        let free = assets.free.0.checked_add(energy.0).filter(|free| *free <= ENERGY);
        assets.free = WattHours(free.ok_or(Inconsistent::Assets { account, interval })?);
        Ok(())
    }

    pub(crate) fn take_assets(&mut self, holding: Holding, energy: WattHours) -> Result<(), Inconsistent> {
        let (account, .., interval) = holding;
        let assets = self.assets.entry(holding).or_default();
        let free = assets.free.0.checked_sub(energy.0);
        assets.free = WattHours(free.ok_or(Inconsistent::Assets { account, interval })?);
        Ok(())
    }
}
