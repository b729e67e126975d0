//! The contract and its twin side by side.

use std::collections::BTreeMap;

use alloy_primitives::aliases::{U24, U40, U48, U96};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, SolValue, eip712_domain};
use k256::ecdsa::SigningKey;
use transax::{Event, Market, Offer, Params, Past, PriceRule, Side};
use units::{GroupId, IntervalIndex, Money, OfferId};

use crate::call::{Call, index, side8};
use crate::contract::{PaymentToken, Registration, Transax, TransaxSigned};
use crate::evm::{Evm, Outcome};
use crate::{events, refusals};

/// What everybody may spend in all, base units.
pub const MINTED: u128 = 1 << 97;

pub struct World {
    evm: Evm,
    contract: Address,
    token: Address,
    pub market: Market,
    /// The twin as an agent has it, who remembers no more of the past than the first half of the actors did.
    lean: Market,
    pub now: u64,
    dso_key: SigningKey,
    pub dso: Address,
    pub actors: Vec<Address>,
    /// Accounts that are registered nowhere.
    pub nobodies: Vec<Address>,
    keys: BTreeMap<Address, SigningKey>,
    pub meters: Vec<Address>,
    /// Calls so far, for the report of a disagreement.
    history: Vec<String>,
    pub tally: Tally,
    /// What the last accepted call used.
    pub gas: u64,
}

/// How often what happened, so that a test can insist on having seen enough of everything.
#[derive(Default)]
pub struct Tally {
    pub calls: u64,
    pub accepted: BTreeMap<String, u64>,
    pub refused: BTreeMap<String, u64>,
}

impl World {
    pub fn new(params: &Params, now: u64, actors: usize) -> Self {
        let mut evm = Evm::new(now);
        let dso_key = SigningKey::from_slice(&[7; 32]).expect("a number within the curve's order");
        let dso = address_of(&dso_key);
        let keyed = |role: &str, count: usize| -> Vec<(Address, SigningKey)> {
            let key = |i| SigningKey::from_slice(&keccak256((role.to_owned(), U256::from(i)).abi_encode())[..]);
            (1..=count).map(|i| key(i).expect("hashes within the curve's order")).map(|k| (address_of(&k), k)).collect()
        };
        let (people, others) = (keyed("prosumer", actors), keyed("nobody", 6));
        let actors: Vec<Address> = people.iter().map(|(address, _)| *address).collect();
        let nobodies = others.iter().map(|(address, _)| *address).collect();
        let keys = people.into_iter().chain(others).collect();
        let token = evm.deploy(dso, &PaymentToken::BYTECODE, &PaymentToken::constructorCall {});
        let params = Params { dso, token, ..params.clone() };
        let constructor = Transax::constructorCall { c: config(&params) };
        let contract = evm.deploy(dso, &Transax::BYTECODE, &constructor);
        for actor in &actors {
            evm.must(dso, token, &PaymentToken::mintCall { account: *actor, amount: U256::from(MINTED) });
            evm.must(*actor, token, &PaymentToken::approveCall { spender: contract, value: U256::MAX });
        }
        let meters = (1..=actors.len()).map(|i| named("meter", i)).collect();
        let watched = Past::of(actors.iter().take(actors.len() / 2).copied());
        let lean = Market::remembering(params.clone(), watched);
        let (market, history) = (Market::new(params), Vec::new());
        Self {
            evm,
            contract,
            token,
            market,
            lean,
            now,
            dso_key,
            dso,
            actors,
            nobodies,
            keys,
            meters,
            history,
            tally: Tally::default(),
            gas: 0,
        }
    }

    /// The DSO's signature over both addresses.
    pub fn certificate(&self, prosumer: Address, meter: Address) -> Bytes {
        let digest = Registration { prosumer, meter }.eip712_signing_hash(&self.domain());
        let (signature, parity) =
            self.dso_key.sign_prehash_recoverable(digest.as_slice()).expect("a digest of 32 bytes");
        [&signature.to_bytes()[..], &[27 + parity.to_byte()]].concat().into()
    }

    /// This market's domain of signatures.
    pub fn domain(&self) -> Eip712Domain {
        eip712_domain! {
            name: "Transax",
            version: "1",
            chain_id: 1,
            verifying_contract: self.contract,
        }
    }

    /// The account's signature of a digest, as in ERC-2098: r, and s with the parity in its highest bit.
    pub fn sign(&self, account: Address, digest: B256) -> [B256; 2] {
        let key = self.keys.get(&account).expect("an account with a key");
        let (signature, parity) = key.sign_prehash_recoverable(digest.as_slice()).expect("a digest of 32 bytes");
        let (r, s) = (&signature.to_bytes()[..32], &signature.to_bytes()[32..]);
        let mut vs = B256::from_slice(s);
        vs.0[0] |= parity.to_byte() << 7;
        [B256::from_slice(r), vs]
    }

    pub fn advance(&mut self, now: u64) {
        self.now = now.max(self.now);
        self.evm.set_time(self.now);
        self.history.push(format!("-- time {}", self.now));
    }

    /// Makes the call on both sides; both must agree. Returns whether it was accepted.
    pub fn step(&mut self, caller: Address, call: &Call) -> bool {
        let name = format!("{call:?}").split([' ', '(']).next().unwrap_or_default().to_owned();
        self.tally.calls += 1;
        let twin = call.check(&self.market, caller, self.now);
        let lean = call.check(&self.lean, caller, self.now);
        let contract = self.evm.send(caller, self.contract, call.encode());
        self.history.push(format!("{caller} {call:?} => {}", summary(&twin)));
        if lean != twin {
            self.disagree(&format!("where the past is forgotten, the twin says {lean:?}, not {twin:?}"));
        }
        match (contract, twin) {
            (Outcome::Done { output, logs, gas }, Ok(events)) => {
                self.gas = gas;
                let logs = logs.iter().filter(|log| log.address == self.contract);
                let emitted: Vec<Event> = logs.map(events::decode).collect();
                self.agree("events", &emitted, &events);
                let returned = (!output.is_empty()).then(|| U256::from_be_slice(&output).to());
                self.agree("return value", &returned, &Call::returned(&events));
                for event in &events {
                    self.market.apply(event).unwrap_or_else(|error| self.disagree(&format!("{event:?}: {error}")));
                    self.lean.apply(event).unwrap_or_else(|error| self.disagree(&format!("{event:?}: {error}")));
                }
                *self.tally.accepted.entry(name).or_default() += 1;
                true
            }
            (Outcome::Reverted(data), Err(refusal)) => {
                self.agree("refusal", &refusals::of_contract(&data), &refusals::of_twin(&refusal));
                let refusal = format!("{refusal:?}").split(' ').next().unwrap_or_default().to_owned();
                *self.tally.refused.entry(refusal).or_default() += 1;
                false
            }
            (Outcome::Done { .. }, Err(refusal)) => self.disagree(&format!("only the twin refuses: {refusal:?}")),
            (Outcome::Reverted(data), Ok(_)) => {
                self.disagree(&format!("only the contract refuses: {}", refusals::of_contract(&data)))
            }
        }
    }

    /// Compares everything that both sides hold, and what the contract holds with what it owes.
    pub fn compare(&mut self) {
        self.compare_clock();
        self.compare_meters();
        self.compare_accounts();
        self.compare_offers();
        self.compare_candidate();
        self.compare_memories();
        let held = self.view(self.token, &PaymentToken::balanceOfCall { account: self.contract });
        self.agree("tokens held and owed", &held.to::<u128>(), &owed(&self.market));
        self.agree("violations", &Vec::<String>::new(), &transax::violations(&self.market));
    }

    /// What agents read of the past, and what may still be settled, is the same where the rest is forgotten.
    fn compare_memories(&self) {
        let (whole, lean) = (&self.market, &self.lean);
        let nexts = [whole, lean].map(|market| (market.offer_count(), market.traded(), market.stored_next()));
        assert_eq!(nexts[0], nexts[1]);
        for interval in (0..whole.stored_next().0).map(IntervalIndex) {
            assert_eq!(lean.is_final(interval), whole.final_interval(interval).is_some(), "interval {interval}");
        }
        for account in self.actors.iter().chain(&self.nobodies) {
            let due = [whole, lean].map(|market| market.settlements(*account, self.now, IntervalIndex(u32::MAX)));
            assert_eq!(due[0], due[1], "what can be settled of {account}");
            let open =
                [whole, lean].map(|market| market.offers_of(*account).filter(|(_, offer)| !offer.is_done()).count());
            assert_eq!(open[0], open[1], "open offers of {account}");
        }
        let Past::Of(watched) = lean.past() else { unreachable!("it was made so") };
        for account in watched {
            assert_eq!(lean.positions(*account), whole.positions(*account), "what {account} traded");
            let left = [whole, lean].map(|market| {
                market.left_over(*account).into_iter().filter(|(_, left)| left.0 > 0).collect::<BTreeMap<_, _>>()
            });
            assert_eq!(left[0], left[1], "what {account} did not trade");
            for (side, interval) in
                [Side::Sell, Side::Buy].into_iter().flat_map(|side| (0..99).map(move |at| (side, at)))
            {
                let assets = |market: &Market| {
                    let (withdrawn, deposited) = (Market::withdrawn_assets, Market::deposited_assets);
                    [withdrawn, deposited].map(|of| of(market, *account, side, IntervalIndex(interval)))
                };
                assert_eq!(assets(lean), assets(whole), "assets of {account} in interval {interval}");
            }
        }
    }

    fn compare_clock(&mut self) {
        let next = self.market.next_interval(self.now);
        let held = self.ask(&Transax::nextIntervalCall {});
        self.agree("next interval", &held.to::<u32>(), &next.0);
        let time = self.ask(&Transax::finalizableAtCall { interval: index(next) });
        self.agree("time of finalising", &time.to::<u64>(), &self.market.params().finalizable_at(next));
    }

    fn compare_meters(&mut self) {
        let next = self.market.next_interval(self.now);
        for meter in self.meters.clone() {
            let held = self.ask(&Transax::smartMetersCall { meter });
            let twin = self.market.smart_meter(meter);
            let moved = twin.and_then(|twin| twin.groups.moves().next_back());
            let twin = (
                twin.is_some(),
                twin.map_or((0, 0), |twin| (twin.groups.at(next).0, twin.groups.last().0)),
                moved.map_or(0, |moved| moved.from.0),
                twin.map_or((0, 0), |twin| (twin.production_limit.0, twin.consumption_limit.0)),
                twin.and_then(|twin| twin.prosumer).unwrap_or_default(),
            );
            let held = (
                held.registered,
                (held.group, held.nextGroup),
                held.from.to::<u32>(),
                (u64::from(held.productionLimit), u64::from(held.consumptionLimit)),
                held.prosumer,
            );
            self.agree("meter", &held, &twin);
        }
    }

    fn compare_accounts(&mut self) {
        let next = self.market.next_interval(self.now);
        let horizon = next.0 + self.market.params().offer_horizon;
        self.compare_nobodies(horizon);
        for account in self.actors.clone() {
            let held = self.ask(&Transax::accountsCall { account });
            let twin = self.market.account(account).copied().unwrap_or_default();
            let (credits, owner, group, meter): (U96, U24, u16, Address) = held.into();
            let held = (credits.to::<u128>(), owner.to::<u32>(), group, meter);
            let group = self.market.group_at(account, next).unwrap_or_default();
            let twin = (twin.credits.0, twin.owner.unwrap_or_default().0, group.0, twin.meter.unwrap_or_default());
            self.agree("account", &held, &twin);
            // The contract remembers one move.
            let moves = self.market.membership(account).and_then(|groups| groups.moves().rev().nth(1));
            let remembered = moves.map_or(IntervalIndex(0), |before| before.from);
            for (side, interval) in
                [Side::Sell, Side::Buy].iter().flat_map(|side| (0..=horizon).map(move |i| (*side, i)))
            {
                let at = IntervalIndex(interval);
                let (side8, interval) = (side8(side), index(at));
                if at >= remembered {
                    let free = self.ask(&Transax::freeAssetsCall { account, side: side8, interval });
                    self.agree("free assets", &u64::from(free), &self.market.free_assets(account, side, at).0);
                }
                let withdrawn = self.ask(&Transax::withdrawnAssetsCall { account, side: side8, interval });
                self.agree(
                    "withdrawn assets",
                    &u64::from(withdrawn),
                    &self.market.withdrawn_assets(account, side, at).0,
                );
            }
        }
    }

    /// What anybody may hold in any group, and what the unregistered hold at all.
    fn compare_nobodies(&mut self, horizon: u32) {
        let groups: Vec<GroupId> = self.market.groups().map(|(group, _)| group).collect();
        for account in self.actors.iter().chain(&self.nobodies).copied().collect::<Vec<_>>() {
            let nonce = self.ask(&TransaxSigned::noncesCall { account });
            self.agree("nonce", &nonce, &self.market.nonce(account));
            let held: (U96, U24, u16, Address) = self.ask(&Transax::accountsCall { account }).into();
            let twin = self.market.account(account).copied().unwrap_or_default();
            let held = (held.0.to::<u128>(), held.1.to::<u32>());
            self.agree("credits and number", &held, &(twin.credits.0, twin.owner.unwrap_or_default().0));
            for (group, side) in groups.iter().flat_map(|group| [(*group, Side::Sell), (*group, Side::Buy)]) {
                for at in (0..=horizon).map(IntervalIndex) {
                    let call = TransaxSigned::freeAssetsInCall {
                        group: group.0,
                        account,
                        side: side8(side),
                        interval: index(at),
                    };
                    let held = u64::from(self.ask(&call));
                    self.agree(
                        "free assets of a group",
                        &held,
                        &self.market.free_assets_in(group, account, side, at).0,
                    );
                }
            }
        }
    }

    fn compare_offers(&mut self) {
        let count = self.ask(&Transax::offerCountCall {});
        self.agree("number of offers", &(count as usize), &self.market.offer_count());
        for id in 1..=count {
            let held = self.ask(&Transax::offersCall { offer: id });
            let twin = self.market.offer(OfferId(id)).cloned();
            self.agree("offer", &Some(offer(&held)), &twin);
        }
    }

    fn compare_candidate(&mut self) {
        let held = self.ask(&Transax::candidateCall {});
        let twin = self.market.candidate();
        let first = twin.and_then(|candidate| candidate.head());
        let twin = (
            twin.map_or(B256::ZERO, transax::Candidate::chain),
            twin.map_or(0, |candidate| candidate.value.0),
            first.map_or((0, 0), |block| (block.interval.0, block.value.0)),
        );
        let (chain, value, interval, value_there): (B256, U48, U24, U48) = held.into();
        let held = (chain, value.to(), (interval.to(), value_there.to()));
        self.agree("candidate", &held, &twin);
        for interval in 0..=self.market.next_interval(self.now).0 {
            let held = self.ask(&Transax::legsRootCall { interval: index(IntervalIndex(interval)) });
            let twin = self.market.final_interval(IntervalIndex(interval)).map_or(B256::ZERO, |last| last.root);
            self.agree("root of legs", &held, &twin);
        }
    }

    fn ask<C: alloy_sol_types::SolCall>(&mut self, call: &C) -> C::Return {
        self.view(self.contract, call)
    }

    fn view<C: alloy_sol_types::SolCall>(&mut self, to: Address, call: &C) -> C::Return {
        self.evm.view(to, call)
    }

    fn agree<T: PartialEq + std::fmt::Debug>(&self, what: &str, contract: &T, twin: &T) {
        if contract != twin {
            self.disagree(&format!("{what}\n  contract: {contract:?}\n  twin:     {twin:?}"));
        }
    }

    fn disagree(&self, what: &str) -> ! {
        panic!("{}\n\nthe contract and its twin disagree: {what}", self.history.join("\n"))
    }
}

/// Credits, escrow, and payments that one side has settled and the other has not.
fn owed(market: &Market) -> u128 {
    let credits: u128 = market.accounts().map(|(_, account)| account.credits.0).sum();
    let escrow: u128 = market.offers().map(|(_, offer)| offer.escrow().0).sum();
    let unsettled = |side| -> u128 {
        let legs =
            market.final_intervals().flat_map(|(interval, last)| last.legs.iter().map(move |leg| (interval, leg)));
        let open = legs.filter_map(|(interval, leg)| {
            let offer = market.offer(leg.offer)?;
            (offer.side == side && offer.next <= interval).then_some(leg.payment.0)
        });
        open.sum()
    };
    credits + escrow + unsettled(Side::Sell) - unsettled(Side::Buy)
}

fn offer(held: &Transax::Offer) -> Offer {
    use units::{GroupId, OwnerId, Price, WattHours};
    Offer {
        energy: WattHours(held.energy.into()),
        traded: WattHours(held.traded.into()),
        settled: WattHours(held.settled.into()),
        price: Price(held.price.to()),
        start: IntervalIndex(held.start.to()),
        end: IntervalIndex(held.end.to()),
        next: IntervalIndex(held.next.to()),
        group: GroupId(held.group),
        owner: OwnerId(held.owner.to()),
        side: if held.side == 0 { Side::Sell } else { Side::Buy },
    }
}

fn config(params: &Params) -> Transax::TransaxConfig {
    Transax::TransaxConfig {
        dso: params.dso,
        token: params.token,
        genesis: params.genesis,
        intervalSeconds: params.interval_seconds,
        clearIntervals: index(IntervalIndex(params.clear_intervals)),
        planHorizon: index(IntervalIndex(params.plan_horizon)),
        offerHorizon: index(IntervalIndex(params.offer_horizon)),
        priceRule: u8::from(params.price_rule == PriceRule::Uniform),
        gridPrice: U40::from(params.grid_price.0),
        feedInPrice: U40::from(params.feed_in_price.0),
    }
}

fn summary(verdict: &Result<Vec<Event>, transax::Refusal>) -> String {
    verdict.as_ref().map_or_else(|refusal| format!("{refusal:?}"), |events| format!("{} events", events.len()))
}

fn named(role: &str, number: usize) -> Address {
    Address::from_slice(&keccak256((role.to_owned(), U256::from(number)).abi_encode())[12..])
}

fn address_of(key: &SigningKey) -> Address {
    let point = key.verifying_key().to_encoded_point(false);
    Address::from_slice(&keccak256(&point.as_bytes()[1..])[12..])
}

impl Tally {
    /// Adds another's counts.
    pub fn add(&mut self, other: Self) {
        self.calls += other.calls;
        for (into, from) in [(&mut self.accepted, other.accepted), (&mut self.refused, other.refused)] {
            for (name, count) in from {
                *into.entry(name).or_default() += count;
            }
        }
    }
}

/// Amounts people deposit stay well below what they have.
pub fn pocket(amount: u64) -> Money {
    Money(u128::from(amount))
}
