//! What is signed is written down before it is sent, so that whoever comes after knows of it.

use alloy::eips::BlockId;
use journal::JournalError;
use tracing::{info, warn};

use super::{
    SubmitError, Submitter,
    sent::{Sent, Standing},
};

impl<R> Submitter<R> {
    /// Takes up, once, what an earlier process had signed and did not find out about. What is nowhere on its way, and would
    /// fail or be refused by now, is let go: whoever wants it still signs it anew, for the same nonce.
    pub(super) async fn recall(&mut self) -> Result<(), SubmitError> {
        let Some(outbox) = self.outbox.clone().filter(|_| !self.is_recalled && !self.settings.dry_run) else {
            return Ok(());
        };
        if let Some(found) = outbox.read().await.map_err(SubmitError::Outbox)? {
            let (key, nonce) = (found.intent.clone(), found.nonce);
            if let Some(sent) = Sent::recalled(found) {
                let (is_void, now) = (self.is_void(&sent).await?, self.now_for_purse().await?);
                // Last of what may fail: were it done again, as much would be taken off twice.
                self.purse.take_up(now, sent.most()).await?;
                if is_void {
                    info!(key, nonce, "what an earlier process signed is let go");
                    self.forget().await;
                } else {
                    info!(key, nonce, transaction = %sent.hash, "an earlier process signed a transaction");
                    self.sent = Some(sent);
                }
            } else {
                warn!(key, nonce, "what an earlier process signed cannot be read");
            }
        }
        self.is_recalled = true;
        Ok(())
    }

    /// Whether nothing will become of a transaction. Offers it again as it is, unless it would fail.
    async fn is_void(&self, sent: &Sent) -> Result<bool, SubmitError> {
        if self.any_receipt(sent).await?.is_some() || self.nonce_is_used(sent).await? {
            return Ok(false);
        }
        let held = self.client.transaction_count(self.address(), BlockId::pending()).await;
        // A node without a notion of pending transactions names none.
        if held.or_else(|error| error.refusal().map(|_| 0).ok_or(error))? > sent.nonce {
            return Ok(false);
        }
        let would_fail = self.client.simulate(self.address(), &sent.request, BlockId::latest()).await?.is_err();
        if sent.is_taken_back() || would_fail || self.has_passed(sent.request.deadline).await? {
            return Ok(true);
        }
        Ok(Standing::after(self.client.send_raw(&sent.raw).await).is_err())
    }

    /// Before it is sent.
    pub(super) async fn write_down(&self, sent: &Sent) -> Result<(), JournalError> {
        match &self.outbox {
            Some(outbox) => outbox.write(&sent.outgoing()).await,
            None => Ok(()),
        }
    }

    /// It is known what became of what was written down.
    pub(super) async fn cross_out(&self) {
        let Some(outbox) = &self.outbox else { return };
        // Whoever comes after finds out once more.
        if let Err(error) = outbox.clear().await {
            warn!(error = &error as &dyn std::error::Error, "what was sent stays written down");
        }
    }
}
