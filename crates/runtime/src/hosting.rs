//! Puts follower, view and agents together.

use std::{collections::HashMap, sync::Arc, time::Duration};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use chain::{Client, FollowError, FollowSettings, Follower, SubmitSettings, Submitter};
use journal::{Account, Journal};
use thiserror::Error;
use tokio::{
    sync::{Semaphore, watch},
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::{
    Agent, Failure, FollowFault, Protocol, Snapshot, Status, Transax, board::Board, driver::Driver,
    following::Following, keeping::Keeping,
};

/// How a runtime behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often the chain is looked at. Blocks that arrive in between reach the agents together.
    pub poll: Duration,
    /// The most blocks read at once.
    pub chunk: u64,
    /// How many transactions of different agents may be in flight.
    pub in_flight: usize,
    /// How transactions are submitted.
    pub submit: SubmitSettings,
    /// The longest pause after failures; each is twice the one before.
    pub longest_pause: Duration,
    /// After how many logs the view is kept in the journal in their place; those of the last blocks stay.
    pub keep_every: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            chunk: 10_000,
            in_flight: 16,
            submit: SubmitSettings::default(),
            longest_pause: Duration::from_secs(30),
            keep_every: 50_000,
        }
    }
}

/// Why a runtime ended although nobody stopped it.
#[derive(Debug, Error)]
pub enum RuntimeError {
    /// The chain cannot be followed from the start.
    #[error("the chain cannot be followed")]
    Open(#[from] FollowError),
    /// The market can be followed no further.
    #[error("the market can be followed no further")]
    Follow(#[from] FollowFault),
    /// Two agents share a key, so neither would own its nonce.
    #[error("agents {first} and {second} share the key of {account}; give each a key of its own")]
    SharedKey {
        /// An agent.
        first: String,
        /// Another one.
        second: String,
        /// The key's address.
        account: Address,
    },
    /// An agent panicked.
    #[error("agent {name} failed")]
    AgentFailed {
        /// Its name.
        name: String,
        /// Where.
        #[source]
        source: JoinError,
    },
    /// A task of the runtime panicked.
    #[error("a task of the runtime failed")]
    Task(#[from] JoinError),
}

/// Hosts agents of one market: one follower, one journal and one view for all, a submitter for each.
pub struct Runtime<P: Protocol = Transax> {
    client: Client,
    protocol: Arc<P>,
    journal: Arc<dyn Journal>,
    settings: Settings,
    agents: Vec<Hosted<P>>,
    board: Arc<Board>,
    snapshots: watch::Sender<Snapshot<P::View>>,
}

struct Hosted<P: Protocol> {
    agent: Box<dyn Agent<P>>,
    signer: PrivateKeySigner,
    index: usize,
    account: Option<Account>,
}

impl<P: Protocol> Runtime<P> {
    /// A runtime of the market `protocol` on the chain of `client`, without agents so far. The journal goes on where it
    /// ends; it must be this market's.
    pub fn new(client: Client, protocol: P, journal: Arc<dyn Journal>, settings: Settings) -> Self {
        let view = Arc::new(protocol.view());
        let snapshots = watch::Sender::new(Snapshot { sequence: 0, head: None, view });
        let (protocol, board) = (Arc::new(protocol), Arc::default());
        Self { client, protocol, journal, settings, agents: Vec::new(), board, snapshots }
    }

    /// Hosts one more agent, who acts with `signer`'s key. No one else may use that key meanwhile.
    pub fn host(&mut self, agent: impl Agent<P>, signer: PrivateKeySigner) {
        self.take_in(agent, signer, None);
    }

    /// The same, and what the key spends and is about to send is kept in `account`, so that a day's bound holds across
    /// restarts, and nothing is sent before it is known what became of that.
    pub fn host_keeping(&mut self, agent: impl Agent<P>, signer: PrivateKeySigner, account: Account) {
        self.take_in(agent, signer, Some(account));
    }

    fn take_in(&mut self, agent: impl Agent<P>, signer: PrivateKeySigner, account: Option<Account>) {
        let index = self.board.enlist();
        self.agents.push(Hosted { agent: Box::new(agent), signer, index, account });
    }

    /// What it has done, and whether anything is left to do.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.board.subscribe()
    }

    /// Why the last intent failed that did for more than a lost race; `Status::failed` counts them.
    pub fn failures(&self) -> watch::Receiver<Option<Failure>> {
        self.board.failures()
    }

    /// The market as its agents see it.
    pub fn snapshots(&self) -> watch::Receiver<Snapshot<P::View>> {
        self.snapshots.subscribe()
    }

    /// Runs until `stop` is cancelled, then finishes the transactions in flight and returns; or until it must not go on.
    pub async fn run(self, stop: CancellationToken) -> Result<(), RuntimeError> {
        self.refuse_shared_keys()?;
        let settings = FollowSettings {
            contracts: self.protocol.contracts(),
            from: self.protocol.first_block(),
            chunk: self.settings.chunk,
        };
        // Before the follower looks where the journal ends: a view of another form is forgotten, and all with it.
        let (protocol, journal) = (Arc::clone(&self.protocol), Arc::clone(&self.journal));
        let keeping = Keeping::open(protocol, journal, self.settings.keep_every).await.map_err(FollowFault::from)?;
        let follower = Follower::open(self.client.clone(), Arc::clone(&self.journal), settings).await?;
        // Cancelled by the caller, and by the first task that fails.
        let stop = stop.child_token();
        let mut tasks = JoinSet::new();
        let permits = Arc::new(Semaphore::new(self.settings.in_flight));
        for hosted in self.agents {
            let client = self.client.clone();
            let mut submitter = Submitter::new(client, hosted.signer, self.settings.submit.clone(), P::refusal);
            if let Some(account) = hosted.account {
                submitter = submitter.keeping(account);
            }
            let driver = Driver {
                index: hosted.index,
                name: hosted.agent.name().to_owned(),
                agent: Some(hosted.agent),
                submitter,
                protocol: Arc::clone(&self.protocol),
                snapshots: self.snapshots.subscribe(),
                board: Arc::clone(&self.board),
                permits: Arc::clone(&permits),
                first_pause: self.settings.poll,
                longest_pause: self.settings.longest_pause,
                floor: 0,
                told: HashMap::new(),
                is_spent: false,
            };
            tasks.spawn(driver.run(stop.clone()));
        }
        let following = Following {
            follower,
            protocol: self.protocol,
            keeping,
            board: self.board,
            snapshots: self.snapshots,
            reading: None,
            poll: self.settings.poll,
            longest_pause: self.settings.longest_pause,
        };
        let until = stop.clone();
        tasks.spawn(async move { Ok(following.run(until).await?) });
        join(tasks, &stop).await
    }

    fn refuse_shared_keys(&self) -> Result<(), RuntimeError> {
        let mut owners = HashMap::new();
        for Hosted { agent, signer, .. } in &self.agents {
            if let Some(first) = owners.insert(signer.address(), agent.name().to_owned()) {
                let (second, account) = (agent.name().to_owned(), signer.address());
                return Err(RuntimeError::SharedKey { first, second, account });
            }
        }
        Ok(())
    }
}

/// Waits for all; the first failure stops the others.
async fn join(mut tasks: JoinSet<Result<(), RuntimeError>>, stop: &CancellationToken) -> Result<(), RuntimeError> {
    let mut outcome = Ok(());
    while let Some(ended) = tasks.join_next().await {
        let ended = ended.map_err(RuntimeError::from).flatten();
        if ended.is_err() {
            stop.cancel();
            outcome = outcome.and(ended);
        }
    }
    outcome
}
