//! Reads logs of ranges, in pieces as large as the node allows.

use alloy::{
    eips::BlockNumberOrTag,
    primitives::Address,
    rpc::types::{Filter, Log},
};
use journal::{Batch, BlockRef, Entry};

use super::FollowError;
use crate::{Client, ClientError};

/// Reads ranges whose length adapts to the node.
pub(super) struct Ranges {
    client: Client,
    filter: Filter,
    most: u64,
    chunk: u64,
}

impl Ranges {
    pub(super) fn new(client: Client, contracts: Vec<Address>, most: u64) -> Self {
        Self { client, filter: Filter::new().address(contracts), most: most.max(1), chunk: most.max(1) }
    }

    /// What one block emitted, by its hash: no reorganisation can mix into it.
    pub(super) async fn read_block(&self, block: BlockRef) -> Result<Batch, FollowError> {
        let logs = self.client.logs(&self.filter.clone().at_block_hash(block.hash)).await?;
        batch(&logs, block)
    }

    /// What `first` and as many of the blocks up to `last` as the node allows emitted.
    pub(super) async fn read(&mut self, first: u64, last: BlockRef) -> Result<Batch, FollowError> {
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
