//! The cast: every agent in a runtime, as operators would run them apart from each other.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ::transax::{Bill, Past};
use anyhow::Context;
use chain::Client;
use households::Resident;
use journal::{Journal, MemoryJournal};
use optimizer::{Backend, Worker};
use runtime::{Runtime, Transax};
use tokio::{sync::watch, time::timeout};
use transax_dso::Dso;
use transax_meter::Meter;
use transax_prosumer::{Alone, Behaviour, PrivateProsumer, PrivateSettings, Prosumer};
use transax_solver::Solver;

use super::{
    clock::PATIENCE,
    day::{Day, Participant},
    endurance::Folder,
    privacy::Privacy,
    stage::Stage,
    troupe::{self, SOLVERS, Troupe},
};

/// The runtime of prosumers and meters.
const HOMES: &str = "prosumers and meters";
const FINALISER: &str = "finaliser";
/// Every runtime's name.
pub const RUNTIMES: [&str; 4] = [HOMES, FINALISER, SOLVERS[0], SOLVERS[1]];
/// After how many logs a view is kept in their place.
const KEEP_EVERY: usize = 10_000;

/// The agents at work.
pub struct Cast {
    /// Their runtimes.
    pub troupe: Troupe<Transax>,
    bills: Arc<Mutex<BTreeMap<String, Bill>>>,
    /// How much goes on elsewhere than in a runtime.
    under_way: Vec<watch::Receiver<usize>>,
}

impl Cast {
    /// Starts four runtimes: that of the prosumers and meters, the finaliser's, and one for each solver. With `privacy`,
    /// prosumers trade without being seen; with `folder`, journals are kept there.
    pub async fn host(
        stage: &Stage,
        day: &Day,
        privacy: Option<&Privacy>,
        folder: Option<&Folder>,
    ) -> anyhow::Result<Self> {
        let bills = Arc::default();
        let client = stage.node.client();
        let mut homes = troupe::with_journal(
            client,
            market(HOMES, stage, privacy),
            journal(folder, HOMES).await?,
            day.participants.len(),
            KEEP_EVERY,
        );
        host_homes(&mut homes, stage, day, privacy, &bills);
        let alone = async |name| {
            let market = market(name, stage, privacy);
            anyhow::Ok(troupe::with_journal(client, market, journal(folder, name).await?, 0, KEEP_EVERY))
        };
        let mut finaliser = alone(FINALISER).await?;
        finaliser.host(Dso::new("dso"), stage.finaliser.clone());
        let mut hosted = vec![(HOMES, homes), (FINALISER, finaliser)];
        for (name, key) in SOLVERS.into_iter().zip(&stage.solvers) {
            let optimizer = Worker::current_program(Backend::Cbc).context("this program cannot be found")?;
            let mut solver = alone(name).await?;
            solver.host(Solver::new(name, transax_solver::Settings::default(), Arc::new(optimizer)), key.clone());
            hosted.push((name, solver));
        }
        let under_way = privacy.map(Privacy::under_way).unwrap_or_default();
        Ok(Self { troupe: Troupe::start(hosted), bills, under_way })
    }

    /// Waits until every agent has seen the newest block and wants nothing more, and nothing is under way for any.
    pub async fn quiet(&mut self, client: &Client) -> anyhow::Result<()> {
        loop {
            self.troupe.quiet(client).await?;
            let head = client.head().await?.block.number;
            let is_still = self.under_way.iter().all(|count| *count.borrow() == 0);
            if is_still && client.head().await?.block.number == head {
                return Ok(());
            }
            for count in &mut self.under_way {
                let none = timeout(PATIENCE, count.wait_for(|count| *count == 0)).await;
                none.context("mixes or relays are still busy after minutes")??;
            }
        }
    }

    /// Stops everybody, and returns the bills: each prosumer's so far.
    pub async fn dismiss(self) -> anyhow::Result<BTreeMap<String, Bill>> {
        self.troupe.dismiss().await?;
        Ok(std::mem::take(&mut self.bills.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The market, with as much of its past as a runtime's agents need: meters and homes what their accounts did, registered or
/// not.
pub fn market(runtime: &str, stage: &Stage, privacy: Option<&Privacy>) -> Transax {
    let (market, accounts) = (stage.market.clone(), || stage.prosumers.iter().map(|(key, ..)| key.address()));
    match (runtime, privacy) {
        (HOMES, Some(privacy)) => market.recognising(Arc::new(privacy.homes(accounts()))),
        (HOMES, None) => market.remembering(Past::of(accounts())),
        _ => market.remembering(Past::forgotten()),
    }
}

async fn journal(folder: Option<&Folder>, name: &str) -> anyhow::Result<Arc<dyn Journal>> {
    match folder {
        Some(folder) => folder.journal(name).await,
        None => Ok(Arc::new(MemoryJournal::default())),
    }
}

fn host_homes(
    homes: &mut Runtime,
    stage: &Stage,
    day: &Day,
    privacy: Option<&Privacy>,
    bills: &Arc<Mutex<BTreeMap<String, Bill>>>,
) {
    for (place, participant) in day.participants.iter().enumerate() {
        let (prosumer, meter, _) = &stage.prosumers[place];
        let name = participant.name.clone();
        let bills = Arc::clone(bills);
        let report = move |bill: &Bill| {
            bills.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), bill.clone());
        };
        let name = format!("meter of {}", participant.name);
        let measuring = Meter::new(name, prosumer.address(), participant.source.clone(), report);
        if let (Some(privacy), Behaviour::Home(resident)) = (privacy, &participant.behaviour) {
            let secrets = privacy.secrets[place].clone();
            homes.host(unseen(stage, day, place, resident, privacy), prosumer.clone());
            let measuring = measuring.of_private_home(secrets.meter, secrets.home, privacy.schedule);
            homes.host(measuring, meter.clone());
        } else {
            homes.host(seen(stage, day, place, participant), prosumer.clone());
            homes.host(measuring, meter.clone());
        }
    }
}

fn seen(stage: &Stage, day: &Day, place: usize, participant: &Participant) -> Prosumer {
    let (prosumer, meter, certificate) = &stage.prosumers[place];
    let settings = transax_prosumer::Settings {
        certificate: Some((meter.address(), certificate.clone())),
        last: day.last,
        ..transax_prosumer::Settings::default()
    };
    Prosumer::new(participant.name.clone(), prosumer.address(), participant.behaviour.clone(), settings)
}

fn unseen(stage: &Stage, day: &Day, place: usize, resident: &Resident, privacy: &Privacy) -> PrivateProsumer {
    let (prosumer, meter, certificate) = &stage.prosumers[place];
    let participant = &day.participants[place];
    let settings = PrivateSettings {
        certificate: Some((meter.address(), certificate.clone())),
        first: day.first,
        last: day.last,
        schedule: privacy.schedule,
        alone: Alone::TradeOpenly,
        submits_itself: false,
    };
    let (secrets, messenger) = (&privacy.secrets[place], &privacy.messengers[usize::from(participant.group.0)]);
    let accounts = (secrets.home.clone(), secrets.meter.clone());
    let name = participant.name.clone();
    PrivateProsumer::new(
        name,
        prosumer.clone(),
        privacy.domain,
        resident.clone(),
        accounts,
        messenger.clone(),
        settings,
    )
}
