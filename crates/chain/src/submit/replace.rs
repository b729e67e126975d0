//! What takes the place of a transaction that waits: the same for more, or an empty one.

use alloy::{eips::BlockId, primitives::Bytes, signers};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::{
    Sent, Submitter,
    sent::{self, Standing},
};
use crate::{ClientError, Request};

/// Gas of a transaction that does nothing, where the node cannot tell.
const LEAST_GAS: u64 = 21_000;

impl<R> Submitter<R> {
    /// Takes a transaction back whose deadline has passed, or raises what one pays that has waited since `raise_at`. `None`
    /// where it stays as it is.
    pub(super) async fn replace(
        &mut self,
        sent: &Sent,
        raise_at: &mut Instant,
    ) -> Result<Option<(Sent, Standing)>, ClientError> {
        if !sent.is_taken_back() && self.has_passed(sent.request.deadline).await? {
            return self.take_back(sent).await;
        }
        if Instant::now() < *raise_at {
            return Ok(None);
        }
        *raise_at = Instant::now() + self.settings.raise_after;
        if let Some(sent) = self.fill_gap(sent).await? {
            return Ok(Some((sent, Standing::Waiting)));
        }
        let Some(fees) = sent.fees.raised(self.client.fees().await?) else { return Ok(None) };
        let raised = sent.for_fees(&*self.signer, self.client.chain_id(), fees).await;
        self.offer_instead(sent, raised, "a stuck transaction pays more").await
    }

    /// Where a reorganisation undid what was before a transaction, and the node does not hold that any more, the transaction
    /// waits in vain: empty ones take those nonces. What was undone is wanted anew, and an old one that is mined after all is
    /// found by its receipt. `None` where nothing is missing.
    async fn fill_gap(&mut self, sent: &Sent) -> Result<Option<Sent>, ClientError> {
        let mined = self.client.transaction_count(self.address(), BlockId::latest()).await?;
        // On a node that is behind, what is missing may only be missing there.
        if mined >= sent.nonce || self.require_caught_up().await.is_err() {
            return Ok(None);
        }
        let held = self.client.transaction_count(self.address(), BlockId::pending()).await;
        let held = held.or_else(|error| error.refusal().map(|_| mined).ok_or(error))?;
        let nothing = Request::call(self.address(), Bytes::new());
        let gas = self.client.estimate_gas(self.address(), &nothing).await?;
        let (fees, mut filled) = (self.client.fees().await?, sent.clone());
        for nonce in held.max(mined)..sent.nonce {
            let chain_id = self.client.chain_id();
            let empty = match sent::sign(&*self.signer, chain_id, &sent.key, &nothing, nonce, gas, fees).await {
                Ok(empty) => empty,
                Err(error) => {
                    warn!(key = sent.key, nonce, %error, "what fills a nonce is not signed");
                    break;
                }
            };
            filled.filled = filled.filled.saturating_add(empty.most());
            if !self.purse.raise(filled.most()).await {
                return Ok(None);
            }
            self.sent = Some(filled.clone());
            info!(key = sent.key, nonce, "a nonce that a reorganisation freed is filled");
            if let Err(error) = self.client.send_raw(&empty.raw).await {
                debug!(key = sent.key, nonce, %error, "the node does not take what fills a nonce");
            }
        }
        Ok((filled.filled > sent.filled).then_some(filled))
    }

    /// Offers an empty transaction of the same nonce. Whichever of them is mined, the other is not.
    async fn take_back(&mut self, sent: &Sent) -> Result<Option<(Sent, Standing)>, ClientError> {
        let fees = sent.fees.bumped(self.client.fees().await?);
        let nothing = Request::call(self.address(), Bytes::new());
        let gas = match self.client.estimate_gas(self.address(), &nothing).await {
            Ok(gas) => gas,
            Err(error) if error.is_retryable() => return Err(error),
            Err(_) => LEAST_GAS,
        };
        let empty = sent.emptied(&*self.signer, self.client.chain_id(), gas, fees).await;
        self.offer_instead(sent, empty, "a transaction is taken back, since its time has passed").await
    }

    /// Offers `next` in place of a transaction. `None` where that one stays: the node may have mined it meanwhile, or not
    /// want another, or no more may be spent, or whoever signs does not consent.
    async fn offer_instead(
        &mut self,
        sent: &Sent,
        next: Result<Sent, signers::Error>,
        what: &str,
    ) -> Result<Option<(Sent, Standing)>, ClientError> {
        let next = match next {
            Ok(next) => next,
            Err(error) => {
                warn!(key = sent.key, %error, "what would replace it is not signed");
                return Ok(None);
            }
        };
        if !self.purse.raise(next.most()).await {
            debug!(key = sent.key, "no more may be spent on a transaction that waits");
            return Ok(None);
        }
        // Before it is offered: should this future be dropped, or this process end, either of them is looked for.
        if let Err(error) = self.write_down(&next).await {
            warn!(key = sent.key, error = &error as &dyn std::error::Error, "what replaces it cannot be written down");
            return Ok(None);
        }
        self.sent = Some(next.clone());
        match Standing::after(self.client.send_raw(&next.raw).await) {
            Ok(standing) => {
                info!(key = sent.key, transaction = %next.hash, max_fee = next.fees.max_fee, "{what}");
                Ok(Some((next, standing)))
            }
            Err(error) => {
                debug!(key = sent.key, %error, "the node keeps the transaction that waits");
                self.sent = Some(sent.clone());
                Ok(None)
            }
        }
    }
}
