//! A market on which a prosumer's intents are carried out, through the rules crate.

use alloy_primitives::{Address, Bytes};
use bindings::Call;
use households::{Battery, Home, Household, Policy, Resident, Tariff};
use runtime::{Agent, Intent};
use transax::{Event, GroupLimits, Market, Params, PriceRule, Refusal, Side};
use transax_prosumer::{Behaviour, Prosumer, Recorded, RecordedOffer, Settings};
use units::{GroupId, IntervalIndex, Money, Price, WattHours};

pub const ACCOUNT: Address = Address::repeat_byte(1);
pub const METER: Address = Address::repeat_byte(0xa1);
/// Of assets of either side, per interval.
pub const LIMIT: WattHours = WattHours(1000);
/// How far ahead of the next interval offers and assets reach.
pub const OFFER_HORIZON: u32 = 12;
const DSO: Address = Address::repeat_byte(0xd5);
const GENESIS: u64 = 1_000_000;
const DELTA: u64 = 100;

pub struct Stage {
    pub market: Market,
    pub now: u64,
}

impl Stage {
    /// A market with the prosumer's meter, on which nobody is registered.
    pub fn unregistered() -> Self {
        let market = Market::new(Params {
            dso: DSO,
            token: Address::repeat_byte(0xee),
            genesis: GENESIS,
            interval_seconds: 100,
            clear_intervals: 1,
            plan_horizon: 4,
            offer_horizon: OFFER_HORIZON,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        });
        let mut stage = Self { market, now: GENESIS - 2 * DELTA };
        for _ in 0..2 {
            stage.apply(|market, _| market.add_group(DSO, GroupLimits::default()));
        }
        stage.apply(|market, _| market.register_smart_meter(DSO, METER, GroupId(0), LIMIT, LIMIT));
        stage
    }

    /// The prosumer is registered and has credits; interval 0 is the next.
    pub fn new() -> Self {
        let mut stage = Self::unregistered();
        stage.apply(|market, _| market.register_prosumer(ACCOUNT, METER, true));
        stage.apply(|market, _| market.deposit_credits(ACCOUNT, Money(1_000_000_000)));
        stage
    }

    /// The DSO moves the prosumer's meter to the other group.
    pub fn move_home(&mut self, from: u32) {
        self.apply(|market, now| market.move_smart_meter(DSO, now, METER, GroupId(1), IntervalIndex(from)));
    }

    /// Lets intervals become final, without trades, until `next` is the next and open to plans.
    pub fn go_to(&mut self, next: u32) {
        for interval in (self.market.stored_next().0..next).map(IntervalIndex) {
            self.now = self.market.params().finalizable_at(interval);
            self.apply(|market, now| market.finalize(now, &[], &[]));
        }
        self.now = self.market.params().finalizable_at(IntervalIndex(next)) - DELTA / 2;
    }

    /// What `agent` wants now.
    pub fn ask(&self, agent: &mut Prosumer) -> Vec<Call> {
        agent.decide(&self.market, self.now).into_iter().map(|intent| intent.call).collect()
    }

    /// What `agent` wants now; the contract does it.
    pub fn act(&mut self, agent: &mut Prosumer) -> Vec<Call> {
        let calls = self.ask(agent);
        self.carry_out(&calls);
        calls
    }

    /// Lets `agent` act until it wants nothing more; returns all it did.
    pub fn act_out(&mut self, agent: &mut Prosumer) -> Vec<Call> {
        let rounds: Vec<_> = (0..9).map(|_| self.act(agent)).take_while(|calls| !calls.is_empty()).collect();
        assert!(rounds.len() < 9, "it goes on wanting: {:?}", rounds.last());
        rounds.concat()
    }

    pub fn carry_out(&mut self, calls: &[Call]) {
        for call in calls {
            self.carry_out_one(call);
        }
    }

    fn carry_out_one(&mut self, call: &Call) {
        self.apply(|market, now| match call {
            Call::RegisterProsumer { meter, .. } => market.register_prosumer(ACCOUNT, *meter, true),
            Call::WithdrawAssets { side, first, last, energy } => {
                market.withdraw_assets(ACCOUNT, now, *side, *first, *last, *energy)
            }
            Call::PostOffer { side, energy, price, start, end } => {
                market.post_offer(ACCOUNT, now, *side, *energy, *price, *start, *end)
            }
            Call::Deposit { account, group, settlements, first, last } => {
                market.deposit(*account, now, *group, settlements, *first, *last)
            }
            other => panic!("no prosumer calls {other:?}"),
        });
    }

    fn apply(&mut self, call: impl FnOnce(&Market, u64) -> Result<Vec<Event>, Refusal>) {
        for event in call(&self.market, self.now).expect("the contract takes the call") {
            self.market.apply(&event).expect("an accepted call's events follow from the state");
        }
    }
}

/// An agent with a record of offers, which are posted `ahead` intervals before they start.
pub fn recorded(offers: &[RecordedOffer], ahead: u32, settings: Settings) -> Prosumer {
    let behaviour = Behaviour::Recorded(Recorded { offers: offers.to_vec(), ahead });
    Prosumer::new("P101", ACCOUNT, behaviour, settings)
}

/// A recorded offer to sell 100 Wh.
pub fn sale(start: u32, end: u32) -> RecordedOffer {
    let (start, end) = (IntervalIndex(start), IntervalIndex(end));
    RecordedOffer { side: Side::Sell, energy: WattHours(100), price: Price(100_000), start, end }
}

/// An agent of a home with a full battery that consumes 100 Wh and produces `pv` each interval, up to the interval 23.
pub fn home(pv: u64) -> Prosumer {
    let home = Home {
        id: "P101".to_owned(),
        feeder: GroupId(0),
        load: vec![WattHours(100); 24],
        pv: vec![WattHours(pv); 24],
        battery: Some(Battery {
            capacity: WattHours(4000),
            per_interval: WattHours(400),
            initial: WattHours(4000),
            efficiency_permille: 950,
        }),
        load_peak: WattHours(600),
        pv_peak: WattHours(600),
    };
    let last = IntervalIndex(23);
    let policy = Policy {
        reservation: Tariff::new(Price(300_000), Price(80_000)).expect("a wide tariff").reservation(0, 1),
        reserve_permille: 250,
        target_permille: 400,
        window: 4,
        evening: 76,
        last,
    };
    let resident = Resident::new(Household::new(home, IntervalIndex(0), policy));
    Prosumer::new("P101", ACCOUNT, Behaviour::Home(Box::new(resident)), Settings { last, ..Settings::default() })
}

/// Settings of an agent that has yet to register.
pub fn certified() -> Settings {
    Settings { certificate: Some((METER, Bytes::from_static(&[7; 65]))), ..Settings::default() }
}

/// Side, first and last interval of each withdrawal.
pub fn withdrawals(calls: &[Call]) -> Vec<(Side, u32, u32)> {
    let withdrawal = |call: &Call| match call {
        Call::WithdrawAssets { side, first, last, energy: LIMIT } => Some((*side, first.0, last.0)),
        _ => None,
    };
    calls.iter().filter_map(withdrawal).collect()
}

/// First and last interval of each offer.
pub fn offers(calls: &[Call]) -> Vec<(u32, u32)> {
    let offer = |call: &Call| match call {
        Call::PostOffer { start, end, .. } => Some((start.0, end.0)),
        _ => None,
    };
    calls.iter().filter_map(offer).collect()
}

/// First and last interval of each deposit, and how many offers it settles.
pub fn deposits(calls: &[Call]) -> Vec<(u32, u32, usize)> {
    let deposit = |call: &Call| match call {
        Call::Deposit { account: ACCOUNT, settlements, first, last, .. } => Some((first.0, last.0, settlements.len())),
        _ => None,
    };
    calls.iter().filter_map(deposit).collect()
}

/// Names of intents.
pub fn keys(intents: &[Intent]) -> Vec<&str> {
    intents.iter().map(|intent| intent.key.as_str()).collect()
}
