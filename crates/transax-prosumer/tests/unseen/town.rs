//! Homes of one group, or of two, on a market of the rules crate, with a board and a relay in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use bindings::{Action, Call, Domain};
use coin_shuffle::{Content, Digest, MemberId, Message, Outcome, Participant, Post, Settings, simulation::NamedKey};
use households::{Battery, Home, Household, Policy, Resident, Tariff};
use runtime::Agent;
use tokio::sync::oneshot::{Receiver, Sender, channel};
use transax::{Event, GroupLimits, Market, Mix, Params, Plan, PriceRule, Refusal, Side, Trade};
use transax_mixer::{AnonymousAccounts, HiddenHome, HiddenHomes, Mask, Masks, Schedule, Seed};
use transax_prosumer::{Alone, Ending, Envoy, Invitation, PrivateProsumer, PrivateSettings};
use transax_relay::Order;
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::view::View;

pub const GROUP: GroupId = GroupId(0);
pub const FIRST: IntervalIndex = IntervalIndex(8);
const DSO: Address = Address::repeat_byte(0xd5);
const RELAY: Address = Address::repeat_byte(0xee);
const DOMAIN: Domain = Domain { chain_id: 1, market: Address::repeat_byte(7) };
const DELTA: u64 = 900;
const GENESIS: u64 = 1_000_000;
const LIMIT: u64 = 2000;

/// What a home has asked of its envoy.
enum Errand {
    Orders(Vec<Order>, Sender<Vec<Order>>),
    Mix(Box<Invitation>, Sender<Ending>),
}

#[derive(Clone, Default)]
struct Carrier(Arc<Mutex<Vec<Errand>>>);

impl Carrier {
    fn take(&self) -> Vec<Errand> {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it"))
    }

    fn keep<T>(&self, errand: impl FnOnce(Sender<T>) -> Errand) -> Receiver<T> {
        let (tell, told) = channel();
        self.0.lock().expect("nobody panics with it").push(errand(tell));
        told
    }
}

impl Envoy for Carrier {
    fn hand_in(&mut self, orders: Vec<Order>) -> Receiver<Vec<Order>> {
        self.keep(|tell| Errand::Orders(orders, tell))
    }

    fn mix(&mut self, invitation: Invitation) -> Receiver<Ending> {
        self.keep(|tell| Errand::Mix(Box::new(invitation), tell))
    }
}

/// Somebody who would take part in a mix, and waits for how it ends.
type Invited = (Box<Invitation>, Sender<Ending>);

/// Numbers that follow from a seed.
#[derive(Clone, Copy)]
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = self.below(at as u64 + 1);
            list.swap(at, usize::try_from(other).expect("below a length"));
        }
    }
}

/// A home and its secrets.
pub struct HomeOf {
    pub agent: PrivateProsumer,
    pub key: PrivateKeySigner,
    pub secret: AnonymousAccounts,
    pub meter_secret: AnonymousAccounts,
    carrier: Carrier,
    /// Says nothing more once it is gone.
    pub is_gone: bool,
    /// What it reads, where that is its own.
    view: Option<View>,
}

impl HomeOf {
    /// How many errands wait to be done.
    pub fn asked(&self) -> usize {
        self.carrier.0.lock().expect("nobody panics with it").len()
    }

    /// What a view recognises that is kept for this home or its meter.
    pub fn kin(&self) -> HiddenHomes {
        let (prosumer, accounts, one_time) = (self.key.address(), self.secret.clone(), self.meter_secret.clone());
        HiddenHomes::new([HiddenHome { prosumer, accounts, one_time }], Schedule::default())
    }

    /// What it reads, where that is its own.
    pub fn view(&self) -> Option<&Market> {
        self.view.as_ref().map(|view| &view.market)
    }

    /// Decides once, and tells what it wants: what it calls itself, what it has signed, and which mixes it takes part in.
    pub fn wants(&mut self, market: &Market, now: u64) -> Vec<String> {
        let mut wants: Vec<_> =
            self.agent.decide(market, now).into_iter().map(|intent| format!("{intent:?}")).collect();
        wants.extend(self.carrier.take().into_iter().map(|errand| match errand {
            Errand::Orders(orders, _) => format!("{orders:?}"),
            Errand::Mix(mix, _) => format!("{:?} {:?} {:?} {:?}", mix.terms, mix.members, mix.session, mix.seed),
        }));
        wants
    }
}

/// What everybody can see, in order.
#[derive(Default)]
pub struct Seen {
    pub events: Vec<Event>,
    /// Who joined a mix of which side, in order; visible to those who read the board.
    pub joined: BTreeMap<Side, Vec<Address>>,
}

pub struct Town {
    pub market: Market,
    pub now: u64,
    pub homes: Vec<HomeOf>,
    pub seen: Seen,
    pub alone: Alone,
    /// Whether orders come in an order that is drawn, as envoys make it.
    pub is_spread: bool,
    /// The last interval that is traded.
    last: IntervalIndex,
    chance: Chance,
}

impl Town {
    /// So many homes that differ by chance, before the withdrawals of the period that begins with [`FIRST`].
    pub fn new(homes: u8, seed: u64, alone: Alone) -> Self {
        let mut town = Self::of_groups(&[homes], 1, seed, alone);
        town.now += DELTA;
        town
    }

    /// So many homes in each group, for so many periods, an interval earlier. Homes are numbered through.
    pub fn of_groups(homes: &[u8], periods: u32, seed: u64, alone: Alone) -> Self {
        let market = Market::new(Params {
            dso: DSO,
            token: Address::repeat_byte(0xee),
            genesis: GENESIS,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 4,
            offer_horizon: 13,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(320_000),
            feed_in_price: Price(80_000),
        });
        let (homes_of, chance) = (Vec::new(), Chance::new(seed));
        let now = GENESIS;
        let last = IntervalIndex(FIRST.0 + periods * Schedule::default().length - 1);
        let mut town =
            Self { market, now, homes: homes_of, seen: Seen::default(), alone, is_spread: true, last, chance };
        for (group, homes) in (0..).map(GroupId).zip(homes) {
            town.apply(|market, _| market.add_group(DSO, GroupLimits::default()));
            for _ in 0..*homes {
                town.move_in(group, seed);
            }
        }
        town
    }

    /// The DSO moves a home to the second group.
    pub fn move_home(&mut self, number: u8, from: IntervalIndex) {
        self.apply(|market, now| market.move_smart_meter(DSO, now, meter(number), GroupId(1), from));
    }

    fn move_in(&mut self, group: GroupId, seed: u64) {
        let number = u8::try_from(self.homes.len()).expect("few homes");
        let mut secret = [number + 1; 32];
        secret[..8].copy_from_slice(&(seed + 1).to_be_bytes());
        let key = PrivateKeySigner::from_bytes(&B256::from(secret)).expect("a number within the curve's order");
        let (account, meter) = (key.address(), meter(number));
        let limit = WattHours(LIMIT);
        self.apply(|market, _| market.register_smart_meter(DSO, meter, group, limit, limit));
        self.apply(|market, _| market.register_prosumer(account, meter, true));
        self.apply(|market, _| market.deposit_credits(account, Money(100_000_000)));
        let secret_of = |what: u8| {
            let mut bytes = secret;
            bytes[9] = what;
            AnonymousAccounts::new(Seed::new(bytes), DOMAIN)
        };
        let (secret, meter_secret) = (secret_of(0xaa), secret_of(0xbb));
        let settings = PrivateSettings {
            certificate: None,
            first: FIRST,
            last: self.last,
            schedule: Schedule::default(),
            alone: self.alone,
            submits_itself: false,
        };
        let (carrier, resident) = (Carrier::default(), self.resident());
        let accounts = (secret.clone(), meter_secret.clone());
        let name = format!("home {number}");
        let agent = PrivateProsumer::new(name, key.clone(), DOMAIN, resident, accounts, carrier.clone(), settings);
        self.homes.push(HomeOf { agent, key, secret, meter_secret, carrier, is_gone: false, view: None });
    }

    /// A home like every other, but for chance: its sun, its load, its battery and its owner.
    fn resident(&mut self) -> Resident {
        let mut draw = |low: u64, high: u64| low + self.chance.below(high - low);
        // What a home does again and again where there are more periods.
        let length = usize::try_from(self.last.0 + 1).expect("few intervals").max(24);
        let long = |day: Vec<WattHours>| day.iter().copied().cycle().take(length).collect();
        let load = long((0..24).map(|_| WattHours(draw(50, 400))).collect());
        let pv = long((0..24).map(|_| WattHours(draw(0, 400))).collect());
        let battery = (draw(0, 2) == 0).then(|| Battery {
            capacity: WattHours(4000),
            per_interval: WattHours(600),
            initial: WattHours(draw(500, 4000)),
            efficiency_permille: 950,
        });
        let home = Home {
            id: "home".to_owned(),
            feeder: GroupId(0),
            load,
            pv,
            battery,
            load_peak: WattHours(1000),
            pv_peak: WattHours(1000),
        };
        let rank = usize::try_from(draw(0, 9)).expect("few");
        let policy = Policy {
            reservation: Tariff::new(Price(320_000), Price(80_000)).expect("a wide tariff").reservation(rank, 9),
            reserve_permille: 250,
            target_permille: draw(400, 1000),
            window: 4,
            evening: 76,
            last: self.last,
        };
        Resident::new(Household::new(home, FIRST, policy))
    }

    /// Lets a home begin again with nothing but its secrets.
    pub fn restart(&mut self, number: usize) {
        let resident = self.resident();
        let (carrier, home) = (Carrier::default(), &mut self.homes[number]);
        let settings = PrivateSettings {
            certificate: None,
            first: FIRST,
            last: self.last,
            schedule: Schedule::default(),
            alone: self.alone,
            submits_itself: false,
        };
        let accounts = (home.secret.clone(), home.meter_secret.clone());
        home.carrier = carrier.clone();
        let name = format!("home {number}");
        home.agent = PrivateProsumer::new(name, home.key.clone(), DOMAIN, resident, accounts, carrier, settings);
    }

    /// The numbers still to be drawn.
    pub const fn chance(&self) -> Chance {
        self.chance
    }

    /// Draws these from now on.
    pub const fn draw_again(&mut self, chance: Chance) {
        self.chance = chance;
    }

    /// From now on every home reads a view of its own; with `forgets`, one that remembers no more than the home needs.
    pub fn read_apart(&mut self, forgets: bool) {
        for home in &mut self.homes {
            home.view = Some(View::of(home.kin(), forgets, &self.market, &self.seen.events));
        }
    }

    /// Lives through intervals until all that belongs to the period has been done.
    pub fn live(&mut self) {
        let schedule = Schedule::default();
        while self.market.params().first_not_begun(self.now).0 <= self.last.0 + 1 - schedule.length + schedule.tail() {
            self.pass();
        }
    }

    /// Everybody acts until nobody wants more; then what can be traded is, and the next interval begins.
    pub fn pass(&mut self) {
        while self.act() {}
        self.trade();
        self.now += DELTA;
        while let Some(due) = self.market.finalize_arguments(self.now) {
            self.apply(|market, now| market.finalize(now, &due.links, &due.legs));
        }
    }

    /// One round of everybody; whether anything was done.
    fn act(&mut self) -> bool {
        let mut is_any = false;
        for at in (0..self.homes.len()).filter(|at| !self.homes[*at].is_gone).collect::<Vec<_>>() {
            let home = &mut self.homes[at];
            let caller = home.key.address();
            let market = home.view.as_ref().map_or(&self.market, |view| &view.market);
            for intent in home.agent.decide(market, self.now) {
                is_any = true;
                self.call(caller, &intent.call);
            }
        }
        let mut errands: Vec<_> = self.homes.iter().flat_map(|home| home.carrier.take()).collect();
        if self.is_spread {
            self.chance.shuffle(&mut errands);
        }
        let mut mixes: BTreeMap<Digest, Vec<Invited>> = BTreeMap::new();
        for errand in errands {
            is_any = true;
            match errand {
                Errand::Orders(orders, tell) => {
                    for order in &orders {
                        self.order(order);
                    }
                    tell.send(Vec::new()).expect("the agent waits");
                }
                Errand::Mix(invitation, tell) => mixes.entry(invitation.session).or_default().push((invitation, tell)),
            }
        }
        for (_, invited) in mixes {
            self.mix(invited);
        }
        is_any
    }

    fn call(&mut self, caller: Address, call: &Call) {
        self.apply(|market, now| match call {
            Call::WithdrawAssets { side, first, last, energy } => {
                market.withdraw_assets(caller, now, *side, *first, *last, *energy)
            }
            Call::PostOffer { side, energy, price, start, end } => {
                market.post_offer(caller, now, *side, *energy, *price, *start, *end)
            }
            Call::Deposit { account, group, settlements, first, last } => {
                market.deposit(*account, now, *group, settlements, *first, *last)
            }
            other => panic!("no private prosumer calls {other:?}"),
        });
    }

    fn order(&mut self, order: &Order) {
        let Order::Action(signed) = order else { panic!("mixes are handed in by their envoys") };
        let by = signed.by;
        self.apply(|market, now| match &signed.action {
            Action::PostOffer(terms) => market.post_offer_by_sig(RELAY, now, &by, true, *terms),
            Action::Transfer(transfer) => market.transfer_by_sig(RELAY, now, &by, true, transfer),
            Action::Deposit { settlements, meter, group, first, last } => {
                market.deposit_by_sig(RELAY, now, &by, true, settlements, *meter, *group, (*first, *last))
            }
            other @ Action::CancelOffer { .. } => panic!("no private prosumer signs {other:?}"),
        });
    }

    /// Plays a mix with cheap signatures, and carries out its joint transaction.
    fn mix(&mut self, invited: Vec<(Box<Invitation>, Sender<Ending>)>) {
        let (mut players, mut told) = (Vec::new(), Vec::new());
        let (terms, members) = (invited[0].0.terms.clone(), invited[0].0.members.clone());
        for (invitation, tell) in invited {
            let Invitation { key, session, seed, outputs, .. } = *invitation;
            let me = MemberId(key.address().0.0);
            let settings = Settings { session, start: 0, patience: 1000, least: 3, most: members.len() };
            players.push(Participant::new(settings, me, NamedKey(me), seed, outputs));
            told.push(tell);
        }
        for (player, tell) in self.play(&mut players, terms.side).into_iter().zip(told) {
            let Outcome::Mixed(joint) = player else {
                tell.send(Ending::Failed("too few".to_owned())).expect("the agent waits");
                continue;
            };
            let sorted = |ids: Vec<[u8; 20]>| {
                let mut all: Vec<Address> = ids.into_iter().map(Address::from).collect();
                all.sort_unstable();
                all
            };
            let inputs = sorted(joint.inputs.iter().map(|input| input.0).collect());
            let crowd = inputs.len();
            let mix = Mix {
                group: terms.group,
                side: terms.side,
                first: terms.first,
                amounts: terms.amounts.clone(),
                credits: terms.credits,
                fee: terms.fee,
                relay: terms.relay,
                deadline: terms.deadline,
                nonces: inputs.iter().map(|input| members[input]).collect(),
                inputs,
                outputs: sorted(joint.outputs.iter().map(|output| output.0).collect()),
            };
            // Everybody hands it in; it is carried out once.
            if mix.nonces.iter().zip(&mix.inputs).all(|(nonce, input)| self.market.nonce(*input) == *nonce) {
                self.apply(|market, now| market.mix(RELAY, now, &mix, &vec![true; crowd]));
            }
            tell.send(Ending::Mixed(crowd)).expect("the agent waits");
        }
    }

    fn play(&mut self, players: &mut [Participant<NamedKey>], side: Side) -> Vec<Outcome> {
        let mut board = 0;
        for now in (0..).map(|step| step * 400) {
            let said: Vec<Message> = players.iter_mut().flat_map(|player| player.act(now)).collect();
            for message in said {
                board += 1;
                if message.content == Content::Join {
                    self.seen.joined.entry(side).or_default().push(Address::from(message.from.0));
                }
                for player in players.iter_mut() {
                    player.hear(Post { number: board, at: now + 1, message: message.clone() });
                }
            }
            if let Some(outcomes) = players.iter().map(|player| player.outcome().cloned()).collect() {
                return outcomes;
            }
        }
        unreachable!("every mix ends");
    }

    /// Matches what can be matched in the next interval, in the order of the offers.
    fn trade(&mut self) {
        let next = self.market.next_interval(self.now);
        let mut left: BTreeMap<OfferId, u64> =
            self.market.open_offers(self.now).map(|(id, offer)| (id, offer.remaining().0)).collect();
        let of = |side| {
            let open = self.market.open_offers(self.now);
            let fits = open.filter(move |(_, offer)| offer.side == side && offer.start <= next && next <= offer.end);
            fits.map(|(id, offer)| (id, offer.price)).collect::<Vec<_>>()
        };
        let mut trades = Vec::new();
        for (seller, ask) in of(Side::Sell) {
            for (buyer, bid) in of(Side::Buy) {
                let energy = left[&seller].min(left[&buyer]);
                if ask <= bid && energy > 0 {
                    *left.entry(seller).or_default() -= energy;
                    *left.entry(buyer).or_default() -= energy;
                    trades.push(Trade { interval: next, seller, buyer, energy: WattHours(energy) });
                }
            }
        }
        let plan = Plan::new(trades);
        if !plan.is_empty() {
            self.apply(|market, now| market.post_solution(DSO, now, plan.value(), &plan.encode()));
        }
    }

    /// Every anonymous account of a home.
    pub fn masks(&self, number: usize) -> Vec<Mask> {
        let home = &self.homes[number];
        Masks::new(home.secret.clone(), Schedule::default()).known(&self.market, home.key.address())
    }

    fn apply(&mut self, call: impl FnOnce(&Market, u64) -> Result<Vec<Event>, Refusal>) {
        for event in call(&self.market, self.now).expect("the contract takes the call") {
            self.market.apply(&event).expect("an accepted call's events follow from the state");
            self.homes.iter_mut().filter_map(|home| home.view.as_mut()).for_each(|view| view.apply(&event));
            self.seen.events.push(event);
        }
    }
}

const fn meter(number: u8) -> Address {
    Address::repeat_byte(0x80 + number)
}
