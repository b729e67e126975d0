//! A small market that random steps are played on.

use std::{collections::BTreeMap, ops::Range};

use alloy_primitives::Address;
use proptest::prelude::*;
use transax::{Event, GroupLimits, Market, Params, Past, Plan, PriceRule, Side, Trade};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

const DSO: Address = Address::repeat_byte(0xd5);
const GENESIS: u64 = 100_000;
pub const PROSUMERS: u8 = 4;
const LIMIT: WattHours = WattHours(1000);

/// What somebody does, or time that passes.
#[derive(Clone, Debug)]
pub enum Step {
    Wait { seconds: u64 },
    Post { who: u8, side: Side, energy: u64, price: u64, ahead: u32, intervals: u32 },
    Augment { offer: u32, energy: u64, intervals: u32 },
    Cancel { offer: u32 },
    Solve { choices: u64 },
    Finalize,
    Settle { who: u8, back: u32 },
    Deposit { who: u8 },
    Withdraw { who: u8, amount: u128 },
    Move { who: u8, group: u16, later: u32 },
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    let who = || 0..PROSUMERS;
    let side = prop_oneof![Just(Side::Sell), Just(Side::Buy)];
    prop_oneof![
        2 => (0..90_u64).prop_map(|seconds| Step::Wait { seconds }),
        8 => (who(), side, 1..400_u64, 1..9_u64, 0..5_u32, 0..4_u32).prop_map(|(who, side, energy, price, ahead, intervals)| {
            Step::Post { who, side, energy, price: price * 37_123, ahead, intervals }
        }),
        2 => (0..40_u32, 0..200_u64, 0..3_u32).prop_map(|(offer, energy, intervals)| Step::Augment { offer, energy, intervals }),
        1 => (0..40_u32).prop_map(|offer| Step::Cancel { offer }),
        6 => any::<u64>().prop_map(|choices| Step::Solve { choices }),
        5 => Just(Step::Finalize),
        2 => (who(), 0..3_u32).prop_map(|(who, back)| Step::Settle { who, back }),
        2 => who().prop_map(|who| Step::Deposit { who }),
        1 => (who(), 1..u128::from(u32::MAX)).prop_map(|(who, amount)| Step::Withdraw { who, amount }),
        2 => (who(), 0..2_u16, 0..3_u32).prop_map(|(who, group, later)| Step::Move { who, group, later }),
    ]
}

/// A market with what went in and out of it.
pub struct Played {
    pub market: Market,
    pub now: u64,
    paid_in: u128,
    deposited: BTreeMap<(Address, IntervalIndex), u64>,
}

impl Played {
    /// A market that remembers everything.
    pub fn new(price_rule: PriceRule) -> Self {
        Self::remembering(price_rule, Past::Whole)
    }

    /// One that remembers this much.
    pub fn remembering(price_rule: PriceRule, past: Past) -> Self {
        let params = Params {
            dso: DSO,
            token: Address::repeat_byte(1),
            genesis: GENESIS,
            interval_seconds: 60,
            clear_intervals: 1,
            plan_horizon: 3,
            offer_horizon: 6,
            price_rule,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        params.check().expect("sound parameters");
        let mut played = Self {
            market: Market::remembering(params, past),
            now: GENESIS - 200,
            paid_in: 0,
            deposited: BTreeMap::new(),
        };
        let limits = [(None, None), (Some(WattHours(900)), Some(WattHours(250)))];
        for (internal, external) in limits {
            played.did(played.market.add_group(DSO, GroupLimits { internal, external }));
        }
        for who in 0..PROSUMERS {
            let (account, meter) = (account(who), meter(who));
            let group = GroupId(u16::from(who % 2));
            played.did(played.market.register_smart_meter(DSO, meter, group, LIMIT, LIMIT));
            played.did(played.market.register_prosumer(account, meter, true));
            played.did(played.market.deposit_credits(account, Money(400_000)));
        }
        played
    }

    /// Applies what a call came to; a refusal changes nothing.
    pub fn did(&mut self, verdict: Result<Vec<Event>, transax::Refusal>) {
        for event in verdict.unwrap_or_default() {
            self.market.apply(&event).expect("an accepted call's events follow from the state");
            match event {
                Event::CreditsDeposited { amount, .. } => self.paid_in += amount.0,
                Event::CreditsWithdrawn { amount, .. } => self.paid_in -= amount.0,
                Event::Deposited { account, first, assets, .. } => {
                    for (place, (production, consumption)) in (first.0..).zip(assets) {
                        *self.deposited.entry((account, IntervalIndex(place))).or_default() +=
                            production.0 + consumption.0;
                    }
                }
                _ => {}
            }
        }
    }

    pub fn play(&mut self, step: &Step) {
        let (market, now) = (&self.market, self.now);
        let next = market.next_interval(now);
        let verdict = match *step {
            Step::Wait { seconds } => {
                self.now += seconds;
                return;
            }
            Step::Post { who, side, energy, price, ahead, intervals } => {
                let (start, end) = (IntervalIndex(next.0 + ahead), IntervalIndex(next.0 + ahead + intervals));
                let (account, energy) = (account(who), WattHours(energy));
                self.did(self.market.withdraw_assets(account, now, side, start, end, energy));
                self.market.post_offer(account, now, side, energy, Price(price), start, end)
            }
            Step::Augment { offer, energy, intervals } => {
                let Some((caller, end)) = owner_and_end(market, OfferId(offer)) else { return };
                let end = IntervalIndex(end.0 + intervals);
                market.augment_offer(caller, now, OfferId(offer), WattHours(energy), end)
            }
            Step::Cancel { offer } => {
                let Some((caller, _)) = owner_and_end(market, OfferId(offer)) else { return };
                market.cancel_offer(caller, now, OfferId(offer))
            }
            Step::Solve { choices } => {
                let plan = plan(market, now, choices);
                market.post_solution(DSO, now, plan.value(), &plan.encode())
            }
            Step::Finalize => {
                let Some(arguments) = market.finalize_arguments(now) else { return };
                market.finalize(now, &arguments.links, &arguments.legs)
            }
            Step::Settle { who, back } => {
                let up_to = IntervalIndex(next.0.saturating_sub(back));
                market.settle(account(who), now, &market.settlements(account(who), now, up_to))
            }
            Step::Deposit { who } => {
                let Some(last) = next.0.checked_sub(1) else { return };
                let (settlements, first) = (market.settlements(account(who), now, next), IntervalIndex(0));
                self.did(market.deposit(account(who), now, GroupId(0), &settlements, first, IntervalIndex(last)));
                self.market.deposit(account(who), now, GroupId(1), &[], first, IntervalIndex(last))
            }
            Step::Move { who, group, later } => {
                let from = IntervalIndex(next.0 + market.params().offer_horizon + later);
                market.move_smart_meter(DSO, now, meter(who), GroupId(group), from)
            }
            Step::Withdraw { who, amount } => market.withdraw_credits(account(who), Money(amount)),
        };
        self.did(verdict);
    }

    /// T4: credits, escrow, and payments that one side has settled and the other has not, are what was paid in.
    pub fn check_money(&self) {
        let credits: u128 = self.market.accounts().map(|(_, account)| account.credits.0).sum();
        let escrow: u128 = self.market.offers().map(|(_, offer)| offer.escrow().0).sum();
        let (mut due, mut taken) = (0, 0);
        for (interval, leg) in self.market.final_intervals().flat_map(|(i, last)| last.legs.iter().map(move |l| (i, l)))
        {
            let offer = self.market.offer(leg.offer).expect("legs are of offers");
            if offer.next <= interval {
                *if offer.side == Side::Sell { &mut due } else { &mut taken } += leg.payment.0;
            }
        }
        assert_eq!(credits + escrow + due, self.paid_in + taken);
    }

    /// T2 and T5: an account's assets of an interval keep their number, free, locked or deposited, within the limits.
    pub fn check_assets(&self) {
        self.check_assets_of(0..PROSUMERS);
    }

    /// The same of some accounts.
    pub fn check_assets_of(&self, prosumers: Range<u8>) {
        let horizon = self.market.next_interval(self.now).0 + self.market.params().offer_horizon;
        for (account, interval) in
            prosumers.flat_map(|who| (0..=horizon).map(move |i| (account(who), IntervalIndex(i))))
        {
            let sides = [Side::Sell, Side::Buy];
            let withdrawn = sides.map(|side| self.market.withdrawn_assets(account, side, interval));
            assert!(withdrawn.iter().all(|withdrawn| *withdrawn <= LIMIT));
            let free: u64 = sides.map(|side| self.market.free_assets(account, side, interval).0).iter().sum();
            let offers = self.market.offers_of(account);
            let locked = offers.filter(|(_, offer)| offer.next <= interval && interval <= offer.end);
            let locked: u64 = locked.map(|(_, offer)| offer.energy.0).sum();
            let deposited = self.deposited.get(&(account, interval)).copied().unwrap_or_default();
            assert_eq!(free + locked + deposited, withdrawn[0].0 + withdrawn[1].0);
        }
    }
}

/// A prosumer's address.
pub fn account(who: u8) -> Address {
    Address::repeat_byte(0x10 + who)
}

fn meter(who: u8) -> Address {
    Address::repeat_byte(0xa0 + who)
}

fn owner_and_end(market: &Market, offer: OfferId) -> Option<(Address, IntervalIndex)> {
    let offer = market.offer(offer)?;
    Some((market.owner_address(offer.owner)?, offer.end))
}

/// Some trades between open offers; the bits of `choices` say which pairs and how much of what is left.
fn plan(market: &Market, now: u64, choices: u64) -> Plan {
    let next = market.next_interval(now);
    let open: Vec<_> = market.open_offers(now).collect();
    let mut left: BTreeMap<OfferId, u64> = open.iter().map(|(id, offer)| (*id, offer.remaining().0)).collect();
    let mut bits = choices;
    let mut trades = Vec::new();
    for interval in (next.0..=next.0 + market.params().plan_horizon).map(IntervalIndex) {
        for (seller, sell) in open.iter().filter(|(_, offer)| offer.side == Side::Sell && offer.covers(interval)) {
            for (buyer, buy) in open.iter().filter(|(_, offer)| offer.side == Side::Buy && offer.covers(interval)) {
                bits = bits.rotate_left(3);
                let most = left[seller].min(left[buyer]).min(250);
                if sell.price > buy.price || most == 0 || bits & 1 == 1 {
                    continue;
                }
                let energy = most.min(1 + bits % 400);
                for id in [seller, buyer] {
                    left.entry(*id).and_modify(|left| *left -= energy);
                }
                trades.push(Trade { interval, seller: *seller, buyer: *buyer, energy: WattHours(energy) });
            }
        }
    }
    // Only what the verifier accepts leaves a solver: drop trades from the end until it does.
    while market.verify_plan(now, &trades).is_err() {
        trades.pop();
    }
    Plan::new(trades)
}
