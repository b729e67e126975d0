//! Markets in which not everything can be matched.

use alloy_primitives::{Address, B256, U256};
use bindings::modicum::Place;
use modicum::{Config, Event, JobOffer, ResourceOffer, ServiceKind, View};

use crate::{Board, Plan, Why, plan};

const NOW: u64 = 1000;
const CREATOR: u8 = 1;
const PROVIDER: u8 = 2;
/// Enough for any match here.
const MUCH: u128 = 1_000_000_000;

/// A job of `instructions` million instructions, of creator 1.
pub fn job(millions: u64) -> JobOffer {
    JobOffer {
        creator: Address::repeat_byte(CREATOR),
        deposit: MUCH,
        instruction_limit: millions * 1_000_000,
        memory_limit: 1,
        storage_limit: 1,
        bandwidth_limit: 1,
        max_instruction_price: 10,
        max_bandwidth_price: 10,
        architecture: 0,
        meter_id: B256::ZERO,
        base_layer: B256::ZERO,
        job_hash: B256::repeat_byte(9),
        directory: 1,
        deadline: NOW + 100,
        nonce: millions,
    }
}

fn resource(millions: u64, price: u64, provider: u8) -> ResourceOffer {
    ResourceOffer {
        provider: Address::repeat_byte(provider),
        deposit: MUCH,
        instructions: millions * 1_000_000,
        instructions_per_second: 1_000_000_000,
        memory_bytes: 1,
        storage_bytes: 1,
        bandwidth_bytes: 1,
        instruction_price: price,
        bandwidth_price: 0,
        architecture: 0,
        meter_id: B256::ZERO,
        base_layers: B256::ZERO,
        expiry: NOW + 100,
        nonce: price,
    }
}

fn market(jobs: &[JobOffer], resources: &[ResourceOffer], funds: &[(u8, u128)]) -> View {
    let config = Config {
        token: Address::ZERO,
        penalty_rate: 1,
        verifications: 2,
        reaction_seconds: 10,
        verdict_seconds: 10,
        longest_seconds: 1000,
        solver_fee: 0,
        stake: 0,
    };
    let mut view = View::new(config).unwrap();
    let mut events = Vec::new();
    for (id, kind) in [ServiceKind::Mediator, ServiceKind::Directory].into_iter().enumerate() {
        let (id, owner) = (u32::try_from(id).unwrap(), Address::repeat_byte(7));
        let meter_id = B256::ZERO;
        events.push(Event::ServiceRegistered { id, owner, kind, architecture: 0, meter_id, fee: 0 });
    }
    for account in [1, 2, 3, 7].map(Address::repeat_byte) {
        events.push(Event::Trusted { account, word: 0, services: U256::from(3) });
    }
    for (account, amount) in funds {
        events.push(Event::FundsDeposited { account: Address::repeat_byte(*account), amount: *amount });
    }
    events.extend(jobs.iter().map(|job| Event::JobOffered { offer: job.name(), contents: job.clone() }));
    let resources = resources.iter();
    events.extend(resources.map(|one| Event::ResourceOffered { offer: one.name(), contents: one.clone() }));
    for event in events {
        view.apply(event, 1).unwrap();
    }
    view
}

fn planned(view: &View) -> Plan {
    let place = Place { chain_id: 1, market: Address::ZERO, token: Address::ZERO, block: 0 };
    plan(view, &Board::new(place), NOW)
}

const ALL: [(u8, u128); 3] = [(CREATOR, MUCH), (PROVIDER, MUCH), (3, MUCH)];

#[test]
fn as_many_are_matched_as_can_be() {
    // The small job fits both, the large one only the cheap resource, which the small one would take first.
    let (small, large) = (job(1), job(5));
    let view = market(&[small, large], &[resource(5, 1, PROVIDER), resource(1, 2, 3)], &ALL);
    assert_eq!(planned(&view).pairs.len(), 2);
}

#[test]
fn each_offer_that_is_left_has_its_reason() {
    let (dear, small) = (resource(9, 11, PROVIDER), resource(1, 1, 3));
    let plan = planned(&market(&[job(5)], &[dear.clone(), small.clone()], &ALL));
    assert!(plan.pairs.is_empty());
    let told = plan.jobs_left[&job(5).name()].to_string();
    assert!(told.contains("asks 11") && told.contains("up to 1000000 instructions"), "{told}");
    assert!(plan.resources_left[&dear.name()].to_string().contains("pays at most 10"));
    let plan = planned(&market(&[job(5)], &[], &ALL));
    assert_eq!(plan.jobs_left[&job(5).name()], Why::Alone);
    let (one, two) = (job(4), job(5));
    let plan = planned(&market(&[one, two], &[resource(5, 1, PROVIDER)], &ALL));
    assert_eq!(plan.jobs_left.values().collect::<Vec<_>>(), [&Why::Taken]);
}

#[test]
fn money_that_is_enough_for_one_match_is_not_promised_to_two() {
    // π̂_c is 1 for the instructions and 1 for a byte; (3.2) asks for three times that.
    let funds = [(CREATOR, 8), (PROVIDER, MUCH), (3, MUCH)];
    let plan = planned(&market(&[job(1), job(2)], &[resource(5, 1, PROVIDER), resource(5, 2, 3)], &funds));
    assert_eq!(plan.pairs.len(), 1);
    let told = plan.jobs_left.values().next().unwrap().to_string();
    assert!(told.contains("needs 6"), "{told}");
    let nothing = planned(&market(&[job(1)], &[resource(5, 1, PROVIDER)], &[(PROVIDER, MUCH)]));
    assert!(nothing.jobs_left.values().next().unwrap().to_string().contains("has 0 base units"));
}
