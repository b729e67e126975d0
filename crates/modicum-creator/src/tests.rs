//! A creator, shown markets that were folded from events.

use std::{
    sync::{Arc, mpsc::Receiver},
    time::Duration,
};

use alloy_primitives::Address;
use job_runtime::{Isolated, Leaky, Machine};
use job_storage::{Folder, Storage};
use jobs::{Bundle, Limits};
use modicum::{Config, Event, JobOffer, Match, Shares};
use tempfile::TempDir;

use super::*;

const NOW: u64 = 1000;
const DEADLINE: u64 = 5000;

struct Place {
    folder: TempDir,
    machine: Arc<dyn Machine>,
    storage: Arc<dyn Storage>,
    job: Bundle,
    view: View,
}

impl Place {
    fn new(job: Bundle) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Arc::new(Folder::open(&folder.path().join("store")).unwrap());
        let config = Config {
            token: Address::ZERO,
            penalty_rate: 1,
            verifications: 2,
            reaction_seconds: 100,
            verdict_seconds: 100,
            longest_seconds: 10_000,
            solver_fee: 0,
            stake: 0,
        };
        let machine = Arc::new(Isolated { patience: Duration::from_mins(5) });
        let mut place = Self { folder, machine, storage, job, view: View::new(config).unwrap() };
        for account in [1, 2].map(Address::repeat_byte) {
            place.tell(Event::FundsDeposited { account, amount: 1 << 60 });
        }
        place
    }

    fn tell(&mut self, event: Event) {
        self.view.apply(event, 1).unwrap();
    }

    fn offer(&self) -> JobOffer {
        let limits = Limits::default();
        JobOffer {
            creator: Address::repeat_byte(1),
            deposit: 1 << 40,
            instruction_limit: limits.instructions,
            memory_limit: limits.memory_bytes,
            storage_limit: limits.storage_bytes,
            bandwidth_limit: limits.bandwidth_bytes,
            max_instruction_price: 10,
            max_bandwidth_price: 0,
            architecture: 0,
            meter_id: B256::ZERO,
            base_layer: B256::ZERO,
            job_hash: B256::from(self.job.tree().hash().0),
            directory: 0,
            deadline: DEADLINE,
            nonce: 0,
        }
    }

    fn creator(&self, behaviour: Behaviour, rate: f64) -> (Creator, Receiver<Step>) {
        let (steps, happened) = std::sync::mpsc::channel();
        let order = Order { offer: self.offer(), job: self.job.clone(), out: self.folder.path().join("out") };
        let verification = Verification::Rate(rate);
        let settings = Settings { behaviour, verification, secret: B256::ZERO, posts_offer: true };
        let checker = Checker { machine: Arc::clone(&self.machine), storage: Arc::clone(&self.storage) };
        (Creator::new("creator", order, settings, checker, steps), happened)
    }

    fn matched(&mut self) -> B256 {
        let job = self.offer();
        let contents = Match {
            job_offer: job.name(),
            resource_offer: B256::ZERO,
            creator: job.creator,
            provider: Address::repeat_byte(2),
            mediator: Address::repeat_byte(5),
            directory_owner: Address::repeat_byte(6),
            directory: 0,
            deadline: DEADLINE,
            estimate: 100,
            mediator_fee: 0,
            directory_fee: 0,
            instruction_limit: job.instruction_limit,
            bandwidth_limit: job.bandwidth_limit,
            instruction_price: 10,
            bandwidth_price: 0,
        };
        let id = contents.name();
        self.tell(Event::JobOffered { offer: job.name(), contents: job });
        self.tell(Event::Matched { id, solver: Address::ZERO, contents });
        id
    }

    /// The provider ran the job, or says that it did, and used so many more instructions.
    fn reported(&mut self, id: B256, is_right: bool, more: u64) {
        let out = tempfile::tempdir().unwrap();
        let outcome = self.machine.run(&self.job, Limits::default(), out.path()).unwrap();
        let mut result = Bundle::of_folder(out.path()).unwrap();
        if !is_right {
            result = Bundle::default();
            result.add_bytes("stdout".parse().unwrap(), b"1".to_vec()).unwrap();
        }
        self.storage.put(&result).unwrap();
        self.tell(Event::ResultPosted {
            id,
            status: outcome.status,
            result_hash: B256::from(result.tree().hash().0),
            instructions: outcome.usage.instructions + more,
            bandwidth: outcome.usage.bandwidth_bytes,
            price: 50,
        });
    }
}

fn spin() -> Bundle {
    sample_jobs::spin(1).bundle().unwrap()
}

fn call(intents: Vec<Intent<Call>>) -> Option<Call> {
    assert!(intents.len() < 2, "{intents:?}");
    intents.into_iter().next().map(|intent| intent.call)
}

fn reason(intents: Vec<Intent<Call>>) -> Option<Reason> {
    match call(intents) {
        Some(Call::RejectResult { reason, .. }) => Some(reason),
        _ => None,
    }
}

#[test]
fn a_job_is_stored_offered_and_its_result_fetched() {
    let mut place = Place::new(spin());
    let (mut creator, happened) = place.creator(Behaviour::Honest, 1.0);
    assert!(matches!(call(creator.decide(&place.view, NOW)), Some(Call::PostJobOffer(_))));
    let fetched = place.storage.get(place.job.tree().hash(), &place.folder.path().join("job"), 1 << 30);
    assert!(fetched.is_ok(), "it is stored before it is offered");
    let id = place.matched();
    assert_eq!(call(creator.decide(&place.view, NOW)), None);
    place.reported(id, true, 0);
    assert!(matches!(call(creator.decide(&place.view, NOW)), Some(Call::AcceptResult(_))));
    place.tell(Event::MatchClosed { id, ending: Ending::Accepted, shares: Shares::default() });
    assert_eq!(call(creator.decide(&place.view, NOW)), None);
    let last = happened.try_iter().last();
    let folder = place.folder.path().join("out");
    assert_eq!(last, Some(Step::Done { id, status: Status::Completed, folder: folder.clone() }));
    assert!(std::fs::read_to_string(folder.join("stdout")).unwrap().len() > 1);
}

#[test]
fn a_result_that_was_fetched_before_the_program_ended_is_found_by_the_next() {
    let mut place = Place::new(spin());
    let id = place.matched();
    place.reported(id, true, 0);
    place.tell(Event::MatchClosed { id, ending: Ending::Accepted, shares: Shares::default() });
    for _ in 0..2 {
        let (mut creator, happened) = place.creator(Behaviour::Honest, 1.0);
        assert_eq!(call(creator.decide(&place.view, NOW)), None);
        assert!(matches!(happened.try_iter().last(), Some(Step::Done { .. })));
    }
    std::fs::write(place.folder.path().join("out/stdout"), "something else").unwrap();
    let (mut creator, happened) = place.creator(Behaviour::Honest, 1.0);
    assert_eq!(call(creator.decide(&place.view, NOW)), None);
    assert!(matches!(happened.try_iter().last(), Some(Step::Failed { .. })));
}

#[test]
fn nothing_is_fetched_of_a_job_that_was_not_run_though_the_directory_is_gone() {
    let mut place = Place::new(spin());
    let id = place.matched();
    let (status, result_hash) = (Status::DirectoryUnavailable, B256::from(jobs::Tree::default().hash().0));
    place.tell(Event::ResultPosted { id, status, result_hash, instructions: 0, bandwidth: 0, price: 0 });
    place.tell(Event::MatchClosed { id, ending: Ending::Accepted, shares: Shares::default() });
    std::fs::remove_dir_all(place.folder.path().join("store")).unwrap();
    let (mut creator, happened) = place.creator(Behaviour::Honest, 1.0);
    assert_eq!(call(creator.decide(&place.view, NOW)), None);
    assert!(matches!(happened.try_iter().last(), Some(Step::Failed { .. })));
}

#[test]
fn what_is_verified_and_wrong_is_rejected_with_its_reason() {
    for (is_right, more, expected) in [(false, 0, Reason::WrongResult), (true, 1, Reason::UsageTooHigh)] {
        let mut place = Place::new(spin());
        let id = place.matched();
        place.reported(id, is_right, more);
        let (mut verifying, _steps) = place.creator(Behaviour::Honest, 1.0);
        assert_eq!(reason(verifying.decide(&place.view, NOW)), Some(expected));
        let (mut passing, _steps) = place.creator(Behaviour::Honest, 0.0);
        assert!(matches!(call(passing.decide(&place.view, NOW)), Some(Call::AcceptResult(_))));
    }
}

#[test]
fn a_result_that_is_not_stored_is_missed_even_unverified() {
    let mut place = Place::new(spin());
    let id = place.matched();
    place.tell(Event::ResultPosted {
        id,
        status: Status::Completed,
        result_hash: B256::repeat_byte(3),
        instructions: 1,
        bandwidth: 1,
        price: 1,
    });
    let (mut creator, _steps) = place.creator(Behaviour::Honest, 0.0);
    assert_eq!(reason(creator.decide(&place.view, NOW)), Some(Reason::ResultNotFound));
}

#[test]
fn an_outage_is_claimed_once_half_of_the_time_is_over() {
    let mut place = Place::new(spin());
    let id = place.matched();
    place.reported(id, true, 0);
    let (mut creator, _steps) = place.creator(Behaviour::Honest, 1.0);
    std::fs::remove_dir_all(place.folder.path().join("store/trees")).unwrap();
    assert_eq!(reason(creator.decide(&place.view, NOW)), None);
    assert_eq!(reason(creator.decide(&place.view, NOW + 50)), None);
    assert_eq!(reason(creator.decide(&place.view, NOW + 51)), Some(Reason::DirectoryUnavailable));
}

#[test]
fn a_job_that_is_not_deterministic_looks_wrong_to_its_own_creator() {
    let monte_carlo = sample_jobs::samples().into_iter().find(|sample| sample.name == "monte-carlo").unwrap();
    let arguments = vec![job_runtime::CHANCE.to_owned(), "200".to_owned()];
    let mut place = Place::new(sample_jobs::Sample { arguments, ..monte_carlo }.bundle().unwrap());
    place.machine = Arc::new(Leaky { patience: Duration::from_mins(5) });
    let id = place.matched();
    place.reported(id, true, 1_000_000);
    let (mut creator, _steps) = place.creator(Behaviour::Honest, 1.0);
    assert_eq!(reason(creator.decide(&place.view, NOW)), Some(Reason::WrongResult));
}

#[test]
fn nobody_waits_for_ever() {
    let mut place = Place::new(spin());
    let (mut creator, happened) = place.creator(Behaviour::Silent, 1.0);
    let id = place.matched();
    assert_eq!(call(creator.decide(&place.view, DEADLINE)), None);
    assert!(matches!(call(creator.decide(&place.view, DEADLINE + 1)), Some(Call::ClaimNoResult(_))));
    place.tell(Event::MatchClosed { id, ending: Ending::NoResult, shares: Shares::default() });
    assert!(matches!(call(creator.decide(&place.view, DEADLINE + 1)), Some(Call::CancelJobOffer(_))));
    place.tell(Event::OfferCancelled { offer: place.offer().name(), owner: Address::repeat_byte(1) });
    creator.decide(&place.view, DEADLINE + 2);
    assert!(matches!(happened.try_iter().last(), Some(Step::Failed { .. })));
}

#[test]
fn a_dispute_without_a_verdict_ends() {
    let mut place = Place::new(spin());
    let id = place.matched();
    place.reported(id, true, 0);
    let (mut creator, _steps) = place.creator(Behaviour::Denying, 0.0);
    assert_eq!(reason(creator.decide(&place.view, NOW)), Some(Reason::WrongResult));
    place.tell(Event::ResultRejected { id, reason: Reason::WrongResult, until: NOW + 100 });
    assert_eq!(call(creator.decide(&place.view, NOW + 100)), None);
    assert!(matches!(call(creator.decide(&place.view, NOW + 101)), Some(Call::ClaimNoVerdict(_))));
}
