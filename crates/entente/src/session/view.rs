//! A market as its events tell it.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::Address;
use chain::{Follower, Head, Progress};
use journal::{Entry, MemoryJournal};
use runtime::Transax;
use transax::{Event, Market, Params};
use units::IntervalIndex;

use super::{
    Session,
    recall::{CaughtUp, for_each},
};
use crate::exit::Failure;

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
        let params = session.deployment.params.clone();
        let protocol = Transax::new(session.deployment.place(), params.clone());
        let fold = async |journal: &MemoryJournal| Fold::of(&params, journal).await;
        let (fold, read) = session.recall.read(&session.client, &protocol, fold).await?;
        let CaughtUp { journal, follower, head } = read;
        Ok(Self { follower, journal, params, fold, head })
    }

    /// Reads on up to the newest block; whether there was one.
    pub async fn advance(&mut self) -> Result<bool, Failure> {
        let before = self.head.block;
        loop {
            let reached = match self.follower.step().await? {
                Progress::None { head } => Some(head),
                Progress::Appended { entries, reached } => {
                    entries.iter().try_for_each(|entry| self.fold.entry(entry))?;
                    reached
                }
                Progress::Replaced { head, .. } => {
                    self.fold = Fold::of(&self.params, &self.journal).await?;
                    Some(head)
                }
            };
            if let Some(head) = reached {
                self.head = head;
                return Ok(head.block != before);
            }
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
    /// Everything that a journal holds.
    async fn of(params: &Params, journal: &MemoryJournal) -> Result<Self, Failure> {
        let mut fold = Self { market: Market::new(params.clone()), solvers: BTreeMap::new() };
        for_each(journal, |entry| fold.entry(entry)).await?;
        Ok(fold)
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        let event = bindings::event(&entry.log).map_err(|error| Failure::Other(error.into()))?;
        if let Some(event) = event {
            self.remember(&event);
            self.market.apply(&event).map_err(|error| Failure::Other(error.into()))?;
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
