//! A journal that lives as long as its process.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::{PoisonError, RwLock},
};

use async_trait::async_trait;

use crate::{
    Batch, BlockRef, Entry, Journal, JournalError, KEPT_BLOCKS, KeptView, Position, check_order, check_settled,
};

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    store: RwLock<Store>,
}

#[derive(Debug, Default)]
struct Store {
    recent: VecDeque<BlockRef>,
    entries: BTreeMap<Position, Entry>,
    view: Option<KeptView>,
}

impl Store {
    fn append(&mut self, batch: Batch) {
        self.recent.extend(batch.blocks);
        let surplus = self.recent.len().saturating_sub(KEPT_BLOCKS);
        self.recent.drain(..surplus);
        self.entries.extend(batch.entries.into_iter().map(|entry| (entry.position(), entry)));
    }

    fn cut_back(&mut self, kept: Option<u64>) {
        let keeps = |number: u64| kept.is_some_and(|kept| number <= kept);
        self.recent.retain(|block| keeps(block.number));
        self.entries.retain(|position, _| keeps(position.block));
        self.view.take_if(|view| !keeps(view.block));
    }
}

impl MemoryJournal {
    /// One that has read this and nothing else.
    pub(crate) fn holding(batch: Batch) -> Result<Self, JournalError> {
        check_order(None, &batch)?;
        let mut store = Store::default();
        store.append(batch);
        Ok(Self { store: RwLock::new(store) })
    }

    /// What `look` makes of the recent blocks and the entries, both in order.
    pub(crate) fn held<T>(&self, look: impl FnOnce(Vec<BlockRef>, Vec<&Entry>) -> T) -> T {
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        look(store.recent.iter().copied().collect(), store.entries.values().collect())
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn recent(&self) -> Result<Vec<BlockRef>, JournalError> {
        Ok(self.store.read().unwrap_or_else(PoisonError::into_inner).recent.iter().copied().collect())
    }

    async fn append(&self, batch: Batch) -> Result<(), JournalError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        check_order(store.recent.back().map(|cursor| cursor.number), &batch)?;
        store.append(batch);
        Ok(())
    }

    async fn replace(&self, kept: Option<u64>, batch: Batch) -> Result<(), JournalError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        check_order(kept, &batch)?;
        store.cut_back(kept);
        store.append(batch);
        Ok(())
    }

    async fn entries(&self, after: Option<Position>, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(store.entries.range((from, Bound::Unbounded)).take(limit).map(|(_, entry)| entry.clone()).collect())
    }

    async fn view(&self) -> Result<Option<KeptView>, JournalError> {
        Ok(self.store.read().unwrap_or_else(PoisonError::into_inner).view.clone())
    }

    async fn keep(&self, view: KeptView) -> Result<(), JournalError> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        let oldest = store.recent.front().map(|oldest| oldest.number);
        check_settled(oldest, store.view.as_ref().map(|before| before.block), view.block)?;
        store.entries.retain(|position, _| position.block > view.block);
        store.view = Some(view);
        Ok(())
    }

    async fn clear(&self) -> Result<(), JournalError> {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = Store::default();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_memory_journal_conforms() {
        crate::conformance::check(async || MemoryJournal::default()).await;
    }
}
