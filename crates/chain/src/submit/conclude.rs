//! Finding out what became of a transaction.

use std::time::Duration;

use alloy::{eips::BlockId, primitives::Bytes};
use tokio::time::Instant;
use tracing::debug;

use super::{
    Outcome, SubmitError, Submitter,
    sent::{Sent, Standing},
};
use crate::{ClientError, Receipt};

impl<R> Submitter<R> {
    /// Finds out what became of a transaction: is there a receipt; if not, is its nonce still free; if so, it is offered
    /// again as it is, which can never carry it out twice.
    pub(super) async fn conclude(&mut self, sent: &Sent, mut standing: Standing) -> Result<Outcome<R>, SubmitError> {
        let deadline = Instant::now() + self.settings.patience;
        let mut raise_at = Instant::now() + self.settings.raise_after;
        let mut pause = Duration::from_millis(1);
        let mut sent = sent.clone();
        let mut switches = self.client.switches();
        loop {
            // Another node may never have heard of it.
            if std::mem::replace(&mut switches, self.client.switches()) != switches && standing == Standing::Waiting {
                standing = Standing::Unknown;
            }
            match self.any_receipt(&sent).await {
                Ok(Some(receipt)) => return self.record(&sent, receipt).await,
                Ok(None) if standing != Standing::NonceUsed => match self.replace(&sent, &mut raise_at).await {
                    Ok(Some(replaced)) => (sent, standing) = replaced,
                    Ok(None) if standing == Standing::Unknown => standing = self.offer_again(&sent).await?,
                    Ok(None) => {}
                    Err(error) if error.is_retryable() => debug!(key = sent.key, %error, "no answer about fees"),
                    Err(error) => return Err(error.into()),
                },
                Ok(None) => {}
                Err(error) if error.is_retryable() => debug!(key = sent.key, %error, "no answer about a receipt"),
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Err(self.give_up(&sent, standing).await);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.settings.longest_pause);
        }
    }

    /// Of the transaction, or of one that it replaced.
    pub(super) async fn any_receipt(&self, sent: &Sent) -> Result<Option<Receipt>, ClientError> {
        for hash in sent.hashes() {
            if let Some(receipt) = self.client.receipt(hash).await? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    async fn offer_again(&mut self, sent: &Sent) -> Result<Standing, SubmitError> {
        if self.nonce_is_used(sent).await? {
            return Ok(Standing::NonceUsed);
        }
        match Standing::after(self.client.send_raw(&sent.raw).await) {
            Ok(standing) => Ok(standing),
            // It may have been mined since, and be refused for that.
            Err(_) if self.nonce_is_used(sent).await? => Ok(Standing::NonceUsed),
            // Another node may still hold it, so it stays the one to look for.
            Err(source) => Err(SubmitError::Rejected { key: sent.key.clone(), source }),
        }
    }

    async fn give_up(&mut self, sent: &Sent, standing: Standing) -> SubmitError {
        let pending = SubmitError::Pending { key: sent.key.clone(), transaction: sent.hash };
        if standing != Standing::NonceUsed {
            return pending;
        }
        // The node that knows no receipt must be the one that knows that its nonce is used.
        match self.nonce_is_used(sent).await {
            Ok(true) => {
                self.forget().await;
                SubmitError::NonceTaken { key: sent.key.clone(), account: self.address(), nonce: sent.nonce }
            }
            Ok(false) => pending,
            Err(error) => error.into(),
        }
    }

    /// Lets go of a transaction that can no longer be mined.
    pub(super) async fn forget(&mut self) {
        self.sent = None;
        self.nonce = None;
        self.cross_out().await;
        self.purse.settle(0).await;
    }

    async fn record(&mut self, sent: &Sent, receipt: Receipt) -> Result<Outcome<R>, SubmitError> {
        let is_empty = sent.empty.contains(&receipt.transaction);
        let outcome = if is_empty {
            Outcome::Expired { receipt: Some(receipt) }
        } else if receipt.succeeded {
            Outcome::Landed(receipt)
        } else {
            let reason = self.reason(sent, &receipt).await;
            Outcome::Raced { refusal: reason.map(|revert| (self.decode)(&revert)), receipt }
        };
        let value = if is_empty || !receipt.succeeded { 0 } else { u128::try_from(sent.request.value).unwrap_or(0) };
        self.purse
            .settle(
                receipt
                    .gas_price
                    .saturating_mul(receipt.gas_used.into())
                    .saturating_add(value)
                    .saturating_add(sent.filled),
            )
            .await;
        self.seen = self.seen.max(receipt.block.number);
        self.sent = None;
        self.cross_out().await;
        (self.nonce, self.last) = (Some(sent.nonce + 1), Some(receipt.transaction));
        if receipt.succeeded && !is_empty {
            self.landed.insert(&sent.key, receipt);
        }
        Ok(outcome)
    }

    /// Repeats a failed transaction on the state after its block. `None` if it would succeed there, and if the node cannot
    /// tell: it may have dropped that state.
    async fn reason(&self, sent: &Sent, receipt: &Receipt) -> Option<Bytes> {
        let block = BlockId::number(receipt.block.number);
        match self.client.simulate(self.address(), &sent.request, block).await {
            Ok(repeated) => repeated.err(),
            Err(error) => {
                debug!(key = sent.key, transaction = %sent.hash, %error, "no answer about why a transaction failed");
                None
            }
        }
    }
}
