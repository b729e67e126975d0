//! `relay run`: a server that submits what others have signed.

use std::fmt;

use alloy::primitives::Address;
use bindings::Refused;
use chain::{SubmitSettings, Submitter};
use serde::Serialize;
use tokio::net::TcpListener;
use transax_relay::{Policy, Relay, router};
use units::Money;

use super::unseen;
use crate::{
    cli::RelayRun,
    exit::Failure,
    hosting::{serve, until_interrupted},
    output::tokens,
    session::Session,
    setting::Setting,
};

/// Where a relay listens, and what it asks for.
#[derive(Debug, Serialize)]
struct Listening {
    url: String,
    account: Address,
    least_fee_base_units: Money,
    #[serde(skip)]
    token_decimals: u8,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, account, least_fee_base_units, token_decimals } = self;
        write!(
            f,
            "relay {account} listens at {url}, for {} tokens an order",
            tokens(*least_fee_base_units, *token_decimals)
        )
    }
}

/// Serves until interrupted; what was handed in before is answered.
pub async fn run(setting: &Setting, words: &RelayRun) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let session = Session::open(setting).await?;
    let token_decimals = session.deployment.token_decimals;
    let least_fee = words.least_fee.money(token_decimals).map_err(Failure::Usage)?;
    let key = setting.unlock(&words.signer)?;
    let account = key.address();
    let domain = unseen::domain(&session.deployment);
    let submitter = Submitter::new(session.client, key, SubmitSettings::default(), Refused::decode);
    let relay = Relay::new(submitter, domain, Policy { least_fee, least_seconds: words.least_seconds });
    let listener = TcpListener::bind(words.listen).await?;
    let url = format!("http://{}", listener.local_addr()?);
    setting.output.progress(format_args!("relay {account} is running at {url}/; Ctrl-C stops it"));
    setting.output.result(&Listening { url, account, least_fee_base_units: least_fee, token_decimals })?;
    serve(setting.output, listener, router(relay), interrupted).await
}
