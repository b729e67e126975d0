//! A provider, shown markets that were folded from events.

use std::{fs, path::Path, sync::Arc, time::Duration};

use job_runtime::Isolated;
use job_storage::{Folder, Storage};
use jobs::{Bundle, ContentHash};
use modicum::{Config, Event, Match, Usage};
use tempfile::TempDir;

use super::*;

const NOW: u64 = 1000;
const DEADLINE: u64 = 5000;

struct Place {
    folder: TempDir,
    storage: Arc<Folder>,
    job: Bundle,
    view: View,
}

fn me() -> Address {
    Address::repeat_byte(2)
}

fn capacity() -> Capacity {
    Capacity {
        deposit: 1 << 40,
        instructions: 1_000_000_000,
        instructions_per_second: 1_000_000,
        memory_bytes: 1 << 28,
        storage_bytes: 1 << 24,
        bandwidth_bytes: 1 << 28,
        instruction_price: 10,
        bandwidth_price: 0,
        architecture: 0,
        base_layers: B256::ZERO,
        offer_seconds: 10_000,
    }
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Arc::new(Folder::open(&folder.path().join("store")).unwrap());
        let job = sample_jobs::spin(1).bundle().unwrap();
        storage.put(&job).unwrap();
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
        let mut place = Self { folder, storage, job, view: View::new(config).unwrap() };
        for account in [1, 2, 3].map(Address::repeat_byte) {
            place.tell(Event::FundsDeposited { account, amount: 1 << 60 });
        }
        place
    }

    fn provider(&self, behaviour: Behaviour) -> Provider {
        let machine = Arc::new(Isolated { patience: Duration::from_mins(5) });
        let workshop = Workshop::new(self.work(), machine, self.storage.clone());
        let settings = Settings { capacity: capacity(), behaviour, margin_seconds: 60, posts_offers: true };
        Provider::new("provider", me(), settings, workshop)
    }

    fn work(&self) -> std::path::PathBuf {
        self.folder.path().join("work")
    }

    fn tell(&mut self, event: Event) {
        self.view.apply(event, 1).unwrap();
    }

    fn job_offer(&self, nonce: u64) -> JobOffer {
        JobOffer {
            creator: Address::repeat_byte(1),
            deposit: 1 << 40,
            instruction_limit: 1_000_000_000,
            memory_limit: 1 << 28,
            storage_limit: 1 << 24,
            bandwidth_limit: 1 << 28,
            max_instruction_price: 10,
            max_bandwidth_price: 0,
            architecture: 0,
            meter_id: B256::ZERO,
            base_layer: B256::ZERO,
            job_hash: B256::from(self.job.tree().hash().0),
            directory: 0,
            deadline: DEADLINE,
            nonce,
        }
    }

    /// Somebody is matched with the `nonce`th job.
    fn matched(&mut self, provider: u8, nonce: u64) -> B256 {
        let (job, provider) = (self.job_offer(nonce), Address::repeat_byte(provider));
        let contents = Match {
            job_offer: job.name(),
            resource_offer: B256::repeat_byte(provider.0[0]),
            creator: job.creator,
            provider,
            mediator: Address::repeat_byte(5),
            directory_owner: Address::repeat_byte(6),
            directory: 0,
            deadline: DEADLINE,
            estimate: 10,
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

    fn reported(&mut self, id: B256, result: u8) {
        self.tell(Event::ResultPosted {
            id,
            status: Status::Completed,
            result_hash: B256::repeat_byte(result),
            instructions: 77,
            bandwidth: 7,
            price: 0,
        });
    }
}

/// What is reported, where something is.
fn report(intents: &[Intent<Call>]) -> Option<(Status, B256, Usage)> {
    intents.iter().find_map(|intent| match &intent.call {
        Call::PostResult { status, result_hash, used, .. } => Some((*status, *result_hash, *used)),
        _ => None,
    })
}

fn remove(path: &Path) {
    fs::remove_dir_all(path).unwrap();
}

#[test]
fn it_offers_once_and_again_when_that_is_over() {
    let mut place = Place::new();
    let mut provider = place.provider(Behaviour::Honest);
    let intents = provider.decide(&place.view, NOW);
    let [Intent { call: Call::PostResOffer(offer), .. }] = &intents[..] else { panic!("{intents:?}") };
    assert_eq!((offer.expiry, offer.nonce), (NOW + 10_000, 0));
    place.tell(Event::ResourceOffered { offer: offer.name(), contents: (**offer).clone() });
    assert_eq!(provider.decide(&place.view, NOW + 1), []);
    let later = provider.decide(&place.view, NOW + 10_001);
    let [Intent { call: Call::PostResOffer(second), .. }] = &later[..] else { panic!("{later:?}") };
    assert_eq!(second.nonce, 1);
}

#[test]
fn an_offer_that_is_not_posted_is_brought_along_until_the_chain_has_it_and_replaced_when_it_is_over() {
    let mut place = Place::new();
    let provider = place.provider(Behaviour::Honest);
    let settings = Settings { posts_offers: false, ..provider.settings };
    let mut provider = Provider { settings, ..provider };
    let offered = provider.offered();
    assert_eq!(provider.decide(&place.view, NOW), []);
    let first = offered.borrow().clone().expect("an offer");
    assert_eq!(first.expiry, NOW + 10_000);
    provider.decide(&place.view, NOW + 1);
    assert_eq!(offered.borrow().as_ref(), Some(&first), "the same, as long as it stands");
    place.tell(Event::ResourceOffered { offer: first.name(), contents: first.clone() });
    provider.decide(&place.view, NOW + 2);
    assert_eq!(*offered.borrow(), None, "the chain has it");
    place.tell(Event::OfferCancelled { offer: first.name(), owner: me() });
    provider.decide(&place.view, NOW + 3);
    let second = offered.borrow().clone().expect("another offer");
    assert_ne!(second.name(), first.name());
    provider.decide(&place.view, second.expiry + 1);
    let third = offered.borrow().clone().expect("another offer");
    assert_eq!(third.expiry, second.expiry + 1 + 10_000);
    // While promised work fails nobody is to be matched with it.
    place.matched(2, 0);
    remove(&place.folder.path().join("store/trees"));
    let intents = provider.decide(&place.view, NOW + 4);
    let cancels = |intent: &Intent<Call>| matches!(&intent.call, Call::CancelResOffer(offer) if **offer == third);
    assert!(intents.iter().any(cancels), "{intents:?}");
    assert_eq!(*offered.borrow(), None);
}

#[test]
fn a_run_survives_a_restart() {
    let mut place = Place::new();
    let id = place.matched(2, 0);
    let first = report(&place.provider(Behaviour::Honest).decide(&place.view, NOW)).unwrap();
    assert_eq!(first.0, Status::Completed);
    let fetched = place.storage.get(ContentHash(first.1.0), &place.folder.path().join("fetched"), 1 << 30);
    assert!(fetched.is_ok(), "the result is stored");
    // The job is gone, but the run is not.
    remove(&place.folder.path().join("store/trees"));
    fs::create_dir(place.folder.path().join("store/trees")).unwrap();
    let again = report(&place.provider(Behaviour::Honest).decide(&place.view, NOW + 9)).unwrap();
    assert_eq!(again, first);
    place.tell(Event::MatchClosed { id, ending: modicum::Ending::Accepted, shares: modicum::Shares::default() });
    place.provider(Behaviour::Honest).decide(&place.view, NOW + 10);
    assert!(!place.work().join(id.to_string()).exists(), "nothing is kept of what is over");
}

#[test]
fn a_job_that_is_not_there_is_said_not_to_be() {
    let mut place = Place::new();
    place.job = sample_jobs::spin(2).bundle().unwrap();
    place.matched(2, 0);
    let (status, ..) = report(&place.provider(Behaviour::Honest).decide(&place.view, NOW)).unwrap();
    assert_eq!(status, Status::JobNotFound);
}

#[test]
fn while_promised_work_fails_no_other_is_taken() {
    let mut place = Place::new();
    let mut provider = place.provider(Behaviour::Honest);
    let offer = provider.offer(NOW, 0);
    place.tell(Event::ResourceOffered { offer: offer.name(), contents: offer.clone() });
    place.matched(2, 0);
    remove(&place.folder.path().join("store/trees"));
    let intents = provider.decide(&place.view, NOW);
    assert!(matches!(&intents[..], [Intent { call: Call::CancelResOffer(_), .. }]), "{intents:?}");
    place.tell(Event::OfferCancelled { offer: offer.name(), owner: me() });
    assert_eq!(provider.decide(&place.view, NOW + 1), [], "it tries again, and offers nothing");
    let last = provider.decide(&place.view, DEADLINE - 60);
    assert_eq!(report(&last).map(|(status, ..)| status), Some(Status::DirectoryUnavailable));
    // The directory is back: the work is done after all, and an offer is made again.
    fs::create_dir(place.folder.path().join("store/trees")).unwrap();
    place.storage.put(&place.job).unwrap();
    let intents = provider.decide(&place.view, NOW + 2);
    assert_eq!(report(&intents).map(|(status, ..)| status), Some(Status::Completed));
    assert!(intents.iter().any(|intent| matches!(intent.call, Call::PostResOffer(_))), "{intents:?}");
}

#[test]
fn each_behaviour_is_what_it_says() {
    let mut place = Place::new();
    let ids = [place.matched(2, 0), place.matched(2, 1)];
    let right = report(&place.provider(Behaviour::Honest).decide(&place.view, NOW)).unwrap();
    let reports = |behaviour| {
        let intents = place.provider(behaviour).decide(&place.view, NOW);
        let reported =
            |id: &B256| intents.iter().filter(|i| i.key.contains(&id.to_string())).cloned().collect::<Vec<_>>();
        ids.each_ref().map(|id| report(&reported(id)))
    };
    assert_eq!(reports(Behaviour::Silent), [None, None]);
    let [first, second] = reports(Behaviour::WrongEvery(2)).map(Option::unwrap);
    assert_eq!(first, right);
    assert_eq!(second.0, Status::Completed);
    assert_ne!(second.1, right.1);
    let [over, _] = reports(Behaviour::OverReporting(50)).map(Option::unwrap);
    assert_eq!((over.1, over.2.instructions), (right.1, right.2.instructions * 150 / 100));
    assert_eq!(reports(Behaviour::Copying)[0], Some(right), "there is nothing to copy");
    let other = place.matched(3, 7);
    place.reported(other, 9);
    let copied = report(&place.provider(Behaviour::Copying).decide(&place.view, NOW)).unwrap();
    assert_eq!((copied.1, copied.2.instructions), (B256::repeat_byte(9), 77));
}

#[test]
fn it_accepts_for_a_creator_that_does_not_react_and_ends_what_is_over() {
    let mut place = Place::new();
    let id = place.matched(2, 0);
    let mut provider = place.provider(Behaviour::Silent);
    provider.decide(&place.view, NOW);
    let over = provider.decide(&place.view, DEADLINE + 1);
    assert!(over.iter().any(|intent| matches!(intent.call, Call::ClaimNoResult(_))), "{over:?}");
    place.reported(id, 9);
    let accepts = |intents: &[Intent<Call>]| intents.iter().any(|i| matches!(i.call, Call::AcceptResult(_)));
    assert!(!accepts(&provider.decide(&place.view, NOW + 1)));
    assert!(!accepts(&provider.decide(&place.view, NOW + 101)));
    assert!(accepts(&provider.decide(&place.view, NOW + 102)));
    place.tell(Event::ResultRejected { id, reason: modicum::Reason::WrongResult, until: NOW + 200 });
    let claims = |intents: &[Intent<Call>]| intents.iter().any(|i| matches!(i.call, Call::ClaimNoVerdict(_)));
    assert!(!claims(&provider.decide(&place.view, NOW + 200)));
    assert!(claims(&provider.decide(&place.view, NOW + 201)));
}
