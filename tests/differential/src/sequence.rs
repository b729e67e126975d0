//! Seeded sequences of calls: mostly sensible, so that deep states are reached, and often broken.

use alloy_primitives::{Address, Bytes};
use transax::{GroupLimits, Offer, Params, Plan, PriceRule, Side, Trade};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::broken::{self, RawPlan};
use crate::call::Call;
use crate::random::Random;
use crate::world::{Tally, World, pocket};

const GENESIS: u64 = 1_000_000;
const INTERVAL_SECONDS: u32 = 40;
const ACTORS: usize = 5;

pub struct Sequence {
    pub(crate) random: Random,
    pub(crate) world: World,
    /// A unit of energy, Wh; large in some sequences, so that fields are filled.
    pub(crate) unit: u64,
    /// A unit of price.
    pub(crate) tick: u64,
    /// What everybody begins with.
    pub(crate) purse: Money,
}

/// Runs one sequence; panics where the two sides disagree.
pub fn run(seed: u64, steps: usize) -> Tally {
    let mut sequence = Sequence::new(seed);
    sequence.set_up();
    for _ in 0..steps {
        sequence.step();
    }
    sequence.settle_everything();
    sequence.world.compare();
    sequence.world.tally
}

impl Sequence {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let plan_horizon = random.between32(0, 4);
        let params = Params {
            dso: Address::ZERO,
            token: Address::ZERO,
            genesis: GENESIS,
            interval_seconds: INTERVAL_SECONDS,
            clear_intervals: random.between32(1, 2),
            plan_horizon,
            offer_horizon: plan_horizon + random.between32(0, 4),
            price_rule: if random.percent(50) { PriceRule::Midpoint } else { PriceRule::Uniform },
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        let world = World::new(&params, GENESIS - random.between(0, 200), ACTORS);
        let unit = if random.percent(80) { 1 } else { 1_000_000 };
        let tick = if random.percent(80) { 1000 } else { 3_000_000_000 };
        // All that fits but for a little, in some sequences, so that what is gained does not.
        let purse = if seed % 16 == 5 { Money((1 << 96) - 1_000_000) } else { Money(1 << 63) };
        Self { random, world, unit, tick, purse }
    }

    fn set_up(&mut self) {
        for _ in 0..3 {
            let limits = GroupLimits { internal: self.some_limit(), external: self.some_limit() };
            self.world.step(self.world.dso, &Call::AddGroup(limits));
        }
        if self.random.percent(50) {
            self.register_smart_meter(self.world.meters[ACTORS - 1], GroupId(2));
        }
        if self.random.percent(50) {
            self.move_smart_meter(self.world.dso);
        }
        for i in 0..ACTORS - 1 {
            self.register_smart_meter(self.world.meters[i], GroupId(u16::from(i % 2 == 1)));
            self.register_prosumer(self.world.actors[i], self.world.meters[i]);
            self.world.step(self.world.actors[i], &Call::DepositCredits(self.purse));
            for side in [Side::Sell, Side::Buy] {
                let last = self.next() + self.world.market.params().offer_horizon;
                let (first, last) = (IntervalIndex(self.next()), IntervalIndex(last));
                let call = Call::WithdrawAssets { side, first, last, energy: WattHours(1000 * self.unit) };
                self.world.step(self.world.actors[i], &call);
            }
        }
    }

    fn step(&mut self) {
        let caller = self.someone();
        if self.random.percent(25) {
            return self.act_by_signature();
        }
        match self.random.below(100) {
            0..6 => self.advance(),
            6..9 => self.withdraw_assets(caller),
            9..40 => self.post_offer(caller),
            40..42 => self.move_smart_meter(caller),
            42..50 => self.augment_offer(caller),
            50..53 => self.cancel_offer(caller),
            53..76 => self.post_solution(caller),
            76..85 => self.finalize(caller),
            85..91 => self.settle(caller),
            91..96 => self.deposit(caller),
            96 => self.move_credits(caller),
            _ => self.register(caller),
        }
    }

    fn advance(&mut self) {
        let (params, next) = (self.world.market.params().clone(), IntervalIndex(self.next()));
        let now = self.world.now;
        let to = match self.random.below(10) {
            0..3 => now + self.random.between(1, 10),
            3..6 => params.finalizable_at(next),
            6 => params.guarded_from(next) - self.random.below(2),
            7 => params.guarded_from(next) + self.random.below(10),
            8 => params.start_of(next) - self.random.below(2),
            _ => now + self.random.between(0, 3 * u64::from(INTERVAL_SECONDS)),
        };
        self.world.advance(to);
    }

    fn withdraw_assets(&mut self, caller: Address) {
        let (first, last) = self.some_span();
        let energy = self.some_energy();
        let call = Call::WithdrawAssets { side: self.some_side(), first, last, energy };
        self.world.step(caller, &call);
    }

    fn post_offer(&mut self, caller: Address) {
        let (start, end) = self.some_span();
        let side = self.some_side();
        let mut energy = self.some_energy();
        if self.random.percent(85) {
            let free = (start.0..=end.0).map(|i| self.world.market.free_assets(caller, side, IntervalIndex(i)));
            match free.min() {
                Some(free) if free.0 > 0 => energy = free.min(energy),
                _ => {
                    let energy = WattHours(700 * self.unit);
                    self.world.step(caller, &Call::WithdrawAssets { side, first: start, last: end, energy });
                }
            }
        }
        let price = match side {
            Side::Sell => self.random.between(0, 250),
            Side::Buy => self.random.between(100, 350),
        };
        let call = Call::PostOffer { side, energy, price: Price(price * self.tick), start, end };
        self.world.step(caller, &call);
    }

    fn augment_offer(&mut self, caller: Address) {
        let offer = self.some_offer(caller);
        let end = self.world.market.offer(offer).map_or(self.next(), |offer| offer.end.0);
        let end = IntervalIndex((end + self.random.between32(0, 3)).saturating_sub(u32::from(self.random.percent(10))));
        let energy = if self.random.percent(50) { WattHours(0) } else { self.some_energy() };
        let energy_added = if self.random.percent(3) { WattHours(u32::MAX.into()) } else { energy };
        self.world.step(caller, &Call::AugmentOffer { offer, energy_added, end });
    }

    fn cancel_offer(&mut self, caller: Address) {
        let offer = self.some_offer(caller);
        self.world.step(caller, &Call::CancelOffer(offer));
    }

    fn post_solution(&mut self, caller: Address) {
        let next = IntervalIndex(self.next());
        if self.world.now >= self.world.market.params().finalizable_at(next) && self.random.percent(95) {
            return self.finalize(caller);
        }
        let plan = self.some_plan();
        let candidate = self.world.market.candidate().map_or(WattHours(0), |candidate| candidate.value);
        if plan.value() <= candidate && self.random.percent(90) {
            return self.post_offer(caller);
        }
        let mut value = plan.value();
        let mut bytes = plan.encode();
        if self.random.percent(25) {
            let mut raw = RawPlan::new(&plan);
            raw.mutate(&mut self.random);
            bytes = raw.encode();
        }
        if self.random.percent(8) {
            broken::bytes(&mut bytes, &mut self.random);
        }
        if self.random.percent(5) {
            value = WattHours(value.0 ^ 1);
        }
        self.world.step(caller, &Call::PostSolution { value, plan: bytes });
    }

    /// Matches open offers at random, usually within the groups' limits and under the price rule.
    fn some_plan(&mut self) -> Plan {
        let market = &self.world.market;
        let next = self.next();
        let offers: Vec<(OfferId, Offer)> =
            market.open_offers(self.world.now).map(|(id, offer)| (id, offer.clone())).collect();
        let mut left: Vec<u64> = offers.iter().map(|(_, offer)| offer.remaining().0).collect();
        let pivot = self.random.between(100, 250) * self.tick;
        let is_uniform = market.params().price_rule == PriceRule::Uniform && self.random.percent(90);
        let is_careless = self.random.percent(10);
        let mut trades = Vec::new();
        for interval in (next..=next + market.params().plan_horizon).map(IntervalIndex) {
            if self.random.percent(20) {
                continue;
            }
            for (s, (seller, sell)) in offers.iter().enumerate() {
                for (b, (buyer, buy)) in offers.iter().enumerate() {
                    let is_pair = sell.side == Side::Sell && buy.side == Side::Buy && sell.price <= buy.price;
                    let is_priced = !is_uniform || (sell.price.0 <= pivot && pivot <= buy.price.0);
                    let both = sell.covers(interval) && buy.covers(interval);
                    let fits = (is_pair && is_priced && both) || (is_careless && self.random.percent(4));
                    let most = left[s].min(left[b]);
                    if !fits || most == 0 || self.random.percent(30) {
                        continue;
                    }
                    let energy = if self.random.percent(60) { most } else { self.random.between(1, most) };
                    (left[s], left[b]) = (left[s] - energy, left[b] - energy);
                    trades.push(Trade { interval, seller: *seller, buyer: *buyer, energy: WattHours(energy) });
                }
            }
        }
        Plan::new(trades)
    }

    fn finalize(&mut self, caller: Address) {
        let time = self.world.market.params().finalizable_at(IntervalIndex(self.next()));
        if self.world.now < time && self.random.percent(80) {
            self.world.advance(time);
        }
        let market = &self.world.market;
        let (mut links, mut legs) = market.finalize_arguments(self.world.now).map_or_else(
            || (market.candidate().map(transax::Candidate::links).unwrap_or_default(), Vec::new()),
            |arguments| (arguments.links, arguments.legs),
        );
        if self.random.percent(15) {
            broken::links(&mut links, &mut self.random);
        }
        if self.random.percent(5) {
            links.clear();
        }
        if self.random.percent(10) {
            broken::legs(&mut legs, &mut self.random);
        }
        self.world.step(caller, &Call::Finalize { links, legs });
    }

    fn settle(&mut self, caller: Address) {
        let account = if self.random.percent(5) { self.someone() } else { caller };
        let up_to = IntervalIndex(self.next().saturating_sub(self.random.between32(0, 2)));
        let mut settlements = self.world.market.settlements(caller, self.world.now, up_to);
        if self.random.percent(30) {
            broken::settlements(&mut settlements, &mut self.random);
        }
        self.world.step(account, &Call::Settle { account, settlements });
    }

    fn deposit(&mut self, caller: Address) {
        let up_to = IntervalIndex(self.next().saturating_sub(self.random.between32(0, 1)));
        let mut settlements = self.world.market.settlements(caller, self.world.now, up_to);
        if self.random.percent(15) {
            broken::settlements(&mut settlements, &mut self.random);
        }
        let last = self.next().saturating_sub(u32::from(self.random.percent(90)));
        let beyond = u32::from(self.random.percent(5));
        let first = self.random.between32(0, last + beyond);
        let (first, last) = (IntervalIndex(first), IntervalIndex(last));
        let its = self.world.market.group_at(caller, first).unwrap_or_default();
        let group = if self.random.percent(80) { its } else { self.some_group() };
        let anyone = self.someone();
        self.world.step(anyone, &Call::Deposit { account: caller, group, settlements, first, last });
    }

    fn move_credits(&mut self, caller: Address) {
        let amount = pocket(self.random.next() >> self.random.between(1, 64).min(63));
        let is_deposit = self.random.percent(40);
        let call = if is_deposit { Call::DepositCredits(amount) } else { Call::WithdrawCredits(amount) };
        self.world.step(caller, &call);
    }

    fn register(&mut self, caller: Address) {
        let i = if self.random.percent(50) { ACTORS - 1 } else { self.random.place(ACTORS) };
        match self.random.below(5) {
            0 => {
                let caller = if self.random.percent(50) { self.world.dso } else { caller };
                let limits = GroupLimits { internal: self.some_limit(), external: self.some_limit() };
                self.world.step(caller, &Call::AddGroup(limits));
            }
            1 => {
                let group = self.some_group();
                self.register_smart_meter(self.world.meters[i], group);
            }
            2 | 3 => {
                let caller = if self.random.percent(70) { self.world.actors[i] } else { caller };
                self.register_prosumer(caller, self.world.meters[i]);
            }
            _ => {
                let meter = self.world.meters[i];
                let caller = self.world.actors[i];
                let of_another = self.world.certificate(self.world.dso, meter);
                let certificate = if self.random.percent(50) { of_another } else { Bytes::from_static(&[1; 65]) };
                let call = Call::RegisterProsumer { meter, certificate, is_certified: false };
                self.world.step(caller, &call);
            }
        }
    }

    fn register_smart_meter(&mut self, meter: Address, group: GroupId) {
        let limit =
            |random: &mut Random, unit: u64| WattHours((random.between(1000, 2400) * unit).min(u32::MAX.into()));
        let production_limit = limit(&mut self.random, self.unit);
        let consumption_limit =
            if self.random.percent(3) { WattHours(u32::MAX.into()) } else { limit(&mut self.random, self.unit) };
        let call = Call::RegisterSmartMeter { meter, group, production_limit, consumption_limit };
        self.world.step(self.world.dso, &call);
    }

    /// To a group that may not exist, from where offers may no longer reach or not yet.
    fn move_smart_meter(&mut self, caller: Address) {
        let caller = if self.random.percent(95) { self.world.dso } else { caller };
        let meter = if self.random.percent(97) { self.random.pick(&self.world.meters) } else { None };
        let reached = self.next() + self.world.market.params().offer_horizon;
        let from = IntervalIndex(reached + self.random.between32(0, 3));
        let call = Call::MoveSmartMeter { meter: meter.unwrap_or_default(), group: self.some_group(), from };
        self.world.step(caller, &call);
    }

    fn register_prosumer(&mut self, caller: Address, meter: Address) {
        let certificate = self.world.certificate(caller, meter);
        self.world.step(caller, &Call::RegisterProsumer { meter, certificate, is_certified: true });
    }

    /// Whatever the sequence left, everybody gets what is due.
    fn settle_everything(&mut self) {
        for account in self.world.actors.iter().chain(&self.world.nobodies).copied().collect::<Vec<_>>() {
            let settlements = self.world.market.settlements(account, self.world.now, IntervalIndex(u32::MAX));
            // Who has no room for what is due makes some.
            let credits = self.credits(account);
            if credits > Money(1 << 95) {
                self.world.step(account, &Call::WithdrawCredits(credits));
            }
            let is_settled = self.world.step(account, &Call::Settle { account, settlements });
            assert!(is_settled, "what the twin offers for settling is accepted");
        }
    }

    pub(crate) fn next(&self) -> u32 {
        self.world.market.next_interval(self.world.now).0
    }

    pub(crate) fn someone(&mut self) -> Address {
        if self.random.percent(97) {
            self.world.actors[self.random.place(ACTORS - 1)]
        } else {
            self.world.actors[ACTORS - 1]
        }
    }

    pub(crate) fn some_side(&mut self) -> Side {
        if self.random.percent(50) { Side::Sell } else { Side::Buy }
    }

    pub(crate) fn some_energy(&mut self) -> WattHours {
        let most = if self.random.percent(97) { 400 } else { 5000 };
        let energy = if self.random.percent(1) { 0 } else { self.random.between(1, most) };
        WattHours((energy * self.unit).min(u32::MAX.into()))
    }

    fn some_group(&mut self) -> GroupId {
        self.random.pick(&[0, 1, 2, 3, 5]).map_or(GroupId(9), GroupId)
    }

    fn some_limit(&mut self) -> Option<WattHours> {
        let limit = self.random.between(50, 3000) * self.unit;
        self.random.percent(40).then_some(WattHours(limit.min(u32::MAX.into())))
    }

    fn some_offer(&mut self, of: Address) -> OfferId {
        let ids: Vec<OfferId> = if self.random.percent(95) {
            self.world.market.offers_of(of).map(|(id, _)| id).collect()
        } else {
            self.world.market.offers().map(|(id, _)| id).collect()
        };
        let next = IntervalIndex(self.next());
        let is_open = |id: &OfferId| self.world.market.offer(*id).is_some_and(|offer| offer.end >= next);
        let open: Vec<OfferId> = ids.iter().copied().filter(is_open).collect();
        let of = if self.random.percent(90) { open } else { ids };
        self.random.pick(&of).unwrap_or(OfferId(self.random.between32(0, 99)))
    }

    /// Within the horizon, or now and then not, or inverted.
    pub(crate) fn some_span(&mut self) -> (IntervalIndex, IntervalIndex) {
        let (next, horizon) = (self.next(), self.world.market.params().offer_horizon);
        if self.random.percent(6) {
            let any = |random: &mut Random| IntervalIndex(random.between32(0, next + horizon + 2));
            return (any(&mut self.random), any(&mut self.random));
        }
        let furthest = self.random.between32(0, horizon);
        let start = next + self.random.between32(0, furthest);
        let end = (start + self.random.between32(0, 3)).min(next + horizon);
        (IntervalIndex(start), IntervalIndex(end))
    }
}
