//! What every implementation of [`Journal`] must do, as a test that a store's own tests call.

use alloy_primitives::{Address, B256, LogData};

use crate::{Batch, BlockRef, Entry, Journal, JournalError, KEPT_BLOCKS, KeptView};

/// Runs every check, each on a new, empty journal from `open`.
///
/// # Panics
/// With the first promise that is broken.
pub async fn check<J: Journal>(open: impl AsyncFn() -> J) {
    a_new_journal_is_empty(&open().await).await;
    the_cursor_moves_without_entries(&open().await).await;
    entries_come_back_in_order_and_in_pages(&open().await).await;
    only_the_last_blocks_are_kept(&open().await).await;
    replacing_cuts_back_and_appends(&open().await).await;
    replacing_all_starts_over(&open().await).await;
    a_refused_batch_changes_nothing(&open().await).await;
    a_kept_view_takes_the_place_of_its_entries(&open().await).await;
    a_view_that_may_be_undone_is_not_kept(&open().await).await;
    what_undoes_a_view_forgets_it(&open().await).await;
}

async fn a_new_journal_is_empty(journal: &impl Journal) {
    assert!(recent(journal).await.is_empty(), "a new journal has read something");
    assert!(all(journal).await.is_empty(), "a new journal holds entries");
}

async fn the_cursor_moves_without_entries(journal: &impl Journal) {
    append(journal, batch(&[block(5, 0)], &[])).await;
    append(journal, batch(&[block(9, 0)], &[])).await;
    assert_eq!(recent(journal).await, [block(5, 0), block(9, 0)], "J2: a quiet range leaves no trace");
}

async fn entries_come_back_in_order_and_in_pages(journal: &impl Journal) {
    let entries = [entry(1, 0, 0), entry(1, 0, 3), entry(4, 0, 1), entry(6, 0, 0)];
    append(journal, batch(&[block(1, 0), block(4, 0)], &entries[..3])).await;
    append(journal, batch(&[block(6, 0)], &entries[3..])).await;
    assert_eq!(all(journal).await, entries, "J1: entries are lost or out of order");
    let page = journal.entries(Some(entries[1].position()), 1).await.expect("pages are read");
    assert_eq!(page, entries[2..3], "J1: a page begins past the position it is given");
}

async fn only_the_last_blocks_are_kept(journal: &impl Journal) {
    let blocks: Vec<_> = (0..100).map(|number| block(number, 0)).collect();
    append(journal, batch(&blocks, &[])).await;
    assert_eq!(recent(journal).await, blocks[100 - KEPT_BLOCKS..], "J4: other blocks than the last ones are kept");
}

async fn replacing_cuts_back_and_appends(journal: &impl Journal) {
    append(journal, batch(&[block(1, 0), block(2, 0), block(3, 0)], &[entry(1, 0, 0), entry(3, 0, 0)])).await;
    let replacement = batch(&[block(2, 1), block(4, 1)], &[entry(2, 1, 0), entry(2, 1, 1)]);
    journal.replace(Some(1), replacement).await.expect("a reorganisation is stored");
    assert_eq!(recent(journal).await, [block(1, 0), block(2, 1), block(4, 1)], "J3: blocks of the old branch remain");
    assert_eq!(all(journal).await, [entry(1, 0, 0), entry(2, 1, 0), entry(2, 1, 1)], "J3: entries of it remain");
}

async fn replacing_all_starts_over(journal: &impl Journal) {
    append(journal, batch(&[block(1, 0)], &[entry(1, 0, 0)])).await;
    journal.replace(None, batch(&[block(1, 1)], &[])).await.expect("everything may be replaced");
    assert_eq!(recent(journal).await, [block(1, 1)], "J3: the cursor is not the replacement's");
    assert!(all(journal).await.is_empty(), "J3: entries of the old branch remain");
}

async fn a_refused_batch_changes_nothing(journal: &impl Journal) {
    append(journal, batch(&[block(3, 0)], &[entry(3, 0, 0)])).await;
    let behind = journal.append(batch(&[block(3, 1)], &[])).await;
    assert!(matches!(behind, Err(JournalError::OutOfOrder { first: 3, cursor: 3 })), "a batch repeats a block");
    let endless = journal.append(batch(&[], &[entry(4, 0, 0)])).await;
    assert!(matches!(endless, Err(JournalError::Malformed { .. })), "a batch ends nowhere");
    let beyond = journal.replace(Some(1), batch(&[block(4, 1)], &[entry(5, 1, 0)])).await;
    assert!(matches!(beyond, Err(JournalError::Malformed { last: 4 })), "an entry lies past its batch");
    assert_eq!((recent(journal).await, all(journal).await), (vec![block(3, 0)], vec![entry(3, 0, 0)]), "J3");
}

async fn a_kept_view_takes_the_place_of_its_entries(journal: &impl Journal) {
    let entries = [entry(1, 0, 0), entry(4, 0, 1), entry(4, 0, 2), entry(6, 0, 0)];
    append(journal, batch(&[block(4, 0), block(6, 0)], &entries)).await;
    assert_eq!(journal.view().await.expect("views are read"), None, "a new journal keeps a view");
    for (form, up_to, left) in [(7, 3, &entries[1..]), (8, 4, &entries[3..])] {
        let view = KeptView { form, block: up_to, bytes: vec![0, form.to_le_bytes()[0], 255] };
        journal.keep(view.clone()).await.expect("a settled view is kept");
        assert_eq!(journal.view().await.expect("views are read"), Some(view), "J7: another view comes back");
        assert_eq!(all(journal).await, left, "J7: other entries are left than the view does not hold");
    }
    append(journal, batch(&[block(7, 0)], &[entry(7, 0, 0)])).await;
    assert_eq!(recent(journal).await, [block(4, 0), block(6, 0), block(7, 0)], "J7: the cursor moved");
    journal.clear().await.expect("everything may be forgotten");
    assert_eq!((recent(journal).await, all(journal).await), (Vec::new(), Vec::new()), "something is left");
    assert_eq!(journal.view().await.expect("views are read"), None, "a view is left");
}

async fn a_view_that_may_be_undone_is_not_kept(journal: &impl Journal) {
    let view = |block| KeptView { form: 1, block, bytes: vec![1] };
    let refused = async |block| matches!(journal.keep(view(block)).await, Err(JournalError::Unsettled { .. }));
    assert!(refused(0).await, "J7: a view of a chain that was not read is kept");
    append(journal, batch(&[block(3, 0), block(5, 0)], &[entry(3, 0, 0), entry(5, 0, 0)])).await;
    assert!(refused(4).await, "J7: a reorganisation to block 3 would undo a part of the view");
    assert_eq!(all(journal).await.len(), 2, "J7: what is refused takes entries along");
    journal.keep(view(3)).await.expect("the oldest recent block is settled");
    assert!(refused(2).await, "J7: an older view takes the place of a newer one");
}

async fn what_undoes_a_view_forgets_it(journal: &impl Journal) {
    append(journal, batch(&[block(3, 0), block(5, 0)], &[entry(3, 0, 0)])).await;
    let view = KeptView { form: 1, block: 3, bytes: vec![1] };
    journal.keep(view.clone()).await.expect("a settled view is kept");
    journal.replace(Some(3), batch(&[block(5, 1)], &[])).await.expect("a reorganisation is stored");
    assert_eq!(journal.view().await.expect("views are read"), Some(view), "J7: a view that still holds is gone");
    journal.replace(None, batch(&[block(5, 2)], &[])).await.expect("a reorganisation is stored");
    assert_eq!(journal.view().await.expect("views are read"), None, "J7: a view of another chain is kept");
}

fn block(number: u64, branch: u8) -> BlockRef {
    BlockRef { number, hash: B256::left_padding_from(&[branch, number.to_le_bytes()[0]]) }
}

fn entry(number: u64, branch: u8, log_index: u64) -> Entry {
    let log = LogData::new_unchecked(vec![B256::repeat_byte(branch)], vec![branch; 3].into());
    Entry { block: block(number, branch), log_index, transaction: B256::ZERO, address: Address::ZERO, log }
}

fn batch(blocks: &[BlockRef], entries: &[Entry]) -> Batch {
    Batch { blocks: blocks.to_vec(), entries: entries.to_vec() }
}

async fn append(journal: &impl Journal, batch: Batch) {
    journal.append(batch).await.expect("a batch that follows is stored");
}

async fn recent(journal: &impl Journal) -> Vec<BlockRef> {
    journal.recent().await.expect("the cursor is read")
}

async fn all(journal: &impl Journal) -> Vec<Entry> {
    journal.entries(None, usize::MAX).await.expect("entries are read")
}
