//! `register`: taking part.

use ::transax::{Event, Refusal};
use alloy::primitives::Address;
use bindings::{Call, Refused};
use serde_json::json;

use super::certificate::Certificate;
use crate::{
    cli::Register,
    exit::Failure,
    session::{Done, Session},
    setting::Setting,
};

/// Registers the wallet's account behind the meter that its certificate names.
pub async fn run(setting: &Setting, words: Register) -> Result<(), Failure> {
    let prosumer = setting.address(&words.signer)?;
    let certificate = Certificate::read(&words.certificate, &setting.deployment()?, prosumer)?;
    let session = Session::open(setting).await?;
    let mut sender = session.sender(setting, &words.signer).await?;
    let call = Call::RegisterProsumer { meter: certificate.meter, certificate: certificate.signature };
    let receipt = session.send(&mut sender, &call).await.map_err(|failure| again(failure, prosumer))?;
    let owner = session.events(&receipt).await?.into_iter().find_map(|event| match event {
        Event::ProsumerRegistered { owner, .. } => Some(owner),
        _ => None,
    });
    let sentence = format!("{prosumer} is registered behind meter {}", certificate.meter);
    let figures = json!({ "prosumer": prosumer, "meter": certificate.meter, "owner": owner });
    let done = Done::new(sentence, figures, &[receipt]);
    Ok(setting.output.result(&done.then("entente transax withdraw-assets --help"))?)
}

/// Whose meter is taken by itself is registered already.
fn again(failure: Failure, account: Address) -> Failure {
    match &failure {
        Failure::Refused(refused) => match refused.market() {
            Some(Refusal::MeterTaken { prosumer, .. }) if *prosumer == account => {
                Refused::Market(Refusal::AlreadyRegistered { account }).into()
            }
            _ => failure,
        },
        _ => failure,
    }
}
