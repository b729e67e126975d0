//! `Modicum`: the same calls for the contract and for its twin.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use modicum::{
    Config, Event, Finding, JobOffer, Market, Match, Pairing, Phase, Reason, Refusal, ResourceOffer, ServiceKind,
    Status, Usage, View,
};

use crate::{
    contract::{
        Modicum as M,
        PaymentToken::{self as Token},
    },
    evm::{Evm, Outcome},
    modicum_refusals::{encode, number},
    modicum_words::{a_match, decode, job, kind_number, resource, wide},
    random::Random,
};

const START: u64 = 1_700_000_000;
const MONEY: u128 = 1_000_000_000_000;
const CREATOR: u8 = 1;
const PROVIDER: u8 = 2;
const MEDIATOR: u8 = 3;
const DIRECTORY: u8 = 4;
const SOLVER: u8 = 5;
const PARTIES: u8 = 6;
const MEDIATOR_ID: u32 = 0;
const DIRECTORY_ID: u32 = 1;

struct World {
    evm: Evm,
    contract: Address,
    market: Market,
    view: View,
    time: u64,
    nonce: u64,
    refused: BTreeSet<String>,
    accepted: BTreeSet<String>,
}

fn who(number: u8) -> Address {
    Address::repeat_byte(number)
}

fn meter() -> B256 {
    B256::repeat_byte(0x77)
}

impl World {
    fn new(stake: u128) -> Self {
        let mut evm = Evm::new(START);
        let token = evm.create(who(SOLVER), Token::BYTECODE.clone());
        let config = Config {
            token,
            penalty_rate: 3,
            verifications: 2,
            reaction_seconds: 100,
            verdict_seconds: 200,
            longest_seconds: 5_000,
            solver_fee: 7,
            stake,
        };
        let c = M::ModicumConfig {
            token,
            penaltyRate: config.penalty_rate,
            verifications: config.verifications,
            reactionSeconds: config.reaction_seconds,
            verdictSeconds: config.verdict_seconds,
            longestSeconds: config.longest_seconds,
            solverFee: wide!(config.solver_fee),
            stake: wide!(config.stake),
        };
        let contract = evm.deploy(who(SOLVER), &M::BYTECODE, &M::constructorCall { c });
        let market = Market::new(config).expect("a good configuration");
        let view = View::new(config).expect("a good configuration");
        let (refused, accepted) = (BTreeSet::new(), BTreeSet::new());
        let mut world = Self { evm, contract, market, view, time: START, nonce: 0, refused, accepted };
        for party in 1..=PARTIES {
            let amount = U256::from(MONEY);
            world.evm.must(who(SOLVER), token, &Token::mintCall { account: who(party), amount });
            world.evm.must(who(party), token, &Token::approveCall { spender: contract, value: amount });
            world.call(party, &M::depositFundsCall { amount }, |m, _| m.deposit_funds(who(party), MONEY));
        }
        world.register(MEDIATOR, ServiceKind::Mediator, 11);
        world.register(DIRECTORY, ServiceKind::Directory, 13);
        for party in 1..=PARTIES {
            world.trust(party, U256::MAX);
        }
        world
    }

    /// Makes a call on both sides and compares all there is to compare of it.
    fn call<C: SolCall>(
        &mut self,
        caller: u8,
        call: &C,
        twin: impl FnOnce(&mut Market, u64) -> Result<Vec<Event>, Refusal>,
    ) -> Option<Vec<Event>> {
        let outcome = self.evm.send(who(caller), self.contract, call.abi_encode().into());
        let expected = twin(&mut self.market, self.time);
        match (outcome, expected) {
            (Outcome::Done { logs, .. }, Ok(events)) => {
                // The token tells of its transfers, too.
                let told: Vec<_> = logs.iter().filter(|log| log.address == self.contract).map(decode).collect();
                assert_eq!(told, events, "{}", C::SIGNATURE);
                self.accepted.insert(name(C::SIGNATURE));
                self.follow(&events);
                Some(events)
            }
            (Outcome::Reverted(data), Err(refusal)) => {
                assert_eq!(data, Bytes::from(encode(refusal)), "{} {refusal:?}", C::SIGNATURE);
                self.refused.insert(name(&format!("{refusal:?}")));
                None
            }
            (outcome, expected) => panic!("{} by {caller}: {outcome:?}, and the twin: {expected:?}", C::SIGNATURE),
        }
    }

    /// What the events tell is what the twin has: balances, services, states of offers; and no money is missing.
    fn follow(&mut self, events: &[Event]) {
        for event in events {
            self.view.apply(event.clone(), 0).expect("an event follows from those before it");
        }
        assert!(self.view.ledger().is_balanced(), "M1: {:?} after {events:?}", self.view.ledger());
        let (told, own) = (self.view.market(), &self.market);
        for party in 0..=PARTIES {
            assert_eq!(told.funds(who(party)), own.funds(who(party)), "after {events:?}");
        }
        assert_eq!((told.services(), told.burned()), (own.services(), own.burned()));
        for (id, course) in self.view.courses() {
            let m = &course.contents;
            assert_eq!(course.phase(), own.match_state(id).map(|state| state.phase));
            assert_eq!(told.job_offer_state(m.job_offer), own.job_offer_state(m.job_offer));
            assert_eq!(told.res_offer_state(m.resource_offer), own.res_offer_state(m.resource_offer));
        }
    }

    fn compare_states(&mut self) {
        for party in 0..=PARTIES {
            let told = self.evm.view(self.contract, &M::fundsCall { account: who(party) });
            let expected = if party == 0 { self.market.burned() } else { self.market.funds(who(party)) };
            assert_eq!(told, U256::from(expected), "the balance of {party}");
        }
        for (id, service) in self.market.services().iter().enumerate() {
            let id = u32::try_from(id).expect("few services");
            let told = self.evm.view(self.contract, &M::serviceCall { id });
            let release = U256::from(told.releaseTime);
            assert_eq!((told.owner, U256::from(told.stake)), (service.owner, U256::from(service.stake)));
            assert_eq!((told.kind, release), (kind_number(service.kind), U256::from(service.release_time)));
        }
    }

    fn compare_match(&mut self, m: &Match) {
        let id = m.name();
        let told = self.evm.view(self.contract, &M::matchStateCall { id });
        let phase = self.market.match_state(id).map_or(0, |state| match state.phase {
            Phase::Matched => 1,
            Phase::Reported => 2,
            Phase::Disputed => 3,
        });
        assert_eq!(told.phase, phase, "the phase");
        let (until, price) = self.market.match_state(id).map_or((0, 0), |state| (state.until, state.price));
        assert_eq!((U256::from(told.until), U256::from(told.price)), (U256::from(until), U256::from(price)));
        let told = self.evm.view(self.contract, &M::jobOfferStateCall { name: m.job_offer });
        assert_eq!(told, number(self.market.job_offer_state(m.job_offer)), "the job offer's state");
        let told = self.evm.view(self.contract, &M::resOfferStateCall { name: m.resource_offer });
        assert_eq!(told, number(self.market.res_offer_state(m.resource_offer)), "the resource offer's state");
    }

    fn wait(&mut self, seconds: u64) {
        self.time += seconds;
        self.evm.set_time(self.time);
    }

    fn register(&mut self, party: u8, kind: ServiceKind, fee: u128) {
        let call =
            M::registerServiceCall { kind: kind_number(kind), architecture: 0, meterId: meter(), fee: wide!(fee) };
        self.call(party, &call, |m, _| m.register_service(who(party), kind, 0, meter(), fee));
    }

    fn trust(&mut self, party: u8, services: U256) {
        self.call(party, &M::trustCall { word: 0, services }, |m, _| Ok(m.trust(who(party), 0, services)));
    }

    fn job(&mut self) -> JobOffer {
        self.nonce += 1;
        JobOffer {
            creator: who(CREATOR),
            deposit: 100_000_000,
            instruction_limit: 30_000_000_000,
            memory_limit: 1000,
            storage_limit: 2000,
            bandwidth_limit: 1 << 31,
            max_instruction_price: 5_001,
            max_bandwidth_price: 403,
            architecture: 0,
            meter_id: meter(),
            base_layer: B256::ZERO,
            job_hash: B256::repeat_byte(9),
            directory: DIRECTORY_ID,
            deadline: self.time + 1_000,
            nonce: self.nonce,
        }
    }

    fn resource(&mut self) -> ResourceOffer {
        self.nonce += 1;
        ResourceOffer {
            provider: who(PROVIDER),
            deposit: 100_000_000,
            instructions: 50_000_000_000,
            instructions_per_second: 1_000_000_000,
            memory_bytes: 1000,
            storage_bytes: 2000,
            bandwidth_bytes: 1 << 32,
            instruction_price: 3_003,
            bandwidth_price: 201,
            architecture: 0,
            meter_id: meter(),
            base_layers: B256::ZERO,
            expiry: self.time + 2_000,
            nonce: self.nonce,
        }
    }

    fn post(&mut self, j: &JobOffer, r: &ResourceOffer) {
        self.call(CREATOR, &M::postJobOfferCall { offer: job(j) }, |m, _| m.post_job_offer(who(CREATOR), j));
        self.call(PROVIDER, &M::postResOfferCall { offer: resource(r) }, |m, _| m.post_res_offer(who(PROVIDER), r));
    }

    fn pair(&mut self, j: &JobOffer, r: &ResourceOffer, mediator: u32, proof: &[B256]) -> Option<Match> {
        let call = M::postMatchCall {
            job: job(j),
            jobSignature: Bytes::new(),
            resource: resource(r),
            resourceSignature: Bytes::new(),
            mediator,
            layerProof: proof.to_vec(),
        };
        let pairing = Pairing {
            job: j,
            is_job_signed: false,
            resource: r,
            is_resource_signed: false,
            mediator,
            layer_proof: proof,
        };
        let events = self.call(SOLVER, &call, |m, time| m.post_match(who(SOLVER), &pairing, time))?;
        events.into_iter().find_map(|event| match event {
            Event::Matched { contents, .. } => Some(contents),
            _ => None,
        })
    }

    fn matched(&mut self) -> Match {
        let (j, r) = (self.job(), self.resource());
        self.post(&j, &r);
        self.pair(&j, &r, MEDIATOR_ID, &[]).expect("they fit")
    }

    fn report(&mut self, caller: u8, m: &Match, status: Status, used: Usage) {
        let result_hash = B256::repeat_byte(8);
        let call = M::postResultCall {
            m: a_match(m),
            status: status.number(),
            resultHash: result_hash,
            instructions: used.instructions,
            bandwidth: used.bandwidth,
        };
        self.call(caller, &call, |market, time| market.post_result(who(caller), m, status, result_hash, used, time));
    }

    fn accept(&mut self, caller: u8, m: &Match) {
        let call = M::acceptResultCall { m: a_match(m) };
        self.call(caller, &call, |market, time| market.accept_result(who(caller), m, time));
    }

    fn reject(&mut self, caller: u8, m: &Match, reason: Reason) {
        let call = M::rejectResultCall { m: a_match(m), reason: reason.number() };
        self.call(caller, &call, |market, time| market.reject_result(who(caller), m, reason, time));
    }

    fn judge(&mut self, caller: u8, m: &Match, finding: Finding, spent: u128) {
        let dossier = B256::repeat_byte(6);
        let call =
            M::postMediationResultCall { m: a_match(m), finding: finding.number(), spent: wide!(spent), dossier };
        self.call(caller, &call, |market, time| {
            market.post_mediation_result(who(caller), m, finding, spent, dossier, time)
        });
    }

    fn time_out(&mut self, caller: u8, m: &Match) {
        let call = M::claimNoResultCall { m: a_match(m) };
        self.call(caller, &call, |market, time| market.claim_no_result(who(caller), m, time));
        let call = M::claimNoVerdictCall { m: a_match(m) };
        self.call(caller, &call, |market, time| market.claim_no_verdict(who(caller), m, time));
    }
}

/// A call's or a refusal's name.
fn name(words: &str) -> String {
    words.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

/// Every status, reason, finding (or none in time) and caller; three usages, of which one is over the limits.
#[test]
fn contract_and_twin_agree_on_every_way_a_match_can_end() {
    for stake in [0, 1_000] {
        let mut world = World::new(stake);
        let over = Usage { instructions: u64::MAX, bandwidth: u64::MAX };
        let usages = [Usage::default(), Usage { instructions: 20_123_456_789, bandwidth: 1 << 30 }, over];
        for (place, status) in Status::ALL.iter().enumerate() {
            for reason in Reason::ALL {
                for finding in Finding::ALL.iter().map(Some).chain([None]) {
                    let m = world.matched();
                    world.report(PROVIDER, &m, *status, usages[place % 3]);
                    world.reject(CREATOR, &m, *reason);
                    if let Some(finding) = finding {
                        for caller in [CREATOR, PROVIDER, DIRECTORY, SOLVER, MEDIATOR] {
                            world.judge(caller, &m, *finding, m.estimate);
                        }
                    }
                    world.wait(150);
                    world.accept(PROVIDER, &m);
                    world.wait(60);
                    for caller in [MEDIATOR, SOLVER, if place % 2 == 0 { CREATOR } else { PROVIDER }] {
                        world.time_out(caller, &m);
                    }
                    world.wait(1_000);
                    world.time_out(CREATOR, &m);
                    world.compare_match(&m);
                    assert!(world.market.match_state(m.name()).is_none(), "{m:?} has not ended");
                }
            }
        }
        world.compare_states();
    }
}

#[test]
fn contract_and_twin_agree_on_the_match_rule() {
    let mut refused = BTreeSet::new();
    let mut matched = 0;
    for seed in 0..1_500 {
        let mut random = Random::new(seed);
        let mut world = World::new(if random.percent(30) { 500 } else { 0 });
        let (mut j, mut r) = (world.job(), world.resource());
        let (mut mediator, mut proof) = (MEDIATOR_ID, Vec::new());
        for _ in 0..random.below(3) {
            let change = random.below(24);
            spoil(&mut world, &mut random, change, &mut j, &mut r, &mut mediator, &mut proof);
        }
        if random.percent(95) {
            world.post(&j, &r);
        }
        let first = world.pair(&j, &r, mediator, &proof);
        matched += u32::from(first.is_some());
        if let Some(m) = first {
            world.pair(&j, &r, mediator, &proof);
            world.compare_match(&m);
        }
        world.compare_states();
        refused.append(&mut world.refused);
    }
    let wanted = [
        "BadSignature",
        "BandwidthTooDear",
        "BaseLayerUnsupported",
        "DepositTooSmall",
        "InstructionsTooDear",
        "InsufficientFunds",
        "NotDirectory",
        "NotMediator",
        "NotTrusted",
        "OfferExpired",
        "OfferUnavailable",
        "OtherArchitecture",
        "OtherMeter",
        "TooFewInstructions",
        "TooLittleBandwidth",
        "TooLittleMemory",
        "TooLittleStorage",
        "TooLong",
        "TooSlow",
        "UnknownService",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| !refused.contains(**name)).collect();
    assert!(missing.is_empty(), "never refused: {missing:?}");
    assert!(matched > 200, "only {matched} were matched");
}

/// Breaks something, or only moves it to the edge of what is allowed.
fn spoil(
    world: &mut World,
    random: &mut Random,
    change: u64,
    j: &mut JobOffer,
    r: &mut ResourceOffer,
    mediator: &mut u32,
    proof: &mut Vec<B256>,
) {
    let edge = random.below(2);
    match change {
        0 => r.expiry = world.time - edge,
        1 => r.instructions = j.instruction_limit - edge,
        2 => r.memory_bytes = j.memory_limit - edge,
        3 => r.storage_bytes = j.storage_limit - edge,
        4 => r.bandwidth_bytes = j.bandwidth_limit - edge,
        5 => r.instruction_price = j.max_instruction_price.saturating_add(edge),
        6 => r.bandwidth_price = j.max_bandwidth_price.saturating_add(edge),
        7 => r.architecture = 1,
        8 => r.meter_id = B256::ZERO,
        9 => {
            j.base_layer = B256::repeat_byte(5);
            r.base_layers = if edge == 0 { j.base_layer } else { B256::ZERO };
        }
        10 => {
            let [low, high] = [B256::repeat_byte(4), B256::repeat_byte(5)];
            (j.base_layer, *proof) = if edge == 0 { (low, vec![high]) } else { (high, vec![low]) };
            r.base_layers = alloy_primitives::keccak256([low.0, high.0].concat());
        }
        11 => r.instructions_per_second = random.below(40_000_000),
        12 => j.deadline = world.time + 5_000 + edge,
        13 => j.deadline = world.time + 29 + edge,
        14 => j.deposit = u128::from(random.below(1_500_000)),
        15 => r.deposit = u128::from(random.below(1_500_000)),
        16 => *mediator = u32::try_from(random.below(4)).expect("small"),
        17 => j.directory = u32::try_from(random.below(4)).expect("small"),
        18 => {
            let party = u8::try_from(1 + random.below(5)).expect("small");
            let services = U256::from(random.below(4));
            world.trust(party, services);
        }
        19 => {
            let meter_id = if edge == 0 { meter() } else { B256::ZERO };
            let architecture = u8::from(random.percent(50));
            let call = M::updateServiceCall { id: 0, architecture, meterId: meter_id, fee: wide!(99_u64) };
            world.call(MEDIATOR, &call, |m, _| m.update_service(who(MEDIATOR), 0, architecture, meter_id, 99));
        }
        20 => {
            let party = if edge == 0 { MEDIATOR } else { DIRECTORY };
            let id = u32::from(party - MEDIATOR);
            world.call(party, &M::retireServiceCall { id }, |m, time| m.retire_service(who(party), id, time));
            world.wait(5_301 * random.below(2));
            world.call(party, &M::releaseStakeCall { id }, |m, time| m.release_stake(who(party), id, time));
        }
        21 => {
            let party = if edge == 0 { CREATOR } else { PROVIDER };
            let amount = MONEY - u128::from(random.below(1_500_000));
            let call = M::withdrawFundsCall { amount: U256::from(amount) };
            world.call(party, &call, |m, _| m.withdraw_funds(who(party), amount));
        }
        22 => {
            let (caller, offer) = (if edge == 0 { CREATOR } else { SOLVER }, job(j));
            world.call(caller, &M::cancelJobOfferCall { offer }, |m, _| m.cancel_job_offer(who(caller), j));
        }
        _ => {
            (j.instruction_limit, j.max_instruction_price) = (u64::MAX, u64::MAX);
            (r.instructions, r.instructions_per_second) = (u64::MAX, u64::MAX);
        }
    }
}
