//! Who takes part in a match.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use ::modicum::{Config, JobOffer};
use alloy::{primitives::B256, signers::local::PrivateKeySigner};
use bindings::modicum::Place;
use chain::anvil::dev_keys;
use job_runtime::{Isolated, Machine};
use job_storage::Storage;
use jobs::{Bundle, Limits};
use modicum_creator::{Behaviour as Creating, Checker, Creator, Order, Step, Verification};
use modicum_mediator::{Court, Mediator};
use modicum_provider::{Behaviour as Providing, Capacity, Provider, Workshop};
use modicum_solver::{Board, Solver};
use runtime::Modicum;
use sample_jobs::{Sample, samples};
use serde::{Deserialize, Serialize};

use super::{
    Plot,
    directory::{self, Used},
    market::TOKEN,
};
use crate::agent::{ACCOUNTS, Orders, Stage, host};

pub const SOLVER: &str = "solver";
pub const MEDIATOR: &str = "mediator";
pub const DIRECTORY: &str = "directory";
pub const PROVIDER: &str = "provider";
pub const CREATOR: &str = "creator";
/// In the order of their keys, after the one that deploys.
pub const ALL: [&str; 5] = [SOLVER, MEDIATOR, DIRECTORY, PROVIDER, CREATOR];

/// The most that the job may run.
const INSTRUCTIONS: u64 = 2_000_000_000;
/// The most it may move, bytes.
const BANDWIDTH: u64 = 64 << 20;
/// What the creator pays for 10^9 instructions at most, and for 2^30 bytes.
const MOST: u64 = 1_000_000;
/// How long there is for a result, seconds.
const DEADLINE: u64 = 3600;
/// How long before that the provider gives up what fails, seconds.
pub const MARGIN: u64 = 60;
/// How long the job may take on this machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// What all of them know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub place: Place,
    pub config: Config,
    pub plot: Plot,
    pub offer: JobOffer,
    /// Where the directory is asked.
    pub store: String,
}

/// The key of a role.
pub fn key<'a>(keys: &'a [PrivateKeySigner], role: &str) -> &'a PrivateKeySigner {
    let place = ALL.iter().position(|one| *one == role).expect("a role that there is");
    &keys[1 + place]
}

fn machine() -> Arc<dyn Machine> {
    Arc::new(Isolated { patience: PATIENCE })
}

/// How all of them count.
pub fn meter() -> B256 {
    B256::from(machine().meter().0.0)
}

/// Where the creator wants the result.
pub fn result(folder: &Path) -> PathBuf {
    folder.join("result")
}

/// The job: a sample that takes a moment.
fn job() -> Bundle {
    let sample = samples().into_iter().find(|sample| sample.name == "monte-carlo").expect("it is built in");
    let short = Sample { arguments: vec!["7".into(), "500".into()], ..sample };
    short.bundle().expect("it is a job")
}

/// What the creator offers at `now`, Unix seconds.
pub fn offer(keys: &[PrivateKeySigner], now: u64) -> JobOffer {
    JobOffer {
        creator: key(keys, CREATOR).address(),
        deposit: 1000 * TOKEN,
        instruction_limit: INSTRUCTIONS,
        memory_limit: Limits::default().memory_bytes,
        storage_limit: Limits::default().storage_bytes,
        bandwidth_limit: BANDWIDTH,
        max_instruction_price: MOST,
        max_bandwidth_price: MOST,
        architecture: 0,
        meter_id: meter(),
        base_layer: B256::ZERO,
        job_hash: B256::from(job().tree().hash().0),
        directory: 1,
        deadline: now + DEADLINE,
        nonce: 0,
    }
}

/// One of them.
pub async fn act(orders: &Orders, part: &Part) -> Result<(), Box<dyn Error>> {
    let keys = dev_keys(ACCOUNTS);
    if orders.role == DIRECTORY {
        return directory::run(key(&keys, DIRECTORY).clone(), &orders.folder.join("directory")).await;
    }
    let protocol = Modicum::new(part.place, part.config)?;
    let token = part.config.token;
    host(orders, part.place.chain_id, token, protocol, |stage| enter(stage, orders, part, &keys)).await
}

fn enter(
    stage: &mut Stage<Modicum>,
    orders: &Orders,
    part: &Part,
    keys: &[PrivateKeySigner],
) -> Result<(), Box<dyn Error>> {
    let (role, own) = (orders.role.as_str(), key(keys, &orders.role).clone());
    let storage: Arc<dyn Storage> = Arc::new(Used::new(&part.store, key(keys, DIRECTORY).address(), own.clone())?);
    match role {
        SOLVER => stage.enter(Solver::new(role, Arc::new(Mutex::new(Board::new(part.place)))), own),
        MEDIATOR => {
            let court = Court { machine: machine(), storage };
            stage.enter(Mediator::new(role, part.place, own.clone(), court, orders.folder.join("dossiers")), own);
        }
        PROVIDER => {
            let workshop = Workshop::new(orders.folder.join("work"), machine(), storage);
            let behaviour = if part.plot == Plot::Cheated { Providing::WrongEvery(1) } else { Providing::Honest };
            let (capacity, margin_seconds, posts_offers) = (capacity(), MARGIN, true);
            let settings = modicum_provider::Settings { capacity, behaviour, margin_seconds, posts_offers };
            stage.enter(Provider::new(role, own.address(), settings, workshop), own);
        }
        _ => {
            let behaviour = if part.plot == Plot::Denied { Creating::Denying } else { Creating::Honest };
            let (verification, secret, posts_offer) = (Verification::Rate(1.0), B256::ZERO, true);
            let settings = modicum_creator::Settings { behaviour, verification, secret, posts_offer };
            let order = Order { offer: part.offer.clone(), job: job(), out: result(&orders.folder) };
            let steps = listener(&orders.folder)?;
            stage.enter(Creator::new(role, order, settings, Checker { machine: machine(), storage }, steps), own);
        }
    }
    Ok(())
}

/// Where the creator's last word is written down, as JSON of its last step.
pub fn last_word(folder: &Path) -> PathBuf {
    folder.join("last-word.json")
}

/// Writes down the last of what a creator tells. What an earlier one told last is forgotten.
fn listener(folder: &Path) -> io::Result<mpsc::Sender<Step>> {
    let (file, draft) = (last_word(folder), folder.join("last-word.draft"));
    if file.exists() {
        fs::remove_file(&file)?;
    }
    let (steps, happened) = mpsc::channel::<Step>();
    std::thread::spawn(move || {
        for step in happened.into_iter().filter(Step::is_last) {
            let text = serde_json::to_vec(&step).expect("a step can be written");
            fs::write(&draft, text).and_then(|()| fs::rename(&draft, &file)).expect("there is room for a word");
        }
    });
    Ok(steps)
}

fn capacity() -> Capacity {
    Capacity {
        deposit: 1000 * TOKEN,
        instructions: INSTRUCTIONS,
        // Slower than any machine: the clock stands still while jobs run.
        instructions_per_second: 10_000_000,
        memory_bytes: Limits::default().memory_bytes,
        storage_bytes: Limits::default().storage_bytes,
        bandwidth_bytes: BANDWIDTH,
        instruction_price: MOST / 2,
        bandwidth_price: MOST / 2,
        architecture: 0,
        base_layers: B256::ZERO,
        offer_seconds: 86_400,
    }
}
