//! Keeps views in the journal in place of what they hold, so that neither a journal nor a restart grows for ever.

use std::sync::Arc;

use journal::{Entry, Journal, JournalError, KeptView, Position};
use tracing::{info, warn};

use crate::{FollowFault, Protocol};

/// How many entries are read from the journal at once.
const PAGE: usize = 256;

/// A journal, and the view that it comes to.
pub(crate) struct Keeping<P: Protocol> {
    protocol: Arc<P>,
    journal: Arc<dyn Journal>,
    /// After how many entries a view is kept.
    every: usize,
    /// How many entries no kept view holds.
    tail: usize,
}

impl<P: Protocol> Keeping<P> {
    /// Of a journal that may hold a view in a form which this program does not write: then everything is read anew.
    pub(crate) async fn open(protocol: Arc<P>, journal: Arc<dyn Journal>, every: usize) -> Result<Self, JournalError> {
        let keeping = Self { protocol, journal, every, tail: 0 };
        if let Some(kept) = keeping.journal.view().await?
            && Self::read(&kept).is_none_or(|view| !keeping.protocol.goes_on_with(&view))
        {
            warn!(
                block = kept.block,
                form = kept.form,
                "the journal was written by another version, or for another use; reading the chain again"
            );
            keeping.journal.clear().await?;
        }
        Ok(keeping)
    }

    /// Everything that was read, folded.
    pub(crate) async fn rebuilt(&mut self) -> Result<P::View, FollowFault> {
        self.tail = 0;
        let (mut view, mut after) = (self.kept().await?, None);
        loop {
            let page = self.journal.entries(after, PAGE).await?;
            fold(&*self.protocol, &mut view, &page)?;
            self.tail += page.len();
            match page.last() {
                Some(last) => after = Some(last.position()),
                None => return Ok(view),
            }
        }
    }

    /// Counts what was appended, and keeps a view when it has become much.
    pub(crate) async fn appended(&mut self, entries: usize) -> Result<(), FollowFault> {
        self.tail += entries;
        let Some(form) = P::form().filter(|_| self.tail >= self.every) else { return Ok(()) };
        let Some(oldest) = self.journal.recent().await?.first().copied() else { return Ok(()) };
        let (mut view, mut folded, mut after) = (self.kept().await?, 0, None::<Position>);
        loop {
            let page = self.journal.entries(after, PAGE).await?;
            let settled = page.partition_point(|entry| entry.block.number <= oldest.number);
            fold(&*self.protocol, &mut view, &page[..settled])?;
            folded += settled;
            after = page.last().map(Entry::position);
            if settled < page.len() || page.is_empty() {
                break;
            }
        }
        // Looked at once in so many entries: where those of the last blocks alone are that many, not with every block.
        self.tail = 0;
        if folded > 0 {
            let bytes = (form.write)(&view).map_err(|source| FollowFault::View { source })?;
            info!(
                block = oldest.number,
                entries = folded,
                bytes = bytes.len(),
                "keeping a view in place of old entries"
            );
            self.journal.keep(KeptView { form: form.number, block: oldest.number, bytes }).await?;
        }
        Ok(())
    }

    /// The view that was kept last, or that before any log.
    async fn kept(&self) -> Result<P::View, FollowFault> {
        let Some(kept) = self.journal.view().await? else { return Ok(self.protocol.view()) };
        Self::read(&kept).ok_or_else(|| FollowFault::View { source: "it is of another form".into() })
    }

    fn read(kept: &KeptView) -> Option<P::View> {
        let form = P::form().filter(|form| form.number == kept.form)?;
        (form.read)(&kept.bytes)
    }
}

/// Folds entries into a view.
pub(crate) fn fold<P: Protocol>(protocol: &P, view: &mut P::View, entries: &[Entry]) -> Result<(), FollowFault> {
    entries.iter().try_for_each(|entry| {
        let contradiction = |source| FollowFault::Contradiction { position: entry.position(), source };
        protocol.apply(view, entry).map_err(contradiction)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use alloy::primitives::{Address, B256, Bytes, LogData};
    use chain::Request;
    use journal::{Batch, BlockRef, KEPT_BLOCKS, MemoryJournal};

    use super::*;
    use crate::{BoxError, Form};

    const EVERY: usize = 10;

    /// A market of which only the order of its logs matters, and whether it goes on with a view that was kept.
    struct Chained<const FORM: u32, const GOES_ON: bool = true>;

    impl<const FORM: u32, const GOES_ON: bool> Protocol for Chained<FORM, GOES_ON> {
        type View = (u64, B256);
        type Call = u8;
        type Refusal = u8;

        fn contracts(&self) -> Vec<Address> {
            vec![Address::ZERO]
        }

        fn first_block(&self) -> u64 {
            0
        }

        fn view(&self) -> (u64, B256) {
            (0, B256::ZERO)
        }

        fn form() -> Option<Form<(u64, B256)>> {
            Some(Form::numbered(FORM))
        }

        fn goes_on_with(&self, view: &(u64, B256)) -> bool {
            assert!(view.0 > 0, "it is asked of the view that was kept");
            GOES_ON
        }

        fn apply(&self, view: &mut (u64, B256), entry: &Entry) -> Result<(), BoxError> {
            *view = (view.0 + 1, alloy::primitives::keccak256([view.1, entry.transaction].concat()));
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

    async fn open<const FORM: u32>(journal: &Arc<dyn Journal>) -> Keeping<Chained<FORM>> {
        Keeping::open(Arc::new(Chained), Arc::clone(journal), EVERY).await.unwrap()
    }

    fn entry(number: u64) -> Entry {
        let block = BlockRef { number, hash: B256::with_last_byte(1) };
        let transaction = B256::left_padding_from(&number.to_be_bytes());
        Entry { block, log_index: 0, transaction, address: Address::ZERO, log: LogData::default() }
    }

    /// A journal of as many logs that keeps views, what it comes to, and the blocks of the views kept.
    async fn grown(logs: u64) -> (Arc<dyn Journal>, (u64, B256), BTreeSet<u64>) {
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
        let (mut keeping, protocol) = (open::<1>(&journal).await, Chained::<1>);
        let (mut whole, mut views) = (keeping.rebuilt().await.unwrap(), BTreeSet::new());
        for number in 1..=logs {
            let entries = vec![entry(number)];
            fold(&protocol, &mut whole, &entries).unwrap();
            journal.append(Batch { blocks: vec![entries[0].block], entries }).await.unwrap();
            keeping.appended(1).await.unwrap();
            views.extend(journal.view().await.unwrap().map(|view| view.block));
        }
        (journal, whole, views)
    }

    async fn kept() -> (Arc<dyn Journal>, (u64, B256)) {
        let (journal, whole, _) = grown(200).await;
        (journal, whole)
    }

    #[tokio::test]
    async fn a_view_is_kept_once_in_so_many_entries_however_many_the_last_blocks_hold() {
        const { assert!(EVERY < KEPT_BLOCKS) };
        let (_, _, views) = grown(200).await;
        assert!(!views.is_empty() && views.len() <= 200 / EVERY, "views of blocks {views:?}");
    }

    #[tokio::test]
    async fn old_entries_give_way_to_a_view_that_comes_to_the_same() {
        let (journal, whole) = kept().await;
        assert_eq!(whole.0, 200);
        let left = journal.entries(None, usize::MAX).await.unwrap();
        assert!(left.len() < KEPT_BLOCKS + EVERY, "{} entries are left", left.len());
        assert_eq!(open::<1>(&journal).await.rebuilt().await.unwrap(), whole);
    }

    #[tokio::test]
    async fn a_reorganisation_undoes_entries_and_no_view() {
        let (journal, _) = kept().await;
        let (ours, kept) = (journal.recent().await.unwrap(), journal.view().await.unwrap());
        let first = ours[0].number;
        let batch = Batch { blocks: vec![entry(first + 1).block], entries: vec![entry(first + 1)] };
        journal.replace(Some(first), batch).await.unwrap();
        assert_eq!(journal.view().await.unwrap(), kept);
        assert_eq!(open::<1>(&journal).await.rebuilt().await.unwrap().0, first + 1);
    }

    #[tokio::test]
    async fn a_view_that_cannot_be_read_is_forgotten_with_all_that_was_read() {
        let (journal, _) = kept().await;
        assert_eq!(open::<2>(&journal).await.rebuilt().await.unwrap().0, 0);
        assert_eq!(journal.recent().await.unwrap(), []);
        let (journal, _) = kept().await;
        let block = journal.recent().await.unwrap()[0].number;
        journal.keep(KeptView { form: 1, block, bytes: vec![255; 3] }).await.unwrap();
        assert_eq!(open::<1>(&journal).await.rebuilt().await.unwrap().0, 0);
        assert_eq!(journal.recent().await.unwrap(), []);
    }
    #[tokio::test]
    async fn a_view_that_was_kept_for_another_use_is_forgotten_with_all_that_was_read() {
        let (journal, _) = kept().await;
        let other = Arc::new(Chained::<1, false>);
        let mut keeping = Keeping::open(other, Arc::clone(&journal), EVERY).await.unwrap();
        assert_eq!((journal.recent().await.unwrap(), journal.view().await.unwrap()), (vec![], None));
        assert_eq!(keeping.rebuilt().await.unwrap().0, 0);
    }
}
