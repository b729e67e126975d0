//! Folds the chain into a view and shows it to the agents.

use std::{sync::Arc, time::Duration};

use chain::{FollowError, Follower, Head, Progress};
use journal::{JournalError, Position};
use thiserror::Error;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    BoxError, Protocol,
    board::Board,
    keeping::{Keeping, fold},
};

/// A market at one moment.
#[derive(Debug)]
pub struct Snapshot<V> {
    /// Counts up with every block that was reached; 0 before the first.
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
    /// The journal cannot be read or written.
    #[error("the journal cannot be read or written")]
    Journal(#[from] JournalError),
    /// The view cannot be written down, or what was written down cannot be read.
    #[error("the view cannot be kept")]
    View {
        /// Why.
        #[source]
        source: BoxError,
    },
}

/// Follows one market.
pub(crate) struct Following<P: Protocol> {
    pub(crate) follower: Follower,
    pub(crate) protocol: Arc<P>,
    pub(crate) keeping: Keeping<P>,
    pub(crate) board: Arc<Board>,
    pub(crate) snapshots: watch::Sender<Snapshot<P::View>>,
    /// The view while it is on its way to the newest block; nobody is shown it before it gets there.
    pub(crate) reading: Option<P::View>,
    pub(crate) poll: Duration,
    pub(crate) longest_pause: Duration,
}

impl<P: Protocol> Following<P> {
    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<(), FollowFault> {
        self.reading = Some(self.keeping.rebuilt().await?);
        let mut pause = self.poll;
        loop {
            let Some(taken) = stop.run_until_cancelled(self.follower.step()).await else { return Ok(()) };
            let rest = match taken {
                Ok(progress) => {
                    self.board.count(|status| status.polls += 1);
                    pause = self.poll;
                    self.take(progress).await?
                }
                Err(FollowError::Moved { number }) => {
                    debug!(number, "the chain changed while it was being read");
                    true
                }
                Err(FollowError::Switched) => {
                    debug!("another endpoint came to be asked while the chain was being read");
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
                let reached = self.follower.cursor().is_none_or(|cursor| cursor == head.block);
                if let Some(view) = self.reading.take_if(|_| reached) {
                    self.show_anew(head, view);
                }
                Ok(true)
            }
            Progress::Appended { entries, reached: None } => {
                let shown = || P::View::clone(&self.snapshots.borrow().view);
                fold(&*self.protocol, self.reading.get_or_insert_with(shown), &entries)?;
                self.keeping.appended(entries.len()).await?;
                Ok(false)
            }
            Progress::Appended { entries, reached: Some(head) } => {
                let protocol = Arc::clone(&self.protocol);
                if let Some(mut view) = self.reading.take() {
                    fold(&*protocol, &mut view, &entries)?;
                    self.show_anew(head, view);
                } else {
                    self.show(head, |view| fold(&*protocol, view, &entries))?;
                }
                self.keeping.appended(entries.len()).await?;
                Ok(true)
            }
            Progress::Replaced { kept, head } => {
                info!(?kept, block = head.block.number, "the chain was reorganised");
                self.reading = None;
                let view = self.keeping.rebuilt().await?;
                self.show_anew(head, view);
                Ok(true)
            }
        }
    }

    fn show_anew(&self, head: Head, view: P::View) {
        self.snapshots.send_modify(|snapshot| {
            snapshot.view = Arc::new(view);
            self.reach(snapshot, head);
        });
    }

    /// Before anybody can see the view, so that none comes to rest on it earlier.
    fn reach(&self, snapshot: &mut Snapshot<P::View>, head: Head) {
        snapshot.sequence += 1;
        snapshot.head = Some(head);
        self.board.reached(snapshot.sequence, head);
    }

    fn show(
        &self,
        head: Head,
        change: impl FnOnce(&mut P::View) -> Result<(), FollowFault>,
    ) -> Result<(), FollowFault> {
        let mut changed = Ok(());
        self.snapshots.send_modify(|snapshot| {
            // Copies the view only where an agent still decides on the old one.
            changed = change(Arc::make_mut(&mut snapshot.view));
            if changed.is_ok() {
                self.reach(snapshot, head);
            }
        });
        changed
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, B256, Bytes, LogData};
    use chain::{FollowSettings, Request, anvil::Anvil};
    use journal::{BlockRef, Entry, Journal, MemoryJournal};

    use super::*;

    /// A market of which only the number of its logs matters.
    struct Counted;

    impl Protocol for Counted {
        type View = usize;
        type Call = u8;
        type Refusal = u8;

        fn contracts(&self) -> Vec<Address> {
            vec![Address::ZERO]
        }

        fn first_block(&self) -> u64 {
            0
        }

        fn view(&self) -> usize {
            0
        }

        fn apply(&self, view: &mut usize, _: &Entry) -> Result<(), BoxError> {
            *view += 1;
            Ok(())
        }

        fn request(&self, _: &u8) -> Result<Request, BoxError> {
            Err("nothing can be asked".into())
        }

        fn refusal(_: &Bytes) -> u8 {
            0
        }

        fn is_race(_: &u8) -> bool {
            false
        }
    }

    async fn following(anvil: &Anvil) -> Following<Counted> {
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
        let settings = FollowSettings::new(Counted.contracts(), 0);
        let follower = Follower::open(anvil.client().clone(), Arc::clone(&journal), settings).await.unwrap();
        let snapshots = watch::Sender::new(Snapshot { sequence: 0, head: None, view: Arc::new(0) });
        let (protocol, board, poll) = (Arc::new(Counted), Arc::default(), Duration::ZERO);
        let keeping = Keeping::open(Arc::clone(&protocol), journal, 1000).await.unwrap();
        Following { follower, protocol, keeping, board, snapshots, reading: None, poll, longest_pause: poll }
    }

    fn head(number: u64) -> Head {
        let block = BlockRef { number, hash: B256::repeat_byte(1) };
        Head { block, parent: B256::ZERO, timestamp: 1000 + number, base_fee: 0 }
    }

    fn appended(reached: Option<Head>) -> Progress {
        let (block, log) = (head(1).block, LogData::default());
        let entry = Entry { block, log_index: 0, transaction: B256::ZERO, address: Address::ZERO, log };
        Progress::Appended { entries: vec![entry], reached }
    }

    #[tokio::test]
    async fn after_an_outage_nobody_is_shown_a_view_before_it_is_whole() {
        let anvil = Anvil::start(chain::anvil::Options::default()).await.unwrap();
        let mut following = following(&anvil).await;
        let mut shown = following.snapshots.subscribe();
        following.take(appended(Some(head(5)))).await.unwrap();
        let before = shown.borrow_and_update().clone();
        assert_eq!((before.sequence, *before.view), (1, 1));
        for _ in 0..3 {
            assert!(!following.take(appended(None)).await.unwrap(), "there is more to read");
        }
        let still = shown.borrow().clone();
        assert_eq!((still.sequence, *still.view, still.head), (1, 1, Some(head(5))));
        assert!(!shown.has_changed().unwrap());
        following.take(appended(Some(head(90)))).await.unwrap();
        let after = shown.borrow_and_update().clone();
        assert_eq!((after.sequence, *after.view, after.head), (2, 5, Some(head(90))));
    }
}
