//! Posting, augmenting and cancelling offers.

use std::borrow::Cow;

use alloy_primitives::Address;
use units::{GroupId, IntervalIndex, Money, OfferId, OwnerId, Price, WattHours};

use crate::range::{self, ENERGY};
use crate::{Event, Inconsistent, Market, Offer, Refusal, Side};

/// `postOffer`, `augmentOffer`, `cancelOffer`.
impl Market {
    /// Offers to trade up to `energy` in all, within `start..=end`, at `price` or better.
    #[expect(clippy::too_many_arguments, reason = "the contract's own, with caller and time")]
    pub fn post_offer(
        &self,
        caller: Address,
        now: u64,
        side: Side,
        energy: WattHours,
        price: Price,
        start: IntervalIndex,
        end: IntervalIndex,
    ) -> Result<Vec<Event>, Refusal> {
        range::span(start, end)?;
        range::energy(energy)?;
        range::price(price)?;
        self.owner(caller).ok_or(Refusal::UnknownAccount { account: caller })?;
        let group = self.group_over(caller, start, end)?;
        let posted = Posted { side, energy, price, start, end };
        self.check_posting(caller, now, group, posted, self.credits(caller))
    }

    /// What posting needs, besides an owner of offers: `credits` are what the account has left for it.
    pub(crate) fn check_posting(
        &self,
        account: Address,
        now: u64,
        group: GroupId,
        posted: Posted,
        credits: Money,
    ) -> Result<Vec<Event>, Refusal> {
        let Posted { side, energy, price, start, end } = posted;
        if energy.0 == 0 {
            return Err(Refusal::ZeroEnergy);
        }
        self.check_span(now, start, end)?;
        self.check_free_assets(account, group, side, (start, end), energy)?;
        let needed = price.cost_rounded_down(energy);
        if side == Side::Buy && credits < needed {
            return Err(Refusal::InsufficientCredits { credits, needed });
        }
        let offer = OfferId(range::counted(self.offers.posted(), u32::MAX, "the number of offers")?);
        Ok(vec![Event::OfferPosted { offer, account, group, side, energy, price, start, end }])
    }

    /// Adds energy to an offer, or intervals at its end (`end` is the new one), or both.
    pub fn augment_offer(
        &self,
        caller: Address,
        now: u64,
        offer: OfferId,
        energy_added: WattHours,
        end: IntervalIndex,
    ) -> Result<Vec<Event>, Refusal> {
        range::interval(end)?;
        range::energy(energy_added)?;
        let (old, next) = self.check_open_offer(caller, now, offer)?;
        if end < old.end {
            return Err(Refusal::InvertedRange { first: old.end, last: end });
        }
        if energy_added.0 == 0 && end == old.end {
            return Err(Refusal::NothingToAdd { offer });
        }
        let horizon = self.params.offer_horizon_after(next);
        if end > horizon {
            return Err(Refusal::BeyondHorizon { interval: end, last: horizon });
        }
        if old.next < next {
            return Err(Refusal::SettleFirst { offer, from: old.next });
        }
        let grown = grown(old, offer, energy_added, end)?;
        if energy_added.0 > 0 {
            self.check_free_assets(caller, old.group, old.side, (old.next, old.end), energy_added)?;
        }
        self.check_free_assets(caller, old.group, old.side, (old.end.next(), end), grown.energy)?;
        self.check_credits(caller, difference(grown.escrow(), old.escrow()))?;
        Ok(vec![Event::OfferAugmented { offer, energy_added, end }])
    }

    /// Takes back the intervals that no plan can rely on yet.
    pub fn cancel_offer(&self, caller: Address, now: u64, offer: OfferId) -> Result<Vec<Event>, Refusal> {
        self.check_cancelling(caller, now, offer, self.credits(caller))
    }

    /// What cancelling needs: `credits` are what the account has when its own come back.
    pub(crate) fn check_cancelling(
        &self,
        account: Address,
        now: u64,
        offer: OfferId,
        credits: Money,
    ) -> Result<Vec<Event>, Refusal> {
        let (old, next) = self.check_open_offer(account, now, offer)?;
        let last = self.params.plan_horizon_after(next);
        if old.end <= last {
            return Err(Refusal::WithinPlanHorizon { offer, end: old.end });
        }
        let is_whole = old.start > last;
        if is_whole {
            range::check_room(credits, old.escrow())?;
        }
        let end = if is_whole { IntervalIndex(old.start.0.saturating_sub(1)) } else { last };
        Ok(vec![Event::OfferCancelled { offer, end }])
    }

    /// An offer of the caller's that has an open interval left, and `t_f`.
    pub(crate) fn check_open_offer(
        &self,
        caller: Address,
        now: u64,
        offer: OfferId,
    ) -> Result<(&Offer, IntervalIndex), Refusal> {
        let found = self.offers.find(offer).ok_or(Refusal::UnknownOffer { offer })?;
        if self.owner(caller) != Some(found.owner) {
            return Err(Refusal::NotOwner { offer, account: caller });
        }
        let next = self.next_interval(now);
        match found {
            Cow::Borrowed(found) if found.end >= next && !found.is_done() => Ok((found, next)),
            _ => Err(Refusal::OfferClosed { offer }),
        }
    }
}

/// Their events.
impl Market {
    pub(crate) fn offer_posted(
        &mut self,
        offer: OfferId,
        account: Address,
        group: GroupId,
        posted: Posted,
    ) -> Result<(), Inconsistent> {
        let expected = self.offers.posted().saturating_add(1);
        if usize::try_from(offer.0) != Ok(expected) {
            return Err(Inconsistent::Offer { offer, expected });
        }
        let Posted { side, energy, price, start, end } = posted;
        let owner = self.numbered(account);
        let (traded, settled) = (WattHours(0), WattHours(0));
        let new = Offer { energy, traded, settled, price, start, end, next: start, group, owner, side };
        self.lock_assets(account, group, side, (start, end), energy)?;
        self.take_credits(account, new.escrow())?;
        self.offers.push(new);
        Ok(())
    }

    pub(crate) fn offer_augmented(
        &mut self,
        offer: OfferId,
        energy_added: WattHours,
        end: IntervalIndex,
    ) -> Result<(), Inconsistent> {
        let old = self.offer(offer).ok_or(Inconsistent::UnknownOffer { offer })?.clone();
        let account = self.account_of(&old)?;
        let grown = grown(&old, offer, energy_added, end).map_err(|_| Inconsistent::OfferOverflow { offer })?;
        self.lock_assets(account, old.group, old.side, (old.next, old.end), energy_added)?;
        self.lock_assets(account, old.group, old.side, (old.end.next(), end), grown.energy)?;
        self.take_credits(account, difference(grown.escrow(), old.escrow()))?;
        *self.offer_mut(offer)? = grown;
        if let Some(candidate) = self.candidate.as_mut().filter(|_| end > old.end) {
            candidate.is_extended = true;
        }
        Ok(())
    }

    pub(crate) fn offer_cancelled(&mut self, offer: OfferId, end: IntervalIndex) -> Result<(), Inconsistent> {
        let old = self.offer(offer).ok_or(Inconsistent::UnknownOffer { offer })?.clone();
        let account = self.account_of(&old)?;
        for interval in range::intervals(end.next(), old.end) {
            self.give_assets((account, old.group, old.side, interval), old.energy)?;
        }
        let mut left = Offer { end, ..old.clone() };
        if old.start > end {
            self.give_credits(account, old.escrow())?;
            left.settled = old.energy;
        }
        *self.offer_mut(offer)? = left;
        Ok(())
    }

    pub(crate) fn account_of(&self, offer: &Offer) -> Result<Address, Inconsistent> {
        self.owner_address(offer.owner).ok_or(Inconsistent::Owner { owner: offer.owner, expected: self.owners.len() })
    }

    fn lock_assets(
        &mut self,
        account: Address,
        group: GroupId,
        side: Side,
        (first, last): (IntervalIndex, IntervalIndex),
        energy: WattHours,
    ) -> Result<(), Inconsistent> {
        range::intervals(first, last)
            .try_for_each(|interval| self.take_assets((account, group, side, interval), energy))
    }

    /// The account's number as an owner of offers; the next one where it has none, as the contract counts.
    fn numbered(&mut self, account: Address) -> OwnerId {
        if let Some(owner) = self.owner(account) {
            return owner;
        }
        self.owners.push(account);
        let owner = OwnerId(u32::try_from(self.owners.len()).unwrap_or(u32::MAX));
        self.accounts.entry(account).or_default().owner = Some(owner);
        owner
    }
}

/// What an owner says about an offer when posting it.
#[derive(Clone, Copy)]
pub(crate) struct Posted {
    pub(crate) side: Side,
    pub(crate) energy: WattHours,
    pub(crate) price: Price,
    pub(crate) start: IntervalIndex,
    pub(crate) end: IntervalIndex,
}

fn grown(old: &Offer, offer: OfferId, added: WattHours, end: IntervalIndex) -> Result<Offer, Refusal> {
    let energy = old.energy.0.checked_add(added.0).filter(|energy| *energy <= ENERGY);
    let energy = WattHours(energy.ok_or(Refusal::EnergyOverflow { offer })?);
    Ok(Offer { energy, end, ..old.clone() })
}

fn difference(more: Money, less: Money) -> Money {
    Money(more.0.saturating_sub(less.0))
}
