//! Sends transactions of one key: simulated first, one at a time, each intent at most once.

mod landed;
mod nonce;
mod outcome;
mod sent;

use std::time::Duration;

use alloy::{
    eips::BlockId,
    primitives::{Address, B256, Bytes},
    signers::local::PrivateKeySigner,
};
use landed::Landed;
pub use outcome::{Outcome, SubmitError};
use sent::{Sent, Standing};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::{Client, ClientError, Receipt, Request, TRANSACTION_GAS_CAP};

/// How long things may take.
#[derive(Clone, Debug)]
pub struct SubmitSettings {
    /// How long to wait for a transaction to be mined before `SubmitError::Pending`.
    pub patience: Duration,
    /// The longest pause between two looks for a receipt; the first pause is 1 ms, and each is twice the one before.
    pub longest_pause: Duration,
    /// How long a transaction waits before another one takes its place that pays more.
    pub raise_after: Duration,
}

impl Default for SubmitSettings {
    fn default() -> Self {
        Self {
            patience: Duration::from_mins(2),
            longest_pause: Duration::from_millis(500),
            raise_after: Duration::from_secs(30),
        }
    }
}

/// The one owner of a key's nonce. `R` is what the contract says when it refuses.
pub struct Submitter<R> {
    client: Client,
    signer: PrivateKeySigner,
    settings: SubmitSettings,
    decode: fn(&Bytes) -> R,
    /// The nonce that should be next. A reorganisation may lower it: the chain is asked before each use.
    nonce: Option<u64>,
    /// The transaction that was mined last.
    last: Option<B256>,
    /// The transaction whose fate is not known; no other is sent before it is.
    sent: Option<Sent>,
    landed: Landed,
}

impl<R> Submitter<R> {
    /// Submits with `signer`'s key through `client`; `decode` reads the data of a revert.
    pub fn new(client: Client, signer: PrivateKeySigner, settings: SubmitSettings, decode: fn(&Bytes) -> R) -> Self {
        Self { client, signer, settings, decode, nonce: None, last: None, sent: None, landed: Landed::default() }
    }

    /// The key's address.
    pub const fn address(&self) -> Address {
        self.signer.address()
    }

    /// The node it submits to.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Does what `request` asks, unless the intent `key` has been carried out already or the contract refuses.
    ///
    /// An error leaves the intent undecided: submitting it again first finds out what became of it. The future may be
    /// dropped at any time; a transaction that was being sent is then looked for before the next.
    pub async fn submit(&mut self, key: &str, request: &Request) -> Result<Outcome<R>, SubmitError> {
        if let Some(before) = self.sent.clone() {
            let outcome = self.conclude(&before, Standing::Unknown).await?;
            if before.key == key {
                return Ok(outcome);
            }
        }
        if let Some(receipt) = self.still_landed(key).await? {
            return Ok(Outcome::Landed(receipt));
        }
        let from = self.address();
        let (simulated, gas) = tokio::join!(
            self.client.simulate(from, request, BlockId::latest()),
            self.client.estimate_gas(from, request)
        );
        if let Err(revert) = simulated? {
            return Ok(Outcome::Refused((self.decode)(&revert)));
        }
        let sent = self.sign(key, request, gas?).await?;
        self.sent = Some(sent.clone());
        let standing = self.send(&sent).await?;
        self.conclude(&sent, standing).await
    }

    async fn still_landed(&mut self, key: &str) -> Result<Option<Receipt>, SubmitError> {
        let Some(known) = self.landed.get(key) else { return Ok(None) };
        let receipt = self.client.receipt(known.transaction).await?;
        if receipt.is_none() {
            warn!(key, transaction = %known.transaction, "a reorganisation undid a transaction");
            self.landed.remove(key);
        }
        Ok(receipt)
    }

    async fn sign(&mut self, key: &str, request: &Request, estimate: u64) -> Result<Sent, SubmitError> {
        let nonce = self.next_nonce(key).await?;
        let fees = self.client.fees().await?;
        // The state may have changed a little when the transaction is mined; what is not used is not paid.
        let gas = estimate.saturating_add(estimate / 4).min(TRANSACTION_GAS_CAP);
        Ok(sent::sign(&self.signer, self.client.chain_id(), key, request, nonce, gas, fees))
    }

    /// Offers a transaction to the node for the first time.
    async fn send(&mut self, sent: &Sent) -> Result<Standing, SubmitError> {
        let answer = self.client.send_raw(&sent.raw).await;
        Standing::after(answer).map_err(|source| {
            self.forget();
            SubmitError::Rejected { key: sent.key.clone(), source }
        })
    }

    /// Finds out what became of a transaction: is there a receipt; if not, is its nonce still free; if so, it is offered
    /// again as it is, which can never carry it out twice.
    async fn conclude(&mut self, sent: &Sent, mut standing: Standing) -> Result<Outcome<R>, SubmitError> {
        let deadline = Instant::now() + self.settings.patience;
        let mut raise_at = Instant::now() + self.settings.raise_after;
        let mut pause = Duration::from_millis(1);
        let mut sent = sent.clone();
        loop {
            match self.any_receipt(&sent).await {
                Ok(Some(receipt)) => return self.record(&sent, receipt).await,
                Ok(None) if standing == Standing::Unknown => standing = self.offer_again(&sent).await?,
                Ok(None) if standing == Standing::Waiting && Instant::now() >= raise_at => {
                    raise_at = Instant::now() + self.settings.raise_after;
                    match self.raise(&sent).await {
                        Ok(Some(raised)) => (sent, standing) = raised,
                        Ok(None) => {}
                        Err(error) if error.is_retryable() => debug!(key = sent.key, %error, "no answer about fees"),
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(None) => {}
                Err(error) if error.is_retryable() => debug!(key = sent.key, %error, "no answer about a receipt"),
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Err(self.give_up(&sent, standing));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.settings.longest_pause);
        }
    }

    /// Of the transaction, or of one that it replaced.
    async fn any_receipt(&self, sent: &Sent) -> Result<Option<Receipt>, ClientError> {
        for hash in sent.hashes() {
            if let Some(receipt) = self.client.receipt(hash).await? {
                return Ok(Some(receipt));
            }
        }
        Ok(None)
    }

    /// Offers the same for more in place of a transaction that waits. `None` where that one stays: the node may have mined
    /// it meanwhile, or not want another.
    async fn raise(&mut self, sent: &Sent) -> Result<Option<(Sent, Standing)>, ClientError> {
        let Some(fees) = sent.fees.raised(self.client.fees().await?) else { return Ok(None) };
        let raised = sent.for_fees(&self.signer, self.client.chain_id(), fees);
        match Standing::after(self.client.send_raw(&raised.raw).await) {
            Ok(standing) => {
                info!(key = sent.key, transaction = %raised.hash, max_fee = fees.max_fee, "a stuck transaction pays more");
                self.sent = Some(raised.clone());
                Ok(Some((raised, standing)))
            }
            Err(error) => {
                debug!(key = sent.key, %error, "the node keeps the transaction that waits");
                Ok(None)
            }
        }
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

    fn give_up(&mut self, sent: &Sent, standing: Standing) -> SubmitError {
        if standing == Standing::NonceUsed {
            self.forget();
            return SubmitError::NonceTaken { key: sent.key.clone(), account: self.address(), nonce: sent.nonce };
        }
        SubmitError::Pending { key: sent.key.clone(), transaction: sent.hash }
    }

    /// Lets go of a transaction that can no longer be mined.
    fn forget(&mut self) {
        self.sent = None;
        self.nonce = None;
    }

    async fn record(&mut self, sent: &Sent, receipt: Receipt) -> Result<Outcome<R>, SubmitError> {
        let outcome = if receipt.succeeded {
            Outcome::Landed(receipt)
        } else {
            let reason = self.reason(sent, &receipt).await;
            Outcome::Raced { refusal: reason.map(|revert| (self.decode)(&revert)), receipt }
        };
        self.sent = None;
        (self.nonce, self.last) = (Some(sent.nonce + 1), Some(receipt.transaction));
        if receipt.succeeded {
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
