//! `SolidWorx`: the same random offers and allocations for the contract, on both of its interfaces, and for its twin.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolError as _, SolEvent};
use solidworx::{Alternative, Assignment, EVERY_TYPE, Market, Offer, Pair, Side, Terms, TypeRule, packing};

use crate::{
    contract::SolidWorx::{self as S},
    evm::{Evm, Outcome},
    random::Random,
    solidworx_refusals::{encode, name},
};

const MARKETS: u64 = 300;
const ALLOCATIONS: usize = 60;
/// Length of either phase, seconds.
const PHASE: u64 = 1000;
const TYPES: u64 = 4;
const OFFERS: u64 = 7;
/// Every refusal of an offer or an allocation that small markets can meet must have come up.
const REFUSED: [&str; 14] = [
    "BadNumberOfAlternatives",
    "ExceedsOffer",
    "PairForbidden",
    "PriceAboveOffer",
    "PriceBelowOffer",
    "PriceOutOfBounds",
    "QuantityTooLarge",
    "TypesNotAscending",
    "UnknownOffer",
    "UnknownType",
    "UnlistedType",
    "ValueOverflow",
    "WrongSide",
    "ZeroQuantity",
];

struct World {
    evm: Evm,
    contract: Address,
    market: Market,
    random: Random,
    /// Whether quantities, prices and weights are as great as they can be.
    is_huge: bool,
    /// The greatest value of a solution on the chain, which a packed one has to exceed.
    candidate: u128,
    refused: BTreeSet<String>,
    accepted: usize,
}

#[test]
fn contract_and_twin_agree_on_allocations() {
    let (mut refused, mut accepted) = (BTreeSet::new(), 0);
    for seed in 0..MARKETS {
        let mut world = World::new(seed);
        world.post_offers();
        world.close();
        let is_stepwise = seed % 2 == 1;
        if is_stepwise {
            world.unpack();
        }
        let mut best = (0, Vec::new());
        for _ in 0..ALLOCATIONS {
            let allocation = world.allocation();
            world.compare_packed(&allocation);
            if is_stepwise {
                world.compare_stepwise(&allocation);
            } else if let Ok(value) = world.market.verify(&allocation)
                && value > best.0
            {
                best = (value, allocation);
            }
        }
        if !is_stepwise {
            world.finish(best.0, &best.1);
        }
        refused.append(&mut world.refused);
        accepted += world.accepted;
    }
    let missing: Vec<_> = REFUSED.iter().filter(|name| !refused.contains(**name)).collect();
    assert!(missing.is_empty(), "never refused: {missing:?}");
    assert!(accepted > 500, "only {accepted} allocations were feasible");
}

fn owner(number: u64) -> Address {
    Address::left_padding_from(&(number + 1).to_be_bytes())
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let is_huge = random.percent(15);
        let terms = terms(&mut random, is_huge);
        let mut evm = Evm::new(PHASE);
        let contract = evm.create(owner(0), S::BYTECODE.clone());
        let types = terms.rules.iter().map(|(resource_type, rule)| S::TypeRule {
            resourceType: *resource_type,
            weight: rule.weight,
            minPrice: rule.min_price,
            maxPrice: rule.max_price,
        });
        let pairs = terms.pairs.iter().map(|pair| S::Pair {
            resourceType: pair.resource_type,
            provider: pair.provider,
            consumer: pair.consumer,
        });
        let extensions = S::Extensions {
            weighted: terms.weighted,
            benefit: terms.benefit,
            bounded: terms.bounded,
            paired: terms.paired,
            quantityDecimals: 0,
            priceDecimals: 0,
            deposit: U256::ZERO.to(),
            types: types.collect(),
            pairs: pairs.collect(),
        };
        let setup = S::setupCall {
            numTypes: terms.num_types,
            precision: terms.precision,
            maxQuantity: terms.max_quantity,
            lengthReceive: PHASE,
            lengthSolve: PHASE,
            extensions,
        };
        evm.must(owner(0), contract, &setup);
        let market = Market { terms, offers: Vec::new() };
        Self { evm, contract, market, random, is_huge, candidate: 0, refused: BTreeSet::new(), accepted: 0 }
    }

    /// Posts offers, and has both refuse broken ones.
    fn post_offers(&mut self) {
        while (self.market.offers.len() as u64) < OFFERS {
            let id = self.market.offers.len() as u64 + 1;
            let offer = offer(id, &self.market.terms, &mut self.random, self.is_huge);
            let call = S::postPackedOfferCall {
                providing: offer.side == Side::Providing,
                misc: 0,
                alternatives: packing::alternatives(&offer.alternatives).into(),
            };
            let outcome = self.evm.send(offer.owner, self.contract, call.abi_encode().into());
            match (offer.check(&self.market.terms), outcome) {
                (Ok(()), Outcome::Done { .. }) => self.market.offers.push(offer),
                (Err(refusal), Outcome::Reverted(data)) => {
                    assert_eq!(data, Bytes::from(encode(refusal)), "{refusal:?}");
                    self.refused.insert(name(refusal));
                }
                (verdict, outcome) => panic!("{offer:?}: the twin says {verdict:?}, the contract {outcome:?}"),
            }
        }
    }

    fn close(&mut self) {
        self.evm.set_time(2 * PHASE);
        self.evm.must(owner(9), self.contract, &S::closeCall {});
    }

    fn unpack(&mut self) {
        for offer in &self.market.offers {
            let contents = packing::contents(offer).expect("few alternatives").into();
            self.evm.must(owner(9), self.contract, &S::unpackOfferCall { id: offer.id, contents });
        }
    }

    /// A few assignments, most of them plausible.
    fn allocation(&mut self) -> Vec<Assignment> {
        let count = 1 + self.random.below(5);
        (0..count).map(|_| self.assignment()).collect()
    }

    fn assignment(&mut self) -> Assignment {
        let random = &mut self.random;
        let side = |side: Side| move |offer: &&Offer| offer.side == side;
        let ids = |wanted| self.market.offers.iter().filter(side(wanted)).map(|offer| offer.id).collect::<Vec<_>>();
        let (providers, consumers) = (ids(Side::Providing), ids(Side::Consuming));
        let anyone = |random: &mut Random| 1 + random.below(OFFERS + 1);
        let mut pick = |of: &[u64]| match random.pick(of) {
            Some(id) if !random.percent(4) => id,
            _ => anyone(random),
        };
        let (providing_offer, consuming_offer) = (pick(&providers), pick(&consumers));
        let resource_type = random.below(TYPES);
        let listed = |id| Some(self.market.offer(id)?.alternative(resource_type)?.1);
        let (given, taken) = (listed(providing_offer), listed(consuming_offer));
        let least = given.map_or(5, |listed| listed.price);
        let most = taken.map_or(5, |listed| listed.price);
        let price = if least <= most && !random.percent(10) { random.between(least, most) } else { random.below(30) };
        let room = given.map_or(3, |one| one.quantity).min(taken.map_or(3, |one| one.quantity));
        let share = 1 + random.below(4);
        let quantity = if random.percent(5) { 0 } else { (room / share).max(1) };
        Assignment { providing_offer, consuming_offer, resource_type, quantity, price }
    }

    /// One call for all of it, which changes nothing.
    fn compare_packed(&mut self, allocation: &[Assignment]) {
        let Some(packed) = packing::solution(&self.market, allocation) else { return };
        let verdict = self.market.verify(allocation);
        let value = verdict.unwrap_or(u128::MAX);
        if value == 0 {
            return;
        }
        let call = S::postSolutionCall { value, offers: packed.offers.into(), assignments: packed.assignments.into() };
        match (verdict, self.evm.call(self.contract, &call)) {
            (Ok(value), Outcome::Reverted(data)) if value <= self.candidate => {
                let not_better = S::NotBetter { value, candidate: self.candidate };
                assert_eq!(data, Bytes::from(not_better.abi_encode()), "{value} against {}", self.candidate);
                self.refused.insert("NotBetter".to_owned());
            }
            (Ok(value), Outcome::Done { output, .. }) if value > self.candidate => {
                assert_eq!(S::postSolutionCall::abi_decode_returns(&output).expect("a value"), value);
                self.accepted += 1;
            }
            (Err(refusal), Outcome::Reverted(data)) => {
                assert_eq!(data, Bytes::from(encode(refusal)), "{refusal:?} of {allocation:?}");
                self.refused.insert(name(refusal));
            }
            (verdict, outcome) => {
                panic!("{allocation:?} in {:?}: {verdict:?}, the contract {outcome:?}", self.market);
            }
        }
    }

    /// One call for each assignment, up to the first that is refused.
    fn compare_stepwise(&mut self, allocation: &[Assignment]) {
        let create = S::createSolutionCall { misc: 0 }.abi_encode();
        let Outcome::Done { output, .. } = self.evm.send(owner(9), self.contract, create.into()) else {
            panic!("no solution was created");
        };
        let id = S::createSolutionCall::abi_decode_returns(&output).expect("a number");
        for (place, one) in allocation.iter().enumerate() {
            let call = S::addAssignmentCall {
                id,
                providingOffer: one.providing_offer,
                consumingOffer: one.consuming_offer,
                resourceType: one.resource_type,
                quantity: one.quantity,
                value: one.price,
            };
            let verdict = self.market.verify(&allocation[..=place]);
            match (verdict, self.evm.send(owner(9), self.contract, call.abi_encode().into())) {
                (Ok(value), Outcome::Done { .. }) => self.candidate = self.candidate.max(value),
                (Err(refusal), Outcome::Reverted(data)) => {
                    assert_eq!(data, Bytes::from(encode(refusal)), "{refusal:?} of {one:?}");
                    self.refused.insert(name(refusal));
                    return;
                }
                (verdict, outcome) => panic!("{one:?}: the twin says {verdict:?}, the contract {outcome:?}"),
            }
        }
        let solution = self.evm.view(self.contract, &S::solutionCall { id });
        assert_eq!(self.market.verify(allocation), Ok(solution._1));
        assert_eq!(solution._2, packing::chain(allocation));
        self.accepted += 1;
    }

    /// Posts the best allocation and makes it final, two assignments a call.
    fn finish(&mut self, value: u128, allocation: &[Assignment]) {
        if value > 0 {
            let packed = packing::solution(&self.market, allocation).expect("its offers are the market's");
            let (offers, assignments) = (packed.offers.into(), packed.assignments.into());
            self.evm.must(owner(9), self.contract, &S::postSolutionCall { value, offers, assignments });
        }
        self.evm.set_time(3 * PHASE);
        let mut finals = Vec::new();
        for page in packing::pages(allocation, 2) {
            let call = S::finalizeCall { rest: page.rest, records: page.records.into() }.abi_encode();
            let Outcome::Done { logs, .. } = self.evm.send(owner(8), self.contract, call.into()) else {
                panic!("a page was refused");
            };
            finals.extend(logs.iter().filter_map(|log| S::AssignmentFinalized::decode_log(log).ok()).map(|log| {
                Assignment {
                    providing_offer: log.providingOffer,
                    consuming_offer: log.consumingOffer,
                    resource_type: log.resourceType,
                    quantity: log.quantity,
                    price: log.price,
                }
            }));
        }
        let status = self.evm.view(self.contract, &S::statusCall {});
        assert_eq!(status._1, 2, "the next cycle has begun");
        let sorted = |mut list: Vec<Assignment>| {
            list.sort_unstable();
            list
        };
        assert_eq!(sorted(finals), sorted(allocation.to_vec()));
    }
}

fn terms(random: &mut Random, is_huge: bool) -> Terms {
    let precision = if random.percent(50) { 1 + random.below(20) } else { 1_000_000 };
    let most = if is_huge { u64::MAX } else { 40 };
    let (weighted, benefit) = (is_huge || random.percent(40), is_huge || random.percent(40));
    let (bounded, paired) = (!is_huge && random.percent(40), random.percent(30));
    let mut rules = BTreeMap::new();
    for resource_type in [0, 2, EVERY_TYPE] {
        if random.percent(60) {
            let weight = if is_huge { u64::MAX - random.below(9) } else { random.below(5) };
            let min_price = random.below(12);
            rules.insert(resource_type, TypeRule { weight, min_price, max_price: min_price + random.below(15) });
        }
    }
    let mut pairs = BTreeSet::new();
    for provider in 0..OFFERS {
        for consumer in 0..OFFERS {
            if random.percent(60) {
                let resource_type = random.pick(&[0, 1, 3, EVERY_TYPE, EVERY_TYPE]).expect("a type");
                pairs.insert(Pair { resource_type, provider: owner(provider), consumer: owner(consumer) });
            }
        }
    }
    Terms { weighted, benefit, bounded, paired, rules, pairs, ..Terms::new(TYPES, precision, most) }
}

/// An offer; now and then one that breaks a rule.
fn offer(id: u64, terms: &Terms, random: &mut Random, is_huge: bool) -> Offer {
    let side = if random.percent(50) { Side::Providing } else { Side::Consuming };
    let mut alternatives = Vec::new();
    let same = 1 + random.below(40);
    let has_one_quantity = random.percent(40);
    for resource_type in 0..TYPES {
        if random.percent(70) {
            let quantity = if has_one_quantity { same } else { 1 + random.below(40) };
            let price = random.below(15) + if side == Side::Providing { 0 } else { 8 };
            let listed = Alternative { resource_type, quantity, price };
            let huge = Alternative {
                resource_type,
                quantity: u64::MAX - random.below(3),
                price: if side == Side::Providing { random.below(3) } else { u64::MAX - random.below(3) },
            };
            alternatives.push(if is_huge { huge } else { listed });
        }
    }
    if random.percent(25)
        && let Some(last) = alternatives.last_mut()
    {
        match random.below(4) {
            0 => last.quantity = 0,
            1 => last.quantity = terms.max_quantity.saturating_add(1 + random.below(3)),
            2 => last.resource_type = TYPES + random.below(2),
            _ => last.resource_type = 0,
        }
    }
    Offer { id, owner: owner(id - 1), side, alternatives }
}
