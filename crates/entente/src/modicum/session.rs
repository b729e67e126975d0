//! A market on its chain: reading it, and sending to it.

use ::modicum::View;
use alloy::primitives::{B256, U256};
use bindings::{
    OutOfRange,
    contracts::Modicum as Contract,
    modicum::{Call, Refused, config},
};
use chain::{Client, Head, Receipt};
use runtime::{Modicum, Protocol};

use super::known::Known;
use crate::{
    cli::{AtModicum, Signer},
    deployment::DeploymentError,
    exit::Failure,
    hosting::Market,
    session::{self, Recall},
    setting::Setting,
};

/// Sends with one key.
pub type Sender = session::Sender<Refused>;

/// A market whose chain answers, and is the one that was written down.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where it is.
    pub known: Known,
    /// The node.
    pub client: Client,
    /// How it is followed.
    pub protocol: Modicum,
    /// What was read of it before.
    pub recall: Recall,
}

impl Market for Session {
    type Protocol = Modicum;

    fn into_parts(self) -> (Client, Modicum) {
        (self.client, self.protocol)
    }
}

impl Session {
    /// Reads the file, connects, and compares what is there with what was written down.
    pub async fn open(setting: &Setting, at: &AtModicum) -> Result<Self, Failure> {
        let known = Known::read(&at.market)?;
        let client = setting.connect(&known.rpc).await?;
        client.expect(known.chain_id, &[known.market, known.config.token]).await?;
        if config(&client.read(known.market, &Contract::configCall {}).await?) != known.config {
            return Err(DeploymentError::Differs { file: at.market.clone(), market: known.market }.into());
        }
        let protocol = Modicum::new(known.place(), known.config).map_err(anyhow::Error::from)?;
        Ok(Self { known, client, protocol, recall: setting.recall() })
    }

    /// Everything the market ever emitted, folded, and the newest block.
    pub async fn view(&self) -> Result<(View, Head), Failure> {
        session::fold(&self.recall, &self.client, &self.protocol).await
    }

    /// A sender with the key of the wallet that is named.
    pub async fn sender(&self, setting: &Setting, signer: &Signer) -> Result<Sender, Failure> {
        Sender::new(self.client.clone(), setting.key(signer).await?, Refused::decode).await
    }

    /// Does what `call` asks.
    pub async fn send(&self, sender: &mut Sender, call: &Call) -> Result<Receipt, Failure> {
        call.data().map_err(|error: OutOfRange| Failure::Usage(error.to_string()))?;
        let request = self.protocol.request(call).map_err(|error| Failure::Other(anyhow::anyhow!(error)))?;
        sender.send(&call.to_string(), request).await
    }

    /// Pays in what the sender's balance in the market lacks of `needed`; returns what was sent.
    pub async fn top_up(&self, sender: &mut Sender, needed: u128) -> Result<Vec<Receipt>, Failure> {
        let account = sender.address();
        let funds: U256 = self.client.read(self.known.market, &Contract::fundsCall { account }).await?;
        let missing = needed.saturating_sub(funds.saturating_to());
        if missing == 0 { Ok(Vec::new()) } else { self.pay_in(sender, missing).await }
    }

    /// Pays tokens in.
    pub async fn pay_in(&self, sender: &mut Sender, amount: u128) -> Result<Vec<Receipt>, Failure> {
        let approve = Call::Approve { spender: self.known.market, amount };
        let approved = self.send(sender, &approve).await?;
        Ok(vec![approved, self.send(sender, &Call::DepositFunds { amount }).await?])
    }

    /// Until when a reaction or a verdict is in time, as the contract says; `None` where it waits for neither.
    pub async fn until(&self, id: B256) -> Result<Option<u64>, Failure> {
        let state = self.client.read(self.known.market, &Contract::matchStateCall { id }).await?;
        Ok(Some(state.until.to::<u64>()).filter(|until| *until > 0))
    }
}
