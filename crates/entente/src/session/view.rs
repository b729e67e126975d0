//! A market as its events tell it.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::Address;
use chain::{FollowSettings, Follower, Head, Progress};
use journal::{Entry, Journal, MemoryJournal};
use transax::{Event, Market, Params};
use units::IntervalIndex;

use super::Session;
use crate::exit::Failure;

/// How many entries are read from a journal at once.
const PAGE: usize = 10_000;

/// A fold over everything a market emitted, that can be carried on.
pub struct View {
    follower: Follower,
    journal: Arc<MemoryJournal>,
    params: Params,
    fold: Fold,
    head: Head,
}

/// What is folded: the market, and what its rules do not need to remember.
struct Fold {
    market: Market,
    solvers: BTreeMap<IntervalIndex, Address>,
}

impl View {
    /// Reads a market from its first block to the newest.
    pub(super) async fn read(session: &Session) -> Result<Self, Failure> {
        let deployment = &session.deployment;
        let journal = Arc::new(MemoryJournal::default());
        let settings = FollowSettings::new(vec![deployment.market], deployment.block);
        let follower = Follower::open(session.client.clone(), journal.clone(), settings).await?;
        let params = deployment.params.clone();
        let fold = Fold::new(params.clone());
        let mut view = Self { follower, journal, params, fold, head: session.client.head().await? };
        view.advance().await?;
        Ok(view)
    }

    /// Reads on up to the newest block; whether there was one.
    pub async fn advance(&mut self) -> Result<bool, Failure> {
        let before = self.head.block;
        loop {
            let reached = match self.follower.step().await? {
                Progress::None { head } => Some(head),
                Progress::Appended { entries, reached } => {
                    self.fold.entries(&entries)?;
                    reached
                }
                Progress::Replaced { head, .. } => {
                    self.replay().await?;
                    Some(head)
                }
            };
            if let Some(head) = reached {
                self.head = head;
                return Ok(head.block != before);
            }
        }
    }

    async fn replay(&mut self) -> Result<(), Failure> {
        self.fold = Fold::new(self.params.clone());
        let mut after = None;
        loop {
            let page = self.journal.entries(after, PAGE).await.map_err(|error| Failure::Other(error.into()))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.position());
            self.fold.entries(&page)?;
        }
    }

    /// The market.
    pub const fn market(&self) -> &Market {
        &self.fold.market
    }

    /// The newest block.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The time that counts, Unix seconds.
    pub const fn now(&self) -> u64 {
        self.head.timestamp
    }

    /// The next interval that can be traded.
    pub fn next_interval(&self) -> IntervalIndex {
        self.market().next_interval(self.now())
    }

    /// Whose plan a final interval's trades were.
    pub fn solver_of(&self, interval: IntervalIndex) -> Option<Address> {
        self.fold.solvers.get(&interval).copied()
    }
}

impl Fold {
    fn new(params: Params) -> Self {
        Self { market: Market::new(params), solvers: BTreeMap::new() }
    }

    fn entries(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        for entry in entries {
            let event = bindings::event(&entry.log).map_err(|error| Failure::Other(error.into()))?;
            if let Some(event) = event {
                self.remember(&event);
                self.market.apply(&event).map_err(|error| Failure::Other(error.into()))?;
            }
        }
        Ok(())
    }

    fn remember(&mut self, event: &Event) {
        if let Event::Finalized { interval, value, .. } = event
            && value.0 > 0
            && let Some(candidate) = self.market.candidate()
        {
            self.solvers.insert(*interval, candidate.solver);
        }
    }
}
