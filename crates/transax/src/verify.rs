//! Checks a plan exactly as the contract does, to the integer and in the same order.

use std::collections::BTreeMap;

use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::plan_reader::{BlockReader, PlanReader, TradeWord};
use crate::{Block, Leg, Market, Offer, Plan, PriceRule, Refusal, Side, Trade};

/// The most legs an interval may have.
pub const MAX_LEGS: usize = 1000;

/// A plan that the contract would find feasible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Energy it trades.
    pub value: WattHours,
    /// By interval.
    pub blocks: Vec<Block>,
}

impl Market {
    /// Whether a plan of these trades is feasible at `now` (Unix seconds); whether it is better than the candidate and
    /// in time is another matter, see [`Market::post_solution`]. Linear in the trades but for sorting them.
    pub fn verify_plan(&self, now: u64, trades: &[Trade]) -> Result<Verified, Refusal> {
        let plan = Plan::new(trades.iter().copied());
        self.verify_encoded(now, plan.value(), &plan.encode())
    }

    /// Whether the plan in these bytes is feasible at `now` and trades what is claimed.
    pub fn verify_encoded(&self, now: u64, claimed: WattHours, plan: &[u8]) -> Result<Verified, Refusal> {
        let first = self.next_interval(now);
        self.verify_within(first, self.params.plan_horizon_after(first), claimed, plan)
    }

    /// The same, with the intervals given that a plan may trade in.
    pub(crate) fn verify_within(
        &self,
        first: IntervalIndex,
        last: IntervalIndex,
        claimed: WattHours,
        plan: &[u8],
    ) -> Result<Verified, Refusal> {
        let mut reader = PlanReader::new(plan)?;
        let closed = self.closed(&reader);
        let mut draft = Draft::new(self, &closed, &reader)?;
        let mut verified = Verified { value: WattHours(0), blocks: Vec::new() };
        for _ in 0..reader.blocks()? {
            let block = reader.open_block(|interval| check_interval(interval, first, last))?;
            let block = draft.verify_block(&block)?;
            verified.value = sum(verified.value, block.value);
            verified.blocks.push(block);
        }
        reader.end()?;
        let actual = verified.value;
        if actual == claimed { Ok(verified) } else { Err(Refusal::WrongObjective { claimed, actual }) }
    }

    /// Those listed of which no more is known than that they are closed: they may be listed, and no trade of theirs passes.
    fn closed(&self, reader: &PlanReader<'_>) -> Closed {
        let unknown = reader.offers().filter(|id| self.offer(*id).is_none());
        unknown.filter_map(|id| Some((id, self.offers.find(id)?.into_owned()))).collect()
    }
}

/// Closed offers that a plan lists.
type Closed = BTreeMap<OfferId, Offer>;

fn check_interval(interval: IntervalIndex, first: IntervalIndex, last: IntervalIndex) -> Result<(), Refusal> {
    if interval < first {
        return Err(Refusal::IntervalFinal { interval, next_interval: first });
    }
    if interval > last { Err(Refusal::BeyondHorizon { interval, last }) } else { Ok(()) }
}

/// A plan being checked.
struct Draft<'a> {
    market: &'a Market,
    listed: Vec<Listed<'a>>,
}

/// A listed offer, what is left of it, and what it trades in the block at hand.
struct Listed<'a> {
    id: OfferId,
    offer: &'a Offer,
    remaining: WattHours,
    energy: WattHours,
    payment: Money,
}

/// What each group sells and buys in a block.
type Totals = BTreeMap<GroupId, (WattHours, WattHours)>;

/// One trade with both its offers.
#[derive(Clone, Copy)]
struct Pair<'a> {
    word: TradeWord,
    seller: (OfferId, &'a Offer),
    buyer: (OfferId, &'a Offer),
}

impl<'a> Draft<'a> {
    fn new(market: &'a Market, closed: &'a Closed, reader: &PlanReader<'_>) -> Result<Self, Refusal> {
        let mut listed: Vec<Listed<'a>> = Vec::new();
        for id in reader.offers() {
            if id <= listed.last().map_or(OfferId(0), |last| last.id) {
                return Err(Refusal::OffersNotAscending { offer: id });
            }
            let offer = market.offer(id).or_else(|| closed.get(&id)).ok_or(Refusal::UnknownOffer { offer: id })?;
            let remaining = offer.remaining();
            listed.push(Listed { id, offer, remaining, energy: WattHours(0), payment: Money(0) });
        }
        Ok(Self { market, listed })
    }

    fn verify_block(&mut self, block: &BlockReader<'_>) -> Result<Block, Refusal> {
        let interval = block.interval;
        let ids: Vec<(OfferId, &'a Offer)> = self.listed.iter().map(|listed| (listed.id, listed.offer)).collect();
        let mut pairs = Vec::new();
        for word in block.trades() {
            let word = word?;
            let (seller, buyer, _) = word.check(&ids)?;
            let pair = Pair { word, seller, buyer };
            check_pair(&pair)?;
            self.take(&pair)?;
            pairs.push(pair);
        }
        let uniform = match self.market.params.price_rule {
            PriceRule::Midpoint => None,
            PriceRule::Uniform => Some(uniform_price(interval, &pairs)?),
        };
        for pair in &pairs {
            self.book(pair, uniform.unwrap_or((pair.seller.1.price, pair.buyer.1.price)));
        }
        let legs = self.close_block(interval)?;
        let value = pairs.iter().fold(WattHours(0), |value, pair| sum(value, pair.word.energy));
        Ok(Block { interval, value, trades: pairs.iter().map(Pair::trade).collect(), legs })
    }

    /// Takes a trade's energy from what both its offers have left.
    fn take(&mut self, pair: &Pair<'_>) -> Result<(), Refusal> {
        for place in [pair.word.seller, pair.word.buyer] {
            if let Some(listed) = self.listed.get_mut(place) {
                let left = listed.remaining.0.checked_sub(pair.word.energy.0);
                let refusal = Refusal::ExceedsOffer { offer: listed.id, interval: pair.word.interval };
                listed.remaining = WattHours(left.ok_or(refusal)?);
            }
        }
        Ok(())
    }

    /// Adds a trade to both its offers' legs, at the middle of two prices, rounded down.
    fn book(&mut self, pair: &Pair<'_>, (low, high): (Price, Price)) {
        let payment = payment_rounded_down(pair.word.energy, low, high);
        for place in [pair.word.seller, pair.word.buyer] {
            if let Some(listed) = self.listed.get_mut(place) {
                listed.energy = sum(listed.energy, pair.word.energy);
                listed.payment = Money(listed.payment.0.saturating_add(payment.0));
            }
        }
    }

    /// The block's legs, by offer, within the groups' limits; clears them for the next block.
    fn close_block(&mut self, interval: IntervalIndex) -> Result<Vec<Leg>, Refusal> {
        let mut legs = Vec::new();
        let mut totals = Totals::new();
        for listed in self.listed.iter_mut().filter(|listed| listed.energy.0 > 0) {
            let (energy, payment) = (std::mem::take(&mut listed.energy), std::mem::take(&mut listed.payment));
            legs.push(Leg { offer: listed.id, energy, payment, outlives: listed.offer.end > interval });
            let (sold, bought) = totals.entry(listed.offer.group).or_default();
            let total = if listed.offer.side == Side::Sell { sold } else { bought };
            *total = sum(*total, energy);
        }
        if legs.len() > MAX_LEGS {
            let legs = legs.len().try_into().unwrap_or(u64::MAX);
            return Err(Refusal::TooManyLegs { interval, legs });
        }
        check_limits(self.market, interval, &totals)?;
        Ok(legs)
    }
}

impl Pair<'_> {
    fn trade(&self) -> Trade {
        let TradeWord { interval, energy, .. } = self.word;
        Trade { interval, seller: self.seller.0, buyer: self.buyer.0, energy }
    }
}

fn check_pair(pair: &Pair<'_>) -> Result<(), Refusal> {
    let TradeWord { interval, trade, .. } = pair.word;
    let ((seller, sell), (buyer, buy)) = (pair.seller, pair.buyer);
    if sell.side != Side::Sell || buy.side != Side::Buy {
        return Err(Refusal::WrongSide { interval, trade });
    }
    if sell.price > buy.price {
        return Err(Refusal::PriceConflict { seller, buyer });
    }
    if !sell.covers(interval) {
        return Err(Refusal::OutsideOffer { offer: seller, interval });
    }
    if !buy.covers(interval) {
        return Err(Refusal::OutsideOffer { offer: buyer, interval });
    }
    Ok(())
}

/// The dearest matched seller's price and the cheapest matched buyer's, which must not cross.
fn uniform_price(interval: IntervalIndex, pairs: &[Pair<'_>]) -> Result<(Price, Price), Refusal> {
    let highest_sell = pairs.iter().map(|pair| pair.seller.1.price).max().unwrap_or_default();
    let lowest_buy = pairs.iter().map(|pair| pair.buyer.1.price).min().unwrap_or_default();
    if highest_sell > lowest_buy {
        return Err(Refusal::NoUniformPrice { interval, highest_sell, lowest_buy });
    }
    Ok((highest_sell, lowest_buy))
}

/// (2.6) and (2.7) for every group that trades in the block.
fn check_limits(market: &Market, interval: IntervalIndex, totals: &Totals) -> Result<(), Refusal> {
    for (group, (sold, bought)) in totals {
        let (group, energy, net) = (*group, *sold.max(bought), WattHours(sold.0.abs_diff(bought.0)));
        let limits = market.group_limits(group).unwrap_or_default();
        if limits.internal.is_some_and(|limit| energy > limit) {
            return Err(Refusal::InternalLimitExceeded { group, interval, energy });
        }
        if limits.external.is_some_and(|limit| net > limit) {
            return Err(Refusal::ExternalLimitExceeded { group, interval, net });
        }
    }
    Ok(())
}

/// What `energy` costs halfway between two prices.
fn payment_rounded_down(energy: WattHours, low: Price, high: Price) -> Money {
    let doubled = u128::from(low.0).saturating_add(high.0.into());
    Money(doubled.saturating_mul(energy.0.into()) / 2000)
}

fn sum(one: WattHours, other: WattHours) -> WattHours {
    WattHours(one.0.saturating_add(other.0))
}
