//! Sends transactions of one key: simulated first, one at a time, each intent at most once.

mod conclude;
mod landed;
mod nonce;
mod outbox;
mod outcome;
mod purse;
mod replace;
mod sent;

use std::{sync::Arc, time::Duration};

use alloy::{
    eips::BlockId,
    network::TxSigner,
    primitives::{Address, B256, Bytes, Signature},
};
use journal::{Account, Outbox};
use landed::Landed;
pub use outcome::{Outcome, SubmitError};
use purse::Purse;
use sent::{Sent, Standing};
use tracing::warn;

use crate::{Client, ClientError, Receipt, Request, TRANSACTION_GAS_CAP};

/// How often another node may come to be asked while a transaction is prepared before that is given up for now.
const MOST_SWITCHES: usize = 4;

/// How long things may take, and what they may cost.
#[derive(Clone, Debug)]
pub struct SubmitSettings {
    /// How long to wait for a transaction to be mined before `SubmitError::Pending`.
    pub patience: Duration,
    /// The longest pause between two looks for a receipt; the first pause is 1 ms, and each is twice the one before.
    pub longest_pause: Duration,
    /// How long a transaction waits before another one takes its place that pays more.
    pub raise_after: Duration,
    /// What may be spent on a day (UTC, by the chain's clock), wei: fees, and ether that goes with calls. No bound without.
    pub spend_at_most: Option<u128>,
    /// Whether everything is done but to send.
    pub dry_run: bool,
}

impl Default for SubmitSettings {
    fn default() -> Self {
        Self {
            patience: Duration::from_mins(2),
            longest_pause: Duration::from_millis(500),
            raise_after: Duration::from_secs(30),
            spend_at_most: None,
            dry_run: false,
        }
    }
}

/// The one owner of a key's nonce. `R` is what the contract says when it refuses.
pub struct Submitter<R> {
    client: Client,
    signer: Arc<sent::Signer>,
    settings: SubmitSettings,
    decode: fn(&Bytes) -> R,
    /// The nonce that should be next. A reorganisation may lower it: the chain is asked before each use.
    nonce: Option<u64>,
    /// The transaction that was mined last.
    last: Option<B256>,
    /// The transaction whose fate is not known; no other is sent before it is.
    sent: Option<Sent>,
    /// Where it is written down, beyond this process.
    outbox: Option<Arc<dyn Outbox>>,
    /// Whether what an earlier process had written down was taken up.
    is_recalled: bool,
    landed: Landed,
    purse: Purse,
    /// The newest block that was seen, here or by whoever wants something.
    seen: u64,
    /// How often another node had come to be asked when one was last found to be no further behind.
    switches: u64,
}

impl<R> Submitter<R> {
    /// Submits with `signer`'s key through `client`; `decode` reads the data of a revert. Whoever signs with a device is asked
    /// there for each transaction, also for one that takes the place of another that waits.
    pub fn new(
        client: Client,
        signer: impl TxSigner<Signature> + Send + Sync + 'static,
        settings: SubmitSettings,
        decode: fn(&Bytes) -> R,
    ) -> Self {
        let purse = Purse::new(settings.spend_at_most);
        let switches = client.switches();
        Self {
            client,
            signer: Arc::new(signer),
            settings,
            decode,
            nonce: None,
            last: None,
            sent: None,
            outbox: None,
            is_recalled: false,
            landed: Landed::default(),
            purse,
            seen: 0,
            switches,
        }
    }

    /// Keeps there what is spent, so that a day's bound holds across restarts, and what is about to be sent, so that whoever
    /// comes after finds out what became of it before anything else is sent. One submitter writes it.
    #[must_use]
    pub fn keeping(mut self, account: Account) -> Self {
        self.purse.kept = Some(account.spending);
        self.outbox = Some(account.outbox);
        self
    }

    /// Decides nothing on the state of a node that has not got to this block, should another one come to be asked.
    pub fn not_before(&mut self, block: u64) {
        self.seen = self.seen.max(block);
    }

    /// Whether the fate of a transaction is not known yet.
    pub const fn is_waiting(&self) -> bool {
        self.sent.is_some()
    }

    /// Finds out what became of the transaction whose fate is not known, and of which intent it is; takes it back where its
    /// deadline has passed.
    pub async fn conclude_sent(&mut self) -> Result<Option<(String, Outcome<R>)>, SubmitError> {
        self.recall().await?;
        let Some(sent) = self.sent.clone() else { return Ok(None) };
        let outcome = self.conclude(&sent, Standing::Unknown).await?;
        Ok(Some((sent.key, outcome)))
    }

    /// The key's address.
    pub fn address(&self) -> Address {
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
        if let Some((before, outcome)) = self.conclude_sent().await?
            && before == key
        {
            return Ok(outcome);
        }
        let sent = match self.decide_or_sign(key, request).await? {
            Ok(sent) => sent,
            Err(outcome) => return Ok(outcome),
        };
        let (at_most, now) = (sent.most(), self.now_for_purse().await?);
        if self.settings.dry_run {
            self.purse.check(key, now, at_most).await?;
            return Ok(Outcome::Withheld { gas_limit: sent.gas_limit, at_most });
        }
        self.purse.reserve(key, now, at_most).await?;
        if let Err(error) = self.write_down(&sent).await {
            self.purse.settle(0).await;
            return Err(SubmitError::Outbox(error));
        }
        self.sent = Some(sent.clone());
        let standing = self.send(&sent).await?;
        self.conclude(&sent, standing).await
    }

    /// Signs what is to be sent, or tells what it came to without. All of it is found out from one node, from the start
    /// again where another one comes to be asked.
    async fn decide_or_sign(&mut self, key: &str, request: &Request) -> Result<Result<Sent, Outcome<R>>, SubmitError> {
        for _ in 0..MOST_SWITCHES {
            self.require_caught_up().await?;
            let found = self.try_to_sign(key, request).await;
            if self.client.switches() == self.switches {
                return found;
            }
        }
        Err(SubmitError::Switched { key: key.to_owned() })
    }

    async fn try_to_sign(&mut self, key: &str, request: &Request) -> Result<Result<Sent, Outcome<R>>, SubmitError> {
        if let Some(receipt) = self.still_landed(key).await? {
            return Ok(Err(Outcome::Landed(receipt)));
        }
        if self.has_passed(request.deadline).await? {
            return Ok(Err(Outcome::Expired { receipt: None }));
        }
        let from = self.address();
        let (simulated, gas) = tokio::join!(
            self.client.simulate(from, request, BlockId::latest()),
            self.client.estimate_gas(from, request)
        );
        if let Err(revert) = simulated? {
            return Ok(Err(Outcome::Refused((self.decode)(&revert))));
        }
        Ok(Ok(self.sign(key, request, gas?).await?))
    }

    /// Fails where another node came to be asked that is behind what was seen: on its state, what is done would look undone.
    pub(super) async fn require_caught_up(&mut self) -> Result<(), SubmitError> {
        let switches = self.client.switches();
        if switches != self.switches {
            let head = self.client.head().await?.block.number;
            if head < self.seen {
                return Err(SubmitError::Behind { head, seen: self.seen });
            }
            self.switches = switches;
        }
        Ok(())
    }

    /// Whether a deadline has passed by the chain's clock.
    async fn has_passed(&self, deadline: Option<u64>) -> Result<bool, ClientError> {
        match deadline {
            Some(deadline) => Ok(self.client.head().await?.timestamp >= deadline),
            None => Ok(false),
        }
    }

    /// The chain's time, where what is spent is bounded.
    async fn now_for_purse(&self) -> Result<u64, ClientError> {
        match self.settings.spend_at_most {
            Some(_) => Ok(self.client.head().await?.timestamp),
            None => Ok(0),
        }
    }

    async fn still_landed(&mut self, key: &str) -> Result<Option<Receipt>, SubmitError> {
        let Some(known) = self.landed.get(key) else { return Ok(None) };
        let receipt = self.client.receipt(known.transaction).await?;
        if receipt.is_none() {
            // A node that is behind knows nothing of it either.
            if self.client.switches() != self.switches {
                return Err(SubmitError::Switched { key: key.to_owned() });
            }
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
        let signed = sent::sign(&*self.signer, self.client.chain_id(), key, request, nonce, gas, fees).await;
        signed.map_err(|source| SubmitError::Unsigned { key: key.to_owned(), source })
    }

    /// Offers a transaction to the node for the first time.
    async fn send(&mut self, sent: &Sent) -> Result<Standing, SubmitError> {
        match Standing::after(self.client.send_raw(&sent.raw).await) {
            Ok(standing) => Ok(standing),
            Err(source) => {
                self.forget().await;
                Err(SubmitError::Rejected { key: sent.key.clone(), source })
            }
        }
    }
}
