//! Which nonce is next.

use alloy::eips::BlockId;
use tokio::time::Instant;
use tracing::warn;

use super::{SubmitError, Submitter, sent::Sent};
use crate::ClientError;

impl<R> Submitter<R> {
    /// Finds out what became of what a process that was here before had written down, waits until no transaction of the key
    /// is pending, and returns the newest block then: a view that is older may not show what the key did.
    pub async fn prepare(&mut self) -> Result<u64, SubmitError> {
        self.conclude_sent().await?;
        self.settle().await?;
        let block = self.client.head().await?.block.number;
        self.not_before(block);
        Ok(block)
    }

    /// The nonce of a new transaction, while none of ours is on its way.
    pub(super) async fn next_nonce(&mut self, key: &str) -> Result<u64, SubmitError> {
        let mined = self.client.transaction_count(self.address(), BlockId::latest()).await?;
        match self.nonce {
            Some(nonce) if mined > nonce => {
                self.forget().await;
                Err(SubmitError::NonceTaken { key: key.to_owned(), account: self.address(), nonce })
            }
            // The node that counted is behind the one that knows our last transaction.
            Some(nonce) if mined < nonce && self.last_is_mined().await? => Ok(nonce),
            Some(nonce) if mined < nonce => {
                warn!(key, nonce, mined, "a reorganisation undid transactions of this account");
                self.settle().await
            }
            _ => Ok(mined),
        }
    }

    /// Whether a transaction can no longer be mined, unless it was. Not known counts as no.
    pub(super) async fn nonce_is_used(&self, sent: &Sent) -> Result<bool, ClientError> {
        match self.client.transaction_count(self.address(), BlockId::latest()).await {
            Ok(mined) => Ok(mined > sent.nonce),
            Err(error) if error.is_retryable() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until no transaction of the key is pending, and returns the next nonce.
    async fn settle(&mut self) -> Result<u64, SubmitError> {
        let deadline = Instant::now() + self.settings.patience;
        loop {
            let mined = self.client.transaction_count(self.address(), BlockId::latest()).await?;
            let all = self.client.transaction_count(self.address(), BlockId::pending()).await;
            // A node without a notion of pending transactions cannot name any.
            if all.or_else(|error| error.refusal().map(|_| mined).ok_or(error))? <= mined {
                self.nonce = Some(mined);
                return Ok(mined);
            }
            if Instant::now() >= deadline {
                return Err(SubmitError::Busy { account: self.address() });
            }
            tokio::time::sleep(self.settings.longest_pause).await;
        }
    }

    async fn last_is_mined(&self) -> Result<bool, ClientError> {
        match self.last {
            Some(last) => Ok(self.client.receipt(last).await?.is_some()),
            None => Ok(false),
        }
    }
}
