//! Reads logs of ranges, in pieces as large as the node allows.

use alloy::{
    eips::BlockNumberOrTag,
    primitives::{Address, Bloom, BloomInput},
    rpc::types::{Filter, Log},
};
use journal::{Batch, BlockRef, Entry};

use super::FollowError;
use crate::{Client, ClientError};

/// Reads ranges whose length adapts to the node.
pub(super) struct Ranges {
    client: Client,
    contracts: Vec<Address>,
    filter: Filter,
    most: u64,
    chunk: u64,
}

impl Ranges {
    pub(super) fn new(client: Client, contracts: Vec<Address>, most: u64) -> Self {
        let filter = Filter::new().address(contracts.clone());
        Self { client, contracts, filter, most: most.max(1), chunk: most.max(1) }
    }

    /// What the newest block emitted, by its hash: no reorganisation can mix into it. `bloom` is its header's.
    pub(super) async fn read_block(&self, head: BlockRef, bloom: &Bloom) -> Result<Batch, FollowError> {
        let logs = self.client.logs(&self.filter.clone().at_block_hash(head.hash)).await?;
        self.require_whole(head, bloom, &logs).await?;
        batch(&logs, head)
    }

    /// Fails where the newest block emitted more than the node tells: it may know a block a moment before it knows what its
    /// transactions did, and answers as if that were nothing. Only the header's filter tells, by way of all the block's logs.
    async fn require_whole(&self, head: BlockRef, bloom: &Bloom, logs: &[Log]) -> Result<(), FollowError> {
        let is_told = |logs: &[Log], contract| {
            logs.iter().any(|log| log.address() == contract && log.block_hash == Some(head.hash))
        };
        let may_lack = |contract: &Address| bloom.contains_input(BloomInput::Raw(contract.as_slice()));
        let doubtful: Vec<_> = self.contracts.iter().filter(|it| may_lack(it) && !is_told(logs, **it)).collect();
        if doubtful.is_empty() {
            return Ok(());
        }
        let all = match self.client.logs(&Filter::new().at_block_hash(head.hash)).await {
            Ok(all) => all,
            // A node that does not give so much leaves it at the doubt.
            Err(error) if may_be_too_much(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let mut told = Bloom::ZERO;
        for log in &all {
            told.accrue_log(&log.inner);
        }
        if told == *bloom && !doubtful.into_iter().any(|contract| is_told(&all, *contract)) {
            return Ok(());
        }
        Err(FollowError::Incomplete { number: head.number })
    }

    /// What `first` and as many of the blocks up to the newest, `last`, as the node allows emitted. `bloom` is that
    /// one's.
    pub(super) async fn read(&mut self, first: u64, last: BlockRef, bloom: &Bloom) -> Result<Batch, FollowError> {
        loop {
            let end = last.number.min(first.saturating_add(self.chunk - 1));
            let filter = self.filter.clone().from_block(first).to_block(end);
            let end_before = self.block(end, last).await?;
            match self.client.logs(&filter).await {
                Ok(logs) => {
                    let end_after = self.client.block(BlockNumberOrTag::Number(end)).await?;
                    if end_after.is_none_or(|after| after.block != end_before) {
                        return Err(FollowError::Moved { number: end });
                    }
                    if end_before == last {
                        self.require_whole(last, bloom, &logs).await?;
                    }
                    self.chunk = self.chunk.saturating_mul(2).min(self.most);
                    return batch(&logs, end_before);
                }
                Err(error) if end > first && may_be_too_much(&error) => self.chunk = (end - first).div_ceil(2),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn block(&self, number: u64, last: BlockRef) -> Result<BlockRef, FollowError> {
        if number == last.number {
            return Ok(last);
        }
        let found = self.client.block(BlockNumberOrTag::Number(number)).await?;
        found.map(|found| found.block).ok_or(FollowError::Moved { number })
    }
}

/// Whether a smaller range may work: the node answered and refused, or ran out of time. Not if it was unreachable.
fn may_be_too_much(error: &ClientError) -> bool {
    match error {
        ClientError::Timeout { .. } => true,
        ClientError::Request { source, .. } => {
            source.is_error_resp() || source.is_deser_error() || source.error_code().is_some() || is_http_status(source)
        }
        _ => false,
    }
}

fn is_http_status(error: &alloy::transports::TransportError) -> bool {
    use alloy::transports::TransportErrorKind as Kind;
    matches!(error.as_transport_err(), Some(Kind::HttpError(_) | Kind::HttpErrorWithRetryAfter { .. }))
}

fn batch(logs: &[Log], end: BlockRef) -> Result<Batch, FollowError> {
    let present = logs.iter().filter(|log| !log.removed);
    let entries = present.map(entry).collect::<Option<Vec<_>>>().ok_or(FollowError::Misplaced)?;
    let mut blocks: Vec<_> = entries.iter().map(|entry| entry.block).collect();
    blocks.push(end);
    blocks.dedup();
    Ok(Batch { blocks, entries })
}

fn entry(log: &Log) -> Option<Entry> {
    Some(Entry {
        block: BlockRef { number: log.block_number?, hash: log.block_hash? },
        log_index: log.log_index?,
        transaction: log.transaction_hash?,
        address: log.address(),
        log: log.inner.data.clone(),
    })
}
