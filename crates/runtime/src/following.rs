//! Folds the chain into a view and shows it to the agents.

use std::{sync::Arc, time::Duration};

use chain::{FollowError, Follower, Head, Progress};
use journal::{Entry, Journal, JournalError, Position};
use thiserror::Error;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{BoxError, Protocol, board::Board};

/// How many entries are read from the journal at once.
const PAGE: usize = 4096;

/// A market at one moment.
#[derive(Debug)]
pub struct Snapshot<V> {
    /// Counts up with every change; 0 before the first.
    pub sequence: u64,
    /// The block it shows; `None` while the past is still being read.
    pub head: Option<Head>,
    /// The fold over everything up to there.
    pub view: Arc<V>,
}

impl<V> Clone for Snapshot<V> {
    fn clone(&self) -> Self {
        Self { sequence: self.sequence, head: self.head, view: Arc::clone(&self.view) }
    }
}

/// Why a market can be followed no further.
#[derive(Debug, Error)]
pub enum FollowFault {
    /// A log contradicts those before it, or is none of the market's.
    #[error("the log at {position:?} does not fit the market")]
    Contradiction {
        /// Where it is.
        position: Position,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The journal cannot be read.
    #[error("the journal cannot be read")]
    Journal(#[from] JournalError),
}

/// Follows one market.
pub(crate) struct Following<P: Protocol> {
    pub(crate) follower: Follower,
    pub(crate) protocol: Arc<P>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) board: Arc<Board>,
    pub(crate) snapshots: watch::Sender<Snapshot<P::View>>,
    pub(crate) poll: Duration,
    pub(crate) longest_pause: Duration,
}

impl<P: Protocol> Following<P> {
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), FollowFault> {
        self.rebuild(None).await?;
        let mut pause = self.poll;
        loop {
            let Some(taken) = stop.run_until_cancelled(self.follower.step()).await else { return Ok(()) };
            let rest = match taken {
                Ok(progress) => {
                    pause = self.poll;
                    self.take(progress).await?
                }
                Err(FollowError::Moved { number }) => {
                    debug!(number, "the chain changed while it was being read");
                    true
                }
                Err(error) => {
                    warn!(error = &error as &dyn std::error::Error, "the chain cannot be followed; trying again");
                    pause = (pause * 2).min(self.longest_pause);
                    true
                }
            };
            if rest && stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether there is nothing to read for now.
    async fn take(&mut self, progress: Progress) -> Result<bool, FollowFault> {
        match progress {
            Progress::None { head } => {
                if self.snapshots.borrow().head.is_none() {
                    self.show(Some(head), |_| Ok(()))?;
                }
                Ok(true)
            }
            Progress::Appended { entries, reached } => {
                let protocol = Arc::clone(&self.protocol);
                self.show(reached, |view| fold(&*protocol, view, &entries))?;
                Ok(reached.is_some())
            }
            Progress::Replaced { kept, head } => {
                info!(?kept, block = head.block.number, "the chain was reorganised");
                self.rebuild(Some(head)).await?;
                Ok(true)
            }
        }
    }

    /// Folds the whole journal anew.
    async fn rebuild(&mut self, head: Option<Head>) -> Result<(), FollowFault> {
        let mut view = self.protocol.view();
        let mut after = None;
        loop {
            let page = self.journal.entries(after, PAGE).await?;
            fold(&*self.protocol, &mut view, &page)?;
            match page.last() {
                Some(last) => after = Some(last.position()),
                None => {
                    return self.show(head, |shown| {
                        *shown = view;
                        Ok(())
                    });
                }
            }
        }
    }

    fn show(
        &self,
        head: Option<Head>,
        change: impl FnOnce(&mut P::View) -> Result<(), FollowFault>,
    ) -> Result<(), FollowFault> {
        let mut changed = Ok(());
        self.snapshots.send_modify(|snapshot| {
            // Copies the view only where an agent still decides on the old one.
            changed = change(Arc::make_mut(&mut snapshot.view));
            snapshot.sequence += 1;
            snapshot.head = head.or(snapshot.head);
            // Before anybody can see the view, so that none comes to rest on it earlier.
            if let (Ok(()), Some(head)) = (&changed, snapshot.head) {
                self.board.reached(snapshot.sequence, head);
            }
        });
        changed
    }
}

fn fold<P: Protocol>(protocol: &P, view: &mut P::View, entries: &[Entry]) -> Result<(), FollowFault> {
    entries.iter().try_for_each(|entry| {
        let contradiction = |source| FollowFault::Contradiction { position: entry.position(), source };
        protocol.apply(view, entry).map_err(contradiction)
    })
}
