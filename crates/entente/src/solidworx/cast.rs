//! The agents in runtimes, as operators would run them apart from each other, and the clock.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use ::solidworx::{Exchange, State};
use anyhow::{Context, anyhow};
use journal::MemoryJournal;
use optimizer::{Backend, Worker};
use runtime::{Runtime, RuntimeError, Settings, Snapshot, SolidWorx, Status};
use solidworx_directory::Directory;
use solidworx_prosumer::Prosumer;
use solidworx_solver::Solver;
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{
    stage::{SOLVERS, Stage, submit_settings},
    trial::Trial,
};
use crate::demo::clock::settled;

/// How often a runtime looks for news; the node is on this machine.
const POLL: Duration = Duration::from_millis(15);
/// How long a cycle may take to become final before something must be wrong.
const PATIENCE: Duration = Duration::from_mins(5);

/// Names of the runtimes.
const PROSUMERS: &str = "prosumers";
const DIRECTORY: &str = "directory";

/// The agents at work.
pub struct Cast {
    /// By runtime, its name and what it has done; of those that live.
    statuses: Vec<(&'static str, watch::Receiver<Status>)>,
    snapshots: watch::Receiver<Snapshot<Exchange>>,
    /// What the prosumers' runtime read from the chain.
    pub journal: Arc<MemoryJournal>,
    lives: BTreeMap<&'static str, AbortHandle>,
    runtimes: JoinSet<Result<(), RuntimeError>>,
    stop: CancellationToken,
}

impl Cast {
    /// Starts four runtimes: one for the directory, one for each solver, and that of the prosumers.
    pub fn host(stage: &Stage, trial: &Trial) -> anyhow::Result<Self> {
        let journal = Arc::new(MemoryJournal::default());
        // A hundred prosumers need not look at every single block that a hundred make.
        let patience = Duration::from_millis(u64::try_from(trial.participants.len())?);
        let mut prosumers = runtime(stage, Arc::clone(&journal), POLL + patience);
        for (number, (address, wishes)) in trial.participants.iter().enumerate() {
            let key = stage.prosumers.get(address).context("every participant has a key")?;
            let prosumer = Prosumer::new(format!("prosumer {number}"), key.address(), wishes.clone());
            prosumers.host(prosumer, key.clone());
        }
        let mut directory = runtime(stage, Arc::default(), POLL);
        directory.host(Directory::new(DIRECTORY, Directory::PAGE), stage.directory.clone());
        let mut hosted = vec![(PROSUMERS, prosumers), (DIRECTORY, directory)];
        for (name, key) in SOLVERS.into_iter().zip(&stage.solvers) {
            let optimizer = Worker::current_program(Backend::Cbc).context("this program cannot be found")?;
            let mut solver = runtime(stage, Arc::default(), POLL);
            solver.host(Solver::new(name, solidworx_solver::Settings::default(), Arc::new(optimizer)), key.clone());
            hosted.push((name, solver));
        }
        let snapshots = hosted[0].1.snapshots();
        let statuses = hosted.iter().map(|(name, runtime)| (*name, runtime.status())).collect();
        let (mut runtimes, stop) = (JoinSet::new(), CancellationToken::new());
        let lives = hosted.into_iter().map(|(name, runtime)| (name, runtimes.spawn(runtime.run(stop.clone()))));
        let lives = lives.collect();
        Ok(Self { statuses, snapshots, journal, lives, runtimes, stop })
    }

    /// The market as the prosumers see it.
    pub fn view(&self) -> Arc<Exchange> {
        Arc::clone(&self.snapshots.borrow().view)
    }

    /// Gas that each runtime's transactions used so far.
    pub fn gas(&self) -> BTreeMap<&'static str, u64> {
        self.statuses.iter().map(|(name, status)| (*name, status.borrow().gas_used)).collect()
    }

    /// Ends a runtime at once, whatever it is doing.
    pub fn kill(&mut self, name: &str) {
        self.statuses.retain(|(one, _)| *one != name);
        if let Some(life) = self.lives.remove(name) {
            life.abort();
        }
    }

    /// Lets everybody do what there is to do.
    pub async fn quiet(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let statuses = self.statuses.clone();
        tokio::select! {
            settled = settled(stage.node.client(), &statuses) => settled,
            failure = failure(&mut self.runtimes) => Err(failure),
        }
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
        let wait = self.snapshots.wait_for(|snapshot| reached(&snapshot.view));
        tokio::select! {
            seen = tokio::time::timeout(PATIENCE, wait) => {
                seen.map_err(|_| anyhow!("the market did not move on within {} s", PATIENCE.as_secs()))??;
                Ok(())
            }
            failure = failure(&mut self.runtimes) => Err(failure),
        }
    }

    /// Stops everybody.
    pub async fn dismiss(mut self) -> anyhow::Result<()> {
        self.stop.cancel();
        while let Some(ended) = self.runtimes.join_next().await {
            match ended {
                // Killed before.
                Err(error) if error.is_cancelled() => {}
                ended => ended??,
            }
        }
        Ok(())
    }
}

/// Waits until some runtime fails that was not killed; none ends by itself.
async fn failure(runtimes: &mut JoinSet<Result<(), RuntimeError>>) -> anyhow::Error {
    loop {
        match runtimes.join_next().await {
            Some(Err(error)) if error.is_cancelled() => {}
            Some(Err(error)) => return error.into(),
            Some(Ok(Err(error))) => return error.into(),
            Some(Ok(Ok(()))) | None => return anyhow!("an agent's runtime ended early"),
        }
    }
}

fn runtime(stage: &Stage, journal: Arc<MemoryJournal>, poll: Duration) -> Runtime<SolidWorx> {
    let settings = Settings { poll, submit: submit_settings(), ..Settings::default() };
    Runtime::new(stage.node.client().clone(), SolidWorx(stage.place), journal, settings)
}
