//! Sends transactions of one key: simulated first, one at a time, each intent at most once.

mod landed;
mod outcome;
mod sent;

use std::time::Duration;

use alloy::{
    eips::BlockId,
    primitives::{Address, Bytes},
    signers::local::PrivateKeySigner,
};
use landed::Landed;
pub use outcome::{Outcome, SubmitError};
use sent::{Sent, Standing};
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::{Client, ClientError, Receipt, Request, TRANSACTION_GAS_CAP};

/// How long things may take.
#[derive(Clone, Debug)]
pub struct SubmitSettings {
    /// How long to wait for a transaction to be mined before `SubmitError::Pending`.
    pub patience: Duration,
    /// The longest pause between two looks for a receipt; the first pause is 1 ms, and each is twice the one before.
    pub longest_pause: Duration,
}

impl Default for SubmitSettings {
    fn default() -> Self {
        Self { patience: Duration::from_mins(2), longest_pause: Duration::from_millis(500) }
    }
}

/// The one owner of a key's nonce. `R` is what the contract says when it refuses.
pub struct Submitter<R> {
    client: Client,
    signer: PrivateKeySigner,
    settings: SubmitSettings,
    decode: fn(&Bytes) -> R,
    nonce: Option<u64>,
    /// The transaction whose fate is not known; no other is sent before it is.
    sent: Option<Sent>,
    landed: Landed,
}

impl<R> Submitter<R> {
    /// Submits with `signer`'s key through `client`; `decode` reads the data of a revert.
    pub fn new(client: Client, signer: PrivateKeySigner, settings: SubmitSettings, decode: fn(&Bytes) -> R) -> Self {
        Self { client, signer, settings, decode, nonce: None, sent: None, landed: Landed::default() }
    }

    /// The key's address.
    pub const fn address(&self) -> Address {
        self.signer.address()
    }

    /// The node it submits to.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until no transaction of the key is pending, for instance of a process that was here before, and returns the
    /// newest block then: a view that is older may not show what the key did.
    pub async fn prepare(&mut self) -> Result<u64, SubmitError> {
        let deadline = Instant::now() + self.settings.patience;
        loop {
            let mined = self.client.transaction_count(self.address(), BlockId::latest()).await?;
            let all = self.client.transaction_count(self.address(), BlockId::pending()).await;
            // A node without a notion of pending transactions cannot name any.
            if all.or_else(|error| error.refusal().map(|_| mined).ok_or(error))? <= mined {
                self.nonce = Some(mined);
                return Ok(self.client.head().await?.block.number);
            }
            if Instant::now() >= deadline {
                return Err(SubmitError::Busy { account: self.address() });
            }
            tokio::time::sleep(self.settings.longest_pause).await;
        }
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
            self.nonce = None;
        }
        Ok(receipt)
    }

    async fn sign(&mut self, key: &str, request: &Request, estimate: u64) -> Result<Sent, SubmitError> {
        let nonce = match self.nonce {
            Some(nonce) => nonce,
            None => self.client.transaction_count(self.address(), BlockId::latest()).await?,
        };
        let fees = self.client.fees().await?;
        // The state may have changed a little when the transaction is mined; what is not used is not paid.
        let gas = estimate.saturating_add(estimate / 4).min(TRANSACTION_GAS_CAP);
        Ok(sent::sign(&self.signer, self.client.chain_id(), key, request, nonce, gas, fees))
    }

    /// Offers a transaction to the node for the first time.
    async fn send(&mut self, sent: &Sent) -> Result<Standing, SubmitError> {
        let answer = self.client.send_raw(&sent.raw).await;
        Standing::after(answer).map_err(|source| self.rejected(sent, source))
    }

    /// Finds out what became of a transaction: is there a receipt; if not, is its nonce still free; if so, it is offered
    /// again as it is, which can never carry it out twice.
    async fn conclude(&mut self, sent: &Sent, mut standing: Standing) -> Result<Outcome<R>, SubmitError> {
        let deadline = Instant::now() + self.settings.patience;
        let mut pause = Duration::from_millis(1);
        loop {
            match self.client.receipt(sent.hash).await {
                Ok(Some(receipt)) => return self.record(sent, receipt).await,
                Ok(None) if standing == Standing::Unknown => standing = self.offer_again(sent).await?,
                Ok(None) => {}
                Err(error) if error.is_retryable() => debug!(key = sent.key, %error, "no answer about a receipt"),
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Err(self.give_up(sent, standing));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.settings.longest_pause);
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
            Err(source) => Err(self.rejected(sent, source)),
        }
    }

    async fn nonce_is_used(&self, sent: &Sent) -> Result<bool, ClientError> {
        match self.client.transaction_count(self.address(), BlockId::latest()).await {
            Ok(mined) => Ok(mined > sent.nonce),
            Err(error) if error.is_retryable() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn rejected(&mut self, sent: &Sent, source: ClientError) -> SubmitError {
        self.forget();
        SubmitError::Rejected { key: sent.key.clone(), source }
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
            let reason = self.reason(sent, &receipt).await?;
            Outcome::Raced { refusal: reason.map(|revert| (self.decode)(&revert)), receipt }
        };
        self.sent = None;
        self.nonce = Some(sent.nonce + 1);
        if receipt.succeeded {
            self.landed.insert(&sent.key, receipt);
        }
        Ok(outcome)
    }

    /// Repeats a failed transaction on the state after its block. `None` if it would succeed there.
    async fn reason(&self, sent: &Sent, receipt: &Receipt) -> Result<Option<Bytes>, ClientError> {
        let block = BlockId::number(receipt.block.number);
        Ok(self.client.simulate(self.address(), &sent.request, block).await?.err())
    }
}
