//! A market on its chain: reading it, and sending to it.

mod done;
mod fold;
mod recall;
mod view;

use std::sync::Arc;

use alloy::{
    network::TxSigner,
    primitives::{Address, B256, Bytes, Signature, utils::format_ether},
    rpc::types::Filter,
};
use anyhow::anyhow;
use bindings::{Call, OutOfRange, Refused, Target, contracts::Transax};
use chain::{Client, Outcome, Receipt, Request, SubmitSettings, Submitter};
pub use done::Done;
pub use fold::{fold, logs};
pub use recall::{CaughtUp, Recall, folded};
use transax::{Event, Kin, Past};
use units::IntervalIndex;
pub use view::View;

use crate::{
    cli::Signer,
    deployment::{Deployment, DeploymentError},
    exit::Failure,
    hosting::{Hosting, Market},
    setting::Setting,
};

/// A market whose chain answers, and is the one that was written down.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where it is.
    pub deployment: Deployment,
    /// The node.
    pub client: Client,
    recall: Recall,
    past: Past,
    kin: Option<Arc<dyn Kin>>,
}

impl Hosting<Session> {
    /// For an agent that needs no more of the past than this; without, all of it is remembered.
    pub fn remembering(mut self, past: Past) -> Self {
        self.session.past = past;
        self
    }

    /// For agents of homes that trade without being seen, and their meters.
    pub fn recognising(mut self, kin: impl Kin + 'static) -> Self {
        self.session.kin = Some(Arc::new(kin));
        self
    }
}

impl Market for Session {
    type Protocol = runtime::Transax;

    fn into_parts(self) -> (Client, runtime::Transax) {
        let Self { deployment, client, past, kin, .. } = self;
        let market = runtime::Transax::new(deployment.place(), deployment.params);
        let market = match kin {
            Some(kin) => market.recognising(kin),
            None => market.remembering(past),
        };
        (client, market)
    }
}

impl Session {
    /// Reads the deployment file, connects, and compares what is there with what was written down.
    pub async fn open(setting: &Setting) -> Result<Self, Failure> {
        let deployment = setting.deployment()?;
        let client = setting.connect(&deployment.rpc).await?;
        client.expect(deployment.chain_id, &[deployment.market, deployment.token]).await?;
        let config = client.read(deployment.market, &Transax::configCall {}).await?;
        if bindings::params(&config).as_ref() != Some(&deployment.params) {
            let (file, market) = (setting.deployment_file.clone(), deployment.market);
            return Err(DeploymentError::Differs { file, market }.into());
        }
        Ok(Self { deployment, client, recall: setting.recall(), past: Past::Whole, kin: None })
    }

    /// The next interval that can be traded, as the contract says.
    pub async fn next_interval(&self) -> Result<IntervalIndex, Failure> {
        let next = self.client.read(self.deployment.market, &Transax::nextIntervalCall {}).await?;
        Ok(IntervalIndex(next.to()))
    }

    /// Everything the market ever emitted, folded.
    pub async fn view(&self) -> Result<View, Failure> {
        View::read(self).await
    }

    /// A sender with the key of the wallet that is named.
    pub async fn sender(&self, setting: &Setting, signer: &Signer) -> Result<Sender, Failure> {
        Sender::new(self.client.clone(), setting.key(signer).await?, Refused::decode).await
    }

    /// Does what `call` asks.
    pub async fn send(&self, sender: &mut Sender, call: &Call) -> Result<Receipt, Failure> {
        let to = match call.target() {
            Target::Market => self.deployment.market,
            Target::Token => self.deployment.token,
        };
        let data = call.data().map_err(|error: OutOfRange| Failure::Usage(error.to_string()))?;
        sender.send(&call.to_string(), Request::call(to, data)).await
    }

    /// What the market emitted in a transaction.
    pub async fn events(&self, receipt: &Receipt) -> Result<Vec<Event>, Failure> {
        let filter = Filter::new().address(self.deployment.market).at_block_hash(receipt.block.hash);
        let logs = self.client.logs(&filter).await?;
        let own = logs.iter().filter(|log| log.transaction_hash == Some(receipt.transaction));
        own.filter_map(|log| bindings::event(&log.inner.data).transpose())
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::Other(error.into()))
    }
}

/// Sends with one key. `R` is what the contract says when it refuses.
pub struct Sender<R = Refused>(Submitter<R>);

impl<R: Into<Failure>> Sender<R> {
    /// Takes over the key's nonce, once nothing of it is pending any more; `decode` reads the data of a revert.
    pub async fn new(
        client: Client,
        key: impl TxSigner<Signature> + Send + Sync + 'static,
        decode: fn(&Bytes) -> R,
    ) -> Result<Self, Failure> {
        let mut submitter = Submitter::new(client, key, SubmitSettings::default(), decode);
        submitter.prepare().await?;
        Ok(Self(submitter))
    }

    /// The key's address.
    pub fn address(&self) -> Address {
        self.0.address()
    }

    /// What it sends with, for what is more than a request.
    pub const fn submitter(&mut self) -> &mut Submitter<R> {
        &mut self.0
    }

    /// Says what the account has, and that it is too little.
    async fn poor(&mut self, name: &str) -> Failure {
        let account = self.address();
        let held = self.0.client().balance(account).await.map_or_else(|_| "too little".into(), format_ether);
        anyhow!("{account} has {held} ether, which does not pay for the gas to {name}; send it some ether").into()
    }

    /// Sends a request, called `name` where it fails, unless it would be refused; waits until it is mined.
    pub async fn send(&mut self, name: &str, request: Request) -> Result<Receipt, Failure> {
        let outcome = match self.0.submit(name, &request).await {
            Err(error) if error.lacks_ether() => return Err(self.poor(name).await),
            outcome => outcome?,
        };
        match outcome {
            Outcome::Landed(receipt) => Ok(receipt),
            Outcome::Refused(refused) | Outcome::Raced { refusal: Some(refused), .. } => Err(refused.into()),
            Outcome::Raced { refusal: None, receipt } => Err(failed(receipt.transaction)),
            Outcome::Expired { .. } | Outcome::Withheld { .. } => {
                unreachable!("{name} has no deadline, and what is called for by hand is sent")
            }
        }
    }
}

fn failed(transaction: B256) -> Failure {
    anyhow!("transaction {transaction} failed where others changed the market first; the same may succeed now").into()
}
