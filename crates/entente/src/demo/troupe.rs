//! Runtimes beside each other, as operators would run them apart from each other, against a node on this machine.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::anyhow;
use chain::{Client, SubmitSettings};
use journal::{Journal, MemoryJournal};
use runtime::{Protocol, Runtime, RuntimeError, Settings, Snapshot, Status};
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::clock::settled;

/// How often a runtime looks for news; the node is on this machine.
const POLL: Duration = Duration::from_millis(15);

/// Names of the two solvers that compete.
pub const SOLVERS: [&str; 2] = ["solver-a", "solver-b"];

/// Runtimes at work.
pub struct Troupe<P: Protocol> {
    /// By runtime, its name and what it has done; of those that live.
    pub statuses: Vec<(&'static str, watch::Receiver<Status>)>,
    /// The market as the first of them sees it.
    pub snapshots: watch::Receiver<Snapshot<P::View>>,
    lives: BTreeMap<&'static str, AbortHandle>,
    runtimes: JoinSet<Result<(), RuntimeError>>,
    stop: CancellationToken,
}

impl<P: Protocol> Troupe<P> {
    /// Starts them; there is at least one.
    pub fn start(hosted: Vec<(&'static str, Runtime<P>)>) -> Self {
        let snapshots = hosted.first().expect("there is at least one").1.snapshots();
        let statuses = hosted.iter().map(|(name, runtime)| (*name, runtime.status())).collect();
        let (mut runtimes, stop) = (JoinSet::new(), CancellationToken::new());
        let lives = hosted.into_iter().map(|(name, runtime)| (name, runtimes.spawn(runtime.run(stop.clone()))));
        let lives = lives.collect();
        Self { statuses, snapshots, lives, runtimes, stop }
    }

    /// Starts one more.
    pub fn enter(&mut self, name: &'static str, runtime: Runtime<P>) {
        self.statuses.push((name, runtime.status()));
        self.lives.insert(name, self.runtimes.spawn(runtime.run(self.stop.clone())));
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

    /// Waits until every agent has seen the newest block and wants nothing more.
    pub async fn quiet(&mut self, client: &Client) -> anyhow::Result<()> {
        let statuses = self.statuses.clone();
        tokio::select! {
            settled = settled(client, &statuses) => settled,
            failure = self.failure() => Err(failure),
        }
    }

    /// Waits until some runtime fails that was not killed; none ends by itself.
    pub async fn failure(&mut self) -> anyhow::Error {
        loop {
            match self.runtimes.join_next().await {
                Some(Err(error)) if error.is_cancelled() => {}
                Some(Err(error)) => return error.into(),
                Some(Ok(Err(error))) => return error.into(),
                Some(Ok(Ok(()))) | None => return anyhow!("an agent's runtime ended early"),
            }
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

/// A runtime for as many participants, with a journal that keeps every log: reports are made of them.
pub fn runtime<P: Protocol>(
    client: &Client,
    protocol: P,
    journal: Arc<MemoryJournal>,
    participants: usize,
) -> Runtime<P> {
    with_journal(client, protocol, journal, participants, usize::MAX)
}

/// The same with a journal in which a view takes the place of logs when there are `keep_every` of them. A hundred
/// participants need not look at every single block that a hundred make.
pub fn with_journal<P: Protocol>(
    client: &Client,
    protocol: P,
    journal: Arc<dyn Journal>,
    participants: usize,
    keep_every: usize,
) -> Runtime<P> {
    let poll = POLL + Duration::from_millis(participants.try_into().unwrap_or(u64::MAX));
    let settings = Settings { poll, submit: submit_settings(), keep_every, ..Settings::default() };
    Runtime::new(client.clone(), protocol, journal, settings)
}

/// How to send to a node that is on this machine.
pub fn submit_settings() -> SubmitSettings {
    SubmitSettings { longest_pause: Duration::from_millis(50), ..SubmitSettings::default() }
}
