//! What accounts do by signature alone.

use alloy_primitives::Address;
use serde::{Deserialize, Serialize};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::offers::Posted;
use crate::range;
use crate::{Event, Inconsistent, Market, Refusal, Settlement, Side};

/// What every signed action carries, but for the signature itself: whether it holds, callers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Who acts.
    pub account: Address,
    /// The account's next nonce.
    pub nonce: u32,
    /// The last second at which this may be carried out, Unix time.
    pub deadline: u64,
    /// Credits that go to the relay.
    pub fee: Money,
    /// Who is paid, whoever submits; `None` for whoever does.
    pub relay: Option<Address>,
}

/// The terms of an offer that is posted by signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingTerms {
    /// Whose feeders' assets back it.
    pub group: GroupId,
    /// Which side it is on.
    pub side: Side,
    /// Energy in all.
    pub energy: WattHours,
    /// Reservation price.
    pub price: Price,
    /// First interval.
    pub start: IntervalIndex,
    /// Last interval.
    pub end: IntervalIndex,
}

/// Assets of `first..=last`, the same amount in each; none where the amount is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferredAssets {
    /// Of which feeders.
    pub group: GroupId,
    /// Production or consumption.
    pub side: Side,
    /// First interval.
    pub first: IntervalIndex,
    /// Last interval.
    pub last: IntervalIndex,
    /// How much in each.
    pub energy: WattHours,
}

/// What a transfer moves, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who receives it.
    pub to: Address,
    /// Credits.
    pub credits: Money,
    /// And assets.
    pub assets: TransferredAssets,
}

/// `postOfferBySig`, `cancelOfferBySig`, `depositBySig`, `transferBySig`. `submitter`: whoever sends it; `is_signed`:
/// whether the account's signature over exactly this holds.
impl Market {
    /// Posts an offer that assets of any group may back.
    pub fn post_offer_by_sig(
        &self,
        submitter: Address,
        now: u64,
        by: &Authorization,
        is_signed: bool,
        terms: PostingTerms,
    ) -> Result<Vec<Event>, Refusal> {
        let PostingTerms { group, side, energy, price, start, end } = terms;
        range::span(start, end)?;
        range::energy(energy)?;
        range::price(price)?;
        let (relayed, credits) = self.authorize(submitter, now, by, is_signed)?;
        if self.owner(by.account).is_none() {
            range::counted(self.owners.len(), range::INTERVAL, "the number of owners")?;
        }
        let posted = Posted { side, energy, price, start, end };
        let events = self.check_posting(by.account, now, group, posted, credits)?;
        Ok([vec![relayed], events].concat())
    }

    /// Takes back the intervals of an offer that no plan can rely on yet.
    pub fn cancel_offer_by_sig(
        &self,
        submitter: Address,
        now: u64,
        by: &Authorization,
        is_signed: bool,
        offer: OfferId,
    ) -> Result<Vec<Event>, Refusal> {
        let (relayed, credits) = self.authorize(submitter, now, by, is_signed)?;
        Ok([vec![relayed], self.check_cancelling(by.account, now, offer, credits)?].concat())
    }

    /// Settles offers of the account, then moves its assets of `group` in the final intervals of `span` to `meter`.
    #[expect(clippy::too_many_arguments, reason = "the contract's own, with submitter and time")]
    pub fn deposit_by_sig(
        &self,
        submitter: Address,
        now: u64,
        by: &Authorization,
        is_signed: bool,
        settlements: &[Settlement],
        meter: Address,
        group: GroupId,
        span: (IntervalIndex, IntervalIndex),
    ) -> Result<Vec<Event>, Refusal> {
        range::span(span.0, span.1)?;
        if meter.is_zero() {
            return Err(Refusal::ZeroAddress);
        }
        let (relayed, credits) = self.authorize(submitter, now, by, is_signed)?;
        let events = self.check_deposit(by.account, now, (meter, group), settlements, span, credits)?;
        Ok([vec![relayed], events].concat())
    }

    /// Moves credits and assets to another account.
    pub fn transfer_by_sig(
        &self,
        submitter: Address,
        now: u64,
        by: &Authorization,
        is_signed: bool,
        transfer: &Transfer,
    ) -> Result<Vec<Event>, Refusal> {
        let Transfer { to, credits: amount, assets } = *transfer;
        let TransferredAssets { group, side, first, last, energy } = assets;
        range::span(first, last)?;
        range::energy(energy)?;
        range::amount(amount)?;
        if to.is_zero() {
            return Err(Refusal::ZeroAddress);
        }
        if amount.0 == 0 && energy.0 == 0 {
            return Err(Refusal::NothingToMove);
        }
        let (relayed, credits) = self.authorize(submitter, now, by, is_signed)?;
        if credits < amount {
            return Err(Refusal::InsufficientCredits { credits, needed: amount });
        }
        if to != by.account {
            range::check_room(self.credits_after_fee(to, by, submitter), amount)?;
        }
        if energy.0 > 0 {
            if first > last {
                return Err(Refusal::InvertedRange { first, last });
            }
            self.check_free_assets(by.account, group, side, (first, last), energy)?;
        }
        Ok(vec![relayed, Event::Transferred { account: by.account, to, credits: amount, assets }])
    }

    /// What every action checks first; returns what the account has left once the relay is paid.
    fn authorize(
        &self,
        submitter: Address,
        now: u64,
        by: &Authorization,
        is_signed: bool,
    ) -> Result<(Event, Money), Refusal> {
        let Authorization { account, nonce, deadline, fee, relay } = *by;
        range::amount(fee)?;
        self.check_signed(account, nonce, deadline, now, is_signed)?;
        let relay = relay.unwrap_or(submitter);
        self.check_credits(account, fee)?;
        if relay != account {
            range::check_room(self.credits(relay), fee)?;
        }
        let left = self.credits_after_fee(account, by, submitter);
        Ok((Event::Relayed { account, nonce, relay, fee }, left))
    }

    /// What somebody has once the relay of an action is paid, for which its account has enough.
    fn credits_after_fee(&self, of: Address, by: &Authorization, submitter: Address) -> Money {
        let Money(mut credits) = self.credits(of);
        if of == by.account {
            credits = credits.saturating_sub(by.fee.0);
        }
        if of == by.relay.unwrap_or(submitter) {
            credits = credits.saturating_add(by.fee.0);
        }
        Money(credits)
    }

    /// The deadline, the nonce and the signature, in this order.
    fn check_signed(
        &self,
        account: Address,
        nonce: u32,
        deadline: u64,
        now: u64,
        is_signed: bool,
    ) -> Result<(), Refusal> {
        if now > deadline {
            return Err(Refusal::Expired { deadline });
        }
        self.check_nonce(account, nonce)?;
        if is_signed && !account.is_zero() { Ok(()) } else { Err(Refusal::BadSignature { account }) }
    }

    pub(crate) fn check_nonce(&self, account: Address, given: u32) -> Result<(), Refusal> {
        let expected = self.nonce(account);
        if given != expected {
            return Err(Refusal::WrongNonce { account, expected, given });
        }
        if expected == u32::MAX { Err(Refusal::OutOfRange { what: "the account's nonce" }) } else { Ok(()) }
    }
}

/// Their events.
impl Market {
    pub(crate) fn relayed(
        &mut self,
        account: Address,
        nonce: u32,
        relay: Address,
        fee: Money,
    ) -> Result<(), Inconsistent> {
        self.use_nonce(account, nonce)?;
        self.take_credits(account, fee)?;
        self.give_credits(relay, fee)
    }

    pub(crate) fn transferred(
        &mut self,
        account: Address,
        to: Address,
        credits: Money,
        assets: &TransferredAssets,
    ) -> Result<(), Inconsistent> {
        self.take_credits(account, credits)?;
        self.give_credits(to, credits)?;
        let TransferredAssets { group, side, first, last, energy } = *assets;
        if energy.0 == 0 {
            return Ok(());
        }
        range::intervals(first, last).try_for_each(|interval| {
            self.take_assets((account, group, side, interval), energy)?;
            self.give_assets((to, group, side, interval), energy)
        })
    }

    pub(crate) fn use_nonce(&mut self, account: Address, nonce: u32) -> Result<(), Inconsistent> {
        let next = &mut self.accounts.entry(account).or_default().nonce;
        if *next != nonce {
            return Err(Inconsistent::Nonce { account, nonce, expected: *next });
        }
        *next = next.saturating_add(1);
        Ok(())
    }
}
