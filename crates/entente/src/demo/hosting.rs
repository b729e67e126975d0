//! The cast: every agent in a runtime, as operators would run them apart from each other.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ::transax::Bill;
use anyhow::Context;
use journal::MemoryJournal;
use optimizer::{Backend, Worker};
use runtime::{Runtime, Transax};
use transax_dso::Dso;
use transax_meter::Meter;
use transax_prosumer::Prosumer;
use transax_solver::Solver;

use super::{
    day::Day,
    stage::Stage,
    troupe::{self, SOLVERS, Troupe},
};

/// The agents at work.
pub struct Cast {
    /// Their runtimes.
    pub troupe: Troupe<Transax>,
    /// What the prosumers' runtime read from the chain.
    pub journal: Arc<MemoryJournal>,
    bills: Arc<Mutex<BTreeMap<String, Bill>>>,
}

impl Cast {
    /// Starts four runtimes: that of the prosumers and meters, the finaliser's, and one for each solver.
    pub fn host(stage: &Stage, day: &Day) -> anyhow::Result<Self> {
        let runtime =
            |journal, participants| troupe::runtime(stage.node.client(), stage.market.clone(), journal, participants);
        let journal = Arc::new(MemoryJournal::default());
        let bills = Arc::default();
        let mut homes = runtime(Arc::clone(&journal), day.participants.len());
        host_homes(&mut homes, stage, day, &bills);
        let mut finaliser = runtime(Arc::default(), 0);
        finaliser.host(Dso::new("dso"), stage.finaliser.clone());
        let mut hosted = vec![("prosumers and meters", homes), ("finaliser", finaliser)];
        for (name, key) in SOLVERS.into_iter().zip(&stage.solvers) {
            let optimizer = Worker::current_program(Backend::Cbc).context("this program cannot be found")?;
            let mut solver = runtime(Arc::default(), 0);
            solver.host(Solver::new(name, transax_solver::Settings::default(), Arc::new(optimizer)), key.clone());
            hosted.push((name, solver));
        }
        Ok(Self { troupe: Troupe::start(hosted), journal, bills })
    }

    /// Stops everybody, and returns the bills: each prosumer's so far.
    pub async fn dismiss(self) -> anyhow::Result<BTreeMap<String, Bill>> {
        self.troupe.dismiss().await?;
        Ok(std::mem::take(&mut self.bills.lock().unwrap_or_else(PoisonError::into_inner)))
    }
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
