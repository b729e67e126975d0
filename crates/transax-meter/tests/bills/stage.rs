//! A market of a seller and a buyer, played through the rules crate.

use std::ops::Range;

use alloy_primitives::Address;
use transax::{Event, GroupLimits, Market, Params, Plan, PriceRule, Refusal, Side, Trade};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

pub const SELLER: Address = Address::repeat_byte(1);
pub const BUYER: Address = Address::repeat_byte(2);
pub const DSO: Address = Address::repeat_byte(0xd5);
pub const GENESIS: u64 = 1_000_000;
/// What each of the two withdraws and offers, Wh.
pub const OFFERED: u64 = 500;

pub struct Stage {
    pub market: Market,
    /// All that happened.
    pub events: Vec<Event>,
}

impl Stage {
    /// Both have withdrawn assets of intervals 0 to 3; nothing is offered.
    pub fn new() -> Self {
        let market = Market::new(Params {
            dso: DSO,
            token: Address::repeat_byte(0xee),
            genesis: GENESIS,
            interval_seconds: 100,
            clear_intervals: 1,
            plan_horizon: 4,
            offer_horizon: 12,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        });
        let mut stage = Self { market, events: Vec::new() };
        let (limit, energy, now) = (WattHours(1000), WattHours(OFFERED), GENESIS - 200);
        stage.apply(|market| market.add_group(DSO, GroupLimits::default()));
        for (account, side) in [(SELLER, Side::Sell), (BUYER, Side::Buy)] {
            let meter = Address::repeat_byte(0xa0 | account[0]);
            let (first, last) = (IntervalIndex(0), IntervalIndex(3));
            stage.apply(|market| market.register_smart_meter(DSO, meter, GroupId(0), limit, limit));
            stage.apply(|market| market.register_prosumer(account, meter, true));
            stage.apply(|market| market.deposit_credits(account, Money(1_000_000)));
            stage.apply(|market| market.withdraw_assets(account, now, side, first, last, energy));
        }
        stage
    }

    /// Both offer [`OFFERED`] over intervals 1 to 3, and these trades (interval, Wh) become final.
    pub fn traded(trades: &[(u32, u64)]) -> Self {
        let (mut stage, now) = (Self::new(), GENESIS - 200);
        for (account, side, price) in [(SELLER, Side::Sell, 100_000), (BUYER, Side::Buy, 200_000)] {
            let (energy, first, last) = (WattHours(OFFERED), IntervalIndex(1), IntervalIndex(3));
            stage.apply(|market| market.post_offer(account, now, side, energy, Price(price), first, last));
        }
        let trade = |&(interval, energy): &(u32, u64)| Trade {
            interval: IntervalIndex(interval),
            seller: OfferId(1),
            buyer: OfferId(2),
            energy: WattHours(energy),
        };
        let plan: Plan = trades.iter().map(trade).collect();
        if !plan.is_empty() {
            stage.apply(|market| market.post_solution(DSO, now, plan.value(), &plan.encode()));
        }
        stage.finalize(0..4);
        stage
    }

    /// Makes intervals final, each as soon as it may be.
    pub fn finalize(&mut self, intervals: Range<u32>) {
        for interval in intervals.map(IntervalIndex) {
            let now = self.market.params().finalizable_at(interval);
            let due = self.market.finalize_arguments(now).expect("it is time");
            self.apply(|market| market.finalize(now, &due.links, &due.legs));
        }
    }

    /// A time at which this interval goes on.
    pub fn during(&self, interval: u32) -> u64 {
        self.market.params().start_of(IntervalIndex(interval)) + 50
    }

    /// Settles everything of the account and deposits its assets of `first..=last`.
    pub fn deposit(&mut self, account: Address, first: u32, last: u32) {
        let (first, last, now) = (IntervalIndex(first), IntervalIndex(last), self.during(last + 1));
        let settlements = self.market.settlements(account, now, last.next());
        let group = self.market.group_at(account, first).expect("a registered account");
        self.apply(|market| market.deposit(account, now, group, &settlements, first, last));
    }

    /// Does what the contract takes.
    pub fn apply(&mut self, call: impl FnOnce(&Market) -> Result<Vec<Event>, Refusal>) {
        for event in call(&self.market).expect("the contract takes the call") {
            self.market.apply(&event).expect("an accepted call's events follow from the state");
            self.events.push(event);
        }
    }
}
