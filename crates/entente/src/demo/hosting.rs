//! The cast: every agent in a runtime, as operators would run them apart from each other.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ::transax::Bill;
use anyhow::Context;
use chain::SubmitSettings;
use journal::MemoryJournal;
use optimizer::{Backend, Worker};
use runtime::{Runtime, RuntimeError, Settings, Snapshot, Status, Transax};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use transax_dso::Dso;
use transax_meter::Meter;
use transax_prosumer::Prosumer;
use transax_solver::Solver;

use super::{
    day::Day,
    stage::{SOLVERS, Stage},
};

/// How often a runtime looks for news; the node is on this machine.
const POLL: Duration = Duration::from_millis(15);

/// The agents at work.
pub struct Cast {
    /// By runtime, its name and what it has done.
    pub statuses: Vec<(&'static str, watch::Receiver<Status>)>,
    /// The market as the prosumers see it.
    pub snapshots: watch::Receiver<Snapshot<::transax::Market>>,
    /// What the prosumers' runtime read from the chain.
    pub journal: Arc<MemoryJournal>,
    /// Each prosumer's bill so far.
    pub bills: Arc<Mutex<BTreeMap<String, Bill>>>,
    runtimes: JoinSet<Result<(), RuntimeError>>,
    stop: CancellationToken,
}

impl Cast {
    /// Starts four runtimes: the finaliser's, one for each solver, and that of the prosumers and meters.
    pub fn host(stage: &Stage, day: &Day) -> anyhow::Result<Self> {
        let journal = Arc::new(MemoryJournal::default());
        let bills = Arc::default();
        // A hundred homes need not look at every single block that a hundred homes make.
        let patience = Duration::from_millis(u64::try_from(day.participants.len())?);
        let mut homes = runtime(stage, Arc::clone(&journal), POLL + patience);
        host_homes(&mut homes, stage, day, &bills);
        let mut finaliser = runtime(stage, Arc::default(), POLL);
        finaliser.host(Dso::new("dso"), stage.finaliser.clone());
        let mut hosted = vec![("prosumers and meters", homes), ("finaliser", finaliser)];
        for (name, key) in SOLVERS.into_iter().zip(&stage.solvers) {
            let optimizer = Worker::current_program(Backend::Cbc).context("this program cannot be found")?;
            let mut solver = runtime(stage, Arc::default(), POLL);
            solver.host(Solver::new(name, transax_solver::Settings::default(), Arc::new(optimizer)), key.clone());
            hosted.push((name, solver));
        }
        let snapshots = hosted[0].1.snapshots();
        let statuses = hosted.iter().map(|(name, runtime)| (*name, runtime.status())).collect();
        let (mut runtimes, stop) = (JoinSet::new(), CancellationToken::new());
        for (_, runtime) in hosted {
            runtimes.spawn(runtime.run(stop.clone()));
        }
        Ok(Self { statuses, snapshots, journal, bills, runtimes, stop })
    }

    /// Waits until some runtime fails, for none ends by itself.
    pub async fn failure(&mut self) -> anyhow::Error {
        match self.runtimes.join_next().await {
            Some(Ok(Err(error))) => error.into(),
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("an agent's runtime ended early"),
        }
    }

    /// Stops everybody, and returns the bills.
    pub async fn dismiss(mut self) -> anyhow::Result<BTreeMap<String, Bill>> {
        self.stop.cancel();
        while let Some(ended) = self.runtimes.join_next().await {
            ended??;
        }
        Ok(std::mem::take(&mut self.bills.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn runtime(stage: &Stage, journal: Arc<MemoryJournal>, poll: Duration) -> Runtime {
    let submit = SubmitSettings { longest_pause: Duration::from_millis(50), ..SubmitSettings::default() };
    let settings = Settings { poll, submit, ..Settings::default() };
    Runtime::<Transax>::new(stage.node.client().clone(), stage.market.clone(), journal, settings)
}

fn host_homes(homes: &mut Runtime, stage: &Stage, day: &Day, bills: &Arc<Mutex<BTreeMap<String, Bill>>>) {
    for (participant, (prosumer, meter, certificate)) in day.participants.iter().zip(&stage.prosumers) {
        let name = participant.name.clone();
        let settings = transax_prosumer::Settings {
            certificate: Some((meter.address(), certificate.clone())),
            last: day.last,
            ..transax_prosumer::Settings::default()
        };
        let agent = Prosumer::new(name.clone(), prosumer.address(), participant.behaviour.clone(), settings);
        homes.host(agent, prosumer.clone());
        let bills = Arc::clone(bills);
        let report = move |bill: &Bill| {
            bills.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), bill.clone());
        };
        let name = format!("meter of {}", participant.name);
        homes.host(Meter::new(name, prosumer.address(), participant.source.clone(), report), meter.clone());
    }
}
