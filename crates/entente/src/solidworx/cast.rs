//! The agents in runtimes, as operators would run them apart from each other, and the clock.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::solidworx::{Exchange, State};
use anyhow::{Context, anyhow};
use journal::MemoryJournal;
use optimizer::{Backend, Worker};
use runtime::SolidWorx;
use solidworx_directory::Directory;
use solidworx_prosumer::Prosumer;
use solidworx_solver::Solver;

use super::{stage::Stage, trial::Trial};
use crate::demo::troupe::{self, SOLVERS, Troupe};

/// How long a cycle may take to become final before something must be wrong.
const PATIENCE: Duration = Duration::from_mins(5);

/// Names of the runtimes.
const PROSUMERS: &str = "prosumers";
const DIRECTORY: &str = "directory";

/// The agents at work.
pub struct Cast {
    /// Their runtimes.
    pub troupe: Troupe<SolidWorx>,
    /// What the prosumers' runtime read from the chain.
    pub journal: Arc<MemoryJournal>,
}

impl Cast {
    /// Starts four runtimes: that of the prosumers, one for the directory, and one for each solver.
    pub fn host(stage: &Stage, trial: &Trial) -> anyhow::Result<Self> {
        let runtime =
            |journal, participants| troupe::runtime(stage.node.client(), SolidWorx(stage.place), journal, participants);
        let journal = Arc::new(MemoryJournal::default());
        let mut prosumers = runtime(Arc::clone(&journal), trial.participants.len());
        for (number, (address, wishes)) in trial.participants.iter().enumerate() {
            let key = stage.prosumers.get(address).context("every participant has a key")?;
            let prosumer = Prosumer::new(format!("prosumer {number}"), key.address(), wishes.clone());
            prosumers.host(prosumer, key.clone());
        }
        let mut directory = runtime(Arc::default(), 0);
        directory.host(Directory::new(DIRECTORY, Directory::PAGE), stage.directory.clone());
        let mut hosted = vec![(PROSUMERS, prosumers), (DIRECTORY, directory)];
        for (name, key) in SOLVERS.into_iter().zip(&stage.solvers) {
            let optimizer = Worker::current_program(Backend::Cbc).context("this program cannot be found")?;
            let mut solver = runtime(Arc::default(), 0);
            solver.host(Solver::new(name, solidworx_solver::Settings::default(), Arc::new(optimizer)), key.clone());
            hosted.push((name, solver));
        }
        Ok(Self { troupe: Troupe::start(hosted), journal })
    }

    /// The market as the prosumers see it.
    pub fn view(&self) -> Arc<Exchange> {
        Arc::clone(&self.troupe.snapshots.borrow().view)
    }

    /// Moves the clock to the end of the offering phase, so that the cycle is closed, and lets everybody act.
    pub async fn close(&mut self, stage: &Stage) -> anyhow::Result<()> {
        stage.node.warp_to(self.view().phase_end()).await?;
        self.until(|exchange| exchange.state() == State::Solve).await
    }

    /// Moves the clock to the end of the solving phase; returns how long it took until the prosumers were told of all that
    /// became final, from the block that let it.
    pub async fn finish(&mut self, stage: &Stage) -> anyhow::Result<Duration> {
        let cycle = self.view().cycle();
        stage.node.warp_to(self.view().phase_end()).await?;
        let begun = Instant::now();
        self.until(|exchange| exchange.cycle() > cycle).await?;
        Ok(begun.elapsed())
    }

    async fn until(&mut self, reached: impl Fn(&Exchange) -> bool) -> anyhow::Result<()> {
        let mut snapshots = self.troupe.snapshots.clone();
        let wait = snapshots.wait_for(|snapshot| reached(&snapshot.view));
        tokio::select! {
            seen = tokio::time::timeout(PATIENCE, wait) => {
                seen.map_err(|_| anyhow!("the market did not move on within {} s", PATIENCE.as_secs()))??;
                Ok(())
            }
            failure = self.troupe.failure() => Err(failure),
        }
    }
}
