//! What a view is when it was written down and read again.

use alloy_primitives::{Address, B256, b256, keccak256};
use modicum::{Config, Event, JobOffer, Match, View};

/// A market with a match in it.
fn matched() -> View {
    let config = Config {
        token: Address::repeat_byte(7),
        penalty_rate: 1,
        verifications: 2,
        reaction_seconds: 100,
        verdict_seconds: 100,
        longest_seconds: 10_000,
        solver_fee: 0,
        stake: 0,
    };
    let [creator, provider] = [1, 2].map(Address::repeat_byte);
    let offer = JobOffer {
        creator,
        deposit: 1 << 40,
        instruction_limit: 1_000_000,
        memory_limit: 1 << 28,
        storage_limit: 1 << 24,
        bandwidth_limit: 1 << 28,
        max_instruction_price: 10,
        max_bandwidth_price: 0,
        architecture: 0,
        meter_id: B256::ZERO,
        base_layer: B256::ZERO,
        job_hash: B256::repeat_byte(3),
        directory: 0,
        deadline: 2_000,
        nonce: 1,
    };
    let contents = Match {
        job_offer: offer.name(),
        resource_offer: B256::repeat_byte(4),
        creator,
        provider,
        mediator: Address::repeat_byte(5),
        directory_owner: Address::repeat_byte(6),
        directory: 0,
        deadline: 2_000,
        estimate: 10,
        mediator_fee: 0,
        directory_fee: 0,
        instruction_limit: offer.instruction_limit,
        bandwidth_limit: offer.bandwidth_limit,
        instruction_price: 10,
        bandwidth_price: 0,
    };
    let funded = |account| Event::FundsDeposited { account, amount: 1 << 60 };
    let matched = Event::Matched { id: contents.name(), solver: Address::ZERO, contents };
    let events =
        [funded(creator), funded(provider), Event::JobOffered { offer: offer.name(), contents: offer }, matched];
    let mut view = View::new(config).expect("a sound configuration");
    for event in events {
        view.apply(event, 1).expect("it follows");
    }
    view
}

#[test]
fn it_is_the_same_and_told_by_its_form() {
    let view = matched();
    assert_eq!(view.courses().count(), 1);
    let bytes = postcard::to_allocvec(&view).expect("a view can be written down");
    assert_eq!(postcard::from_bytes(&bytes), Ok(view));
    let known = b256!("0c9f1705da2f2b5383476a2da66a64c7d528fef53a01183b02900e732ece0115");
    assert_eq!((View::FORM, keccak256(bytes)), (1, known), "another form needs another number");
}
