//! A market on its chain: reading it, and sending to it.

use ::solidworx::{Event, Exchange};
use alloy::rpc::types::Filter;
use bindings::{
    OutOfRange,
    contracts::SolidWorx as Contract,
    solidworx::{Call, Refused, event},
};
use chain::{Client, Head, Receipt, Request};
use runtime::SolidWorx;

use super::known::Known;
use crate::{
    cli::{At, Signer},
    exit::Failure,
    hosting::Market,
    session::{self, Recall},
    setting::Setting,
};

/// Sends with one key.
pub type Sender = session::Sender<Refused>;

/// A market whose chain answers.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where it is.
    pub known: Known,
    /// The node.
    pub client: Client,
    recall: Recall,
}

impl Market for Session {
    type Protocol = SolidWorx;

    fn into_parts(self) -> (Client, SolidWorx) {
        (self.client, SolidWorx(self.known.place()))
    }
}

impl Session {
    /// Finds the market, connects, and makes sure that it is there and set up.
    pub async fn open(setting: &Setting, at: &At) -> Result<Self, Failure> {
        let known = Known::find(at).await?;
        let client = setting.connect(&known.rpc).await?;
        client.expect(known.chain_id, &[known.market]).await?;
        let config = client.read(known.market, &Contract::configCall {}).await?;
        if config.numTypes == 0 {
            return Err(Failure::Usage(format!("the market at {} is not set up yet", known.market)));
        }
        Ok(Self { known, client, recall: setting.recall() })
    }

    /// Everything the market ever emitted, folded, and the newest block.
    pub async fn view(&self) -> Result<(Exchange, Head), Failure> {
        session::fold(&self.recall, &self.client, &SolidWorx(self.known.place())).await
    }

    /// A sender with the key of the wallet that is named.
    pub async fn sender(&self, setting: &Setting, signer: &Signer) -> Result<Sender, Failure> {
        Sender::new(self.client.clone(), setting.key(signer).await?, Refused::decode).await
    }

    /// Does what `call` asks, the `number`th of its kind in this run.
    pub async fn send(&self, sender: &mut Sender, number: usize, call: &Call) -> Result<Receipt, Failure> {
        let data = call.data().map_err(|error: OutOfRange| Failure::Usage(error.to_string()))?;
        let request = Request::call(self.known.market, data).paying(call.value());
        sender.send(&format!("{number}: {call}"), request).await
    }

    /// What the market emitted in a transaction.
    pub async fn events(&self, receipt: &Receipt) -> Result<Vec<Event>, Failure> {
        let filter = Filter::new().address(self.known.market).at_block_hash(receipt.block.hash);
        let logs = self.client.logs(&filter).await?;
        let own = logs.iter().filter(|log| log.transaction_hash == Some(receipt.transaction));
        own.map(|log| event(&log.inner.data)).collect::<Result<_, _>>().map_err(|error| Failure::Other(error.into()))
    }
}
