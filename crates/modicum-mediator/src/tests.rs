//! A mediator, shown disputes that were folded from events.

use std::{sync::Arc, time::Duration};

use job_runtime::{Isolated, Leaky, Machine};
use job_storage::{Folder, Storage};
use jobs::{Bundle, Status};
use modicum::{Config, Ending, Event, JobOffer, Match, Reason};
use tempfile::TempDir;

use super::*;

const NOW: u64 = 1000;
const UNTIL: u64 = 2000;

struct Place {
    folder: TempDir,
    court: Court,
    job: Bundle,
    key: PrivateKeySigner,
    view: View,
}

impl Place {
    fn new(job: Bundle, machine: Arc<dyn Machine>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Arc::new(Folder::open(&folder.path().join("store")).unwrap());
        storage.put(&job).unwrap();
        let config = Config {
            token: Address::ZERO,
            penalty_rate: 1,
            verifications: 2,
            reaction_seconds: 100,
            verdict_seconds: 1000,
            longest_seconds: 10_000,
            solver_fee: 0,
            stake: 0,
        };
        let view = View::new(config).unwrap();
        let key = PrivateKeySigner::from_bytes(&B256::repeat_byte(5)).unwrap();
        Self { folder, court: Court { machine, storage }, job, key, view }
    }

    fn isolated() -> Self {
        Self::new(sample_jobs::spin(1).bundle().unwrap(), Arc::new(Isolated { patience: Duration::from_mins(5) }))
    }

    fn mediator(&self) -> Mediator {
        let place = Place::market();
        Mediator::new("mediator", place, self.key.clone(), self.court.clone(), self.folder.path().join("archive"))
    }

    fn market() -> bindings::modicum::Place {
        bindings::modicum::Place { chain_id: 7, market: Address::repeat_byte(8), token: Address::ZERO, block: 0 }
    }

    /// What the job comes to, and its result in the storage.
    fn run(&self) -> jobs::Outcome {
        let out = tempfile::tempdir().unwrap();
        let outcome = self.court.machine.run(&self.job, jobs::Limits::default(), out.path()).unwrap();
        self.court.storage.put(&Bundle::of_folder(out.path()).unwrap()).unwrap();
        outcome
    }

    fn disputed(&mut self, result: B256, instructions: u64, bandwidth: u64, reason: Reason) -> B256 {
        let limits = jobs::Limits::default();
        let job = JobOffer {
            creator: Address::repeat_byte(1),
            deposit: 1 << 40,
            instruction_limit: limits.instructions,
            memory_limit: limits.memory_bytes,
            storage_limit: limits.storage_bytes,
            bandwidth_limit: limits.bandwidth_bytes,
            max_instruction_price: 1000,
            max_bandwidth_price: 0,
            architecture: 0,
            meter_id: B256::ZERO,
            base_layer: B256::ZERO,
            job_hash: B256::from(self.job.tree().hash().0),
            directory: 0,
            deadline: NOW,
            nonce: 0,
        };
        let contents = Match {
            job_offer: job.name(),
            resource_offer: B256::ZERO,
            creator: job.creator,
            provider: Address::repeat_byte(2),
            mediator: self.key.address(),
            directory_owner: Address::repeat_byte(6),
            directory: 0,
            deadline: NOW,
            estimate: 10_000,
            mediator_fee: 0,
            directory_fee: 0,
            instruction_limit: job.instruction_limit,
            bandwidth_limit: job.bandwidth_limit,
            instruction_price: 1000,
            bandwidth_price: 0,
        };
        let id = contents.name();
        let (status, result_hash) = (Status::Completed, result);
        let funds =
            [1, 2].map(|account| Event::FundsDeposited { account: Address::repeat_byte(account), amount: 1 << 60 });
        let events = funds.into_iter().chain([
            Event::JobOffered { offer: job.name(), contents: job },
            Event::Matched { id, solver: Address::ZERO, contents },
            Event::ResultPosted { id, status, result_hash, instructions, bandwidth, price: 5 },
            Event::ResultRejected { id, reason, until: UNTIL },
        ]);
        for event in events {
            self.view.apply(event, 1).unwrap();
        }
        id
    }

    fn verdict(&self) -> Option<(Finding, u128, B256)> {
        let intents = self.mediator().decide(&self.view, NOW);
        match intents.into_iter().next()?.call {
            Call::PostMediationResult { finding, spent, dossier, .. } => Some((finding, spent, dossier)),
            other => panic!("{other}"),
        }
    }

    /// What was published under the name that the contract keeps.
    fn published(&self, dossier: B256) -> SignedDossier {
        let folder = self.folder.path().join(dossier.to_string());
        self.court.storage.get(ContentHash(dossier.0), &folder, 1 << 30).unwrap();
        SignedDossier::read(&std::fs::read(folder.join(DOSSIER_PATH)).unwrap()).unwrap()
    }
}

#[test]
fn a_right_result_is_the_creators_fault_and_the_dossier_shows_why() {
    let mut place = Place::isolated();
    let run = place.run();
    let used = run.usage.billed();
    place.disputed(B256::from(run.result.0), used.instructions, used.bandwidth, Reason::WrongResult);
    let (finding, spent, dossier) = place.verdict().unwrap();
    assert_eq!(finding, Finding::ResultsAgree);
    assert_eq!(spent, 2 * (u128::from(used.instructions) * 1000 / 1_000_000_000), "two runs at the match's price");
    let signed = place.published(dossier);
    assert_eq!(signed.dossier.evidence.runs.len(), 2);
    let rejudged = rejudge(&place.court, &signed.dossier).unwrap();
    assert!(rejudged.stands());
    assert_eq!(rejudged.ending_now, Some(Ending::CreatorAtFault));
}

#[test]
fn a_wrong_result_is_the_providers_fault_and_a_false_verdict_does_not_stand() {
    let mut place = Place::isolated();
    place.disputed(B256::repeat_byte(3), 1, 1, Reason::WrongResult);
    let (finding, _, dossier) = place.verdict().unwrap();
    assert_eq!(finding, Finding::ResultWrong);
    let mut signed = place.published(dossier);
    signed.dossier.finding = Finding::ResultsAgree;
    let false_one = SignedDossier::sign(signed.dossier, &place.key).unwrap();
    assert!(!rejudge(&place.court, &false_one.dossier).unwrap().stands());
}

#[test]
fn a_dossier_that_somebody_else_signed_or_changed_is_refused() {
    let mut place = Place::isolated();
    place.disputed(B256::repeat_byte(3), 1, 1, Reason::WrongResult);
    let (.., dossier) = place.verdict().unwrap();
    let signed = place.published(dossier);
    let mut changed = signed.clone();
    changed.dossier.spent += 1;
    let foreign = SignedDossier::sign(signed.dossier, &PrivateKeySigner::random()).unwrap();
    for bad in [changed, foreign] {
        let read = SignedDossier::read(&serde_json::to_vec(&bad).unwrap());
        assert!(matches!(read, Err(DossierError::Unsigned { .. })), "{read:?}");
    }
}

#[test]
fn a_job_that_is_not_deterministic_is_its_creators_fault() {
    let monte_carlo = sample_jobs::samples().into_iter().find(|sample| sample.name == "monte-carlo").unwrap();
    let arguments = vec![job_runtime::CHANCE.to_owned(), "200".to_owned()];
    let job = sample_jobs::Sample { arguments, ..monte_carlo }.bundle().unwrap();
    let mut place = Place::new(job, Arc::new(Leaky { patience: Duration::from_mins(5) }));
    let run = place.run();
    place.disputed(B256::from(run.result.0), 1, 1, Reason::WrongResult);
    assert_eq!(place.verdict().map(|(finding, ..)| finding), Some(Finding::ResultsDiffer));
}

#[test]
fn an_exaggerated_count_is_found_and_a_fair_one_too() {
    for (more, expected) in [(1, Finding::UsageTooHigh), (0, Finding::UsageFair)] {
        let mut place = Place::isolated();
        let run = place.run();
        let used = run.usage.billed();
        let result = B256::from(run.result.0);
        place.disputed(result, used.instructions + more, used.bandwidth, Reason::UsageTooHigh);
        assert_eq!(place.verdict().map(|(finding, ..)| finding), Some(expected));
    }
}

#[test]
fn a_missing_result_and_a_directory_that_is_away_are_found() {
    let mut place = Place::isolated();
    place.disputed(B256::repeat_byte(3), 1, 1, Reason::ResultNotFound);
    assert_eq!(place.verdict().map(|(finding, ..)| finding), Some(Finding::ResultMissing));
    std::fs::remove_dir_all(place.folder.path().join("store/trees")).unwrap();
    // Nothing can be published there, so the mediator's own copy is all there is.
    let (id, _) = place.view.courses().next().unwrap();
    assert_eq!(place.verdict().map(|(finding, ..)| finding), Some(Finding::DirectoryDown));
    let copy = std::fs::read(place.folder.path().join("archive").join(format!("{id}.json"))).unwrap();
    assert_eq!(SignedDossier::read(&copy).unwrap().dossier.finding, Finding::DirectoryDown);
}

#[test]
fn it_judges_its_own_disputes_in_time_only() {
    let mut place = Place::isolated();
    place.disputed(B256::repeat_byte(3), 1, 1, Reason::WrongResult);
    assert_eq!(place.mediator().decide(&place.view, UNTIL + 1), []);
    assert_eq!(place.mediator().silent().decide(&place.view, NOW), []);
    place.key = PrivateKeySigner::random();
    assert_eq!(place.mediator().decide(&place.view, NOW), []);
}
