//! `solidworx deploy`: a new market, and the file that says where it is.

use ::solidworx::{SetUp, Terms};
use bindings::solidworx::Refused;
use chain::{Client, Settings, deploy_solidworx};
use serde_json::json;

use super::{known::Known, read, session::Sender};
use crate::{
    cli::DeploySolidWorx, deployment::Deployment, exit::Failure, output::duration, session::Done, setting::Setting,
};

/// Carries the verb out.
pub async fn run(setting: &Setting, words: &DeploySolidWorx) -> Result<(), Failure> {
    Deployment::check_absent(&words.market, words.force)?;
    let rpc = setting.rpc.clone();
    let rpc = rpc.ok_or_else(|| Failure::Usage("say where the chain's node is: --rpc http://127.0.0.1:8545".into()))?;
    let set_up = set_up(words)?;
    let client = Client::connect_all(&rpc.expose(), Settings::default()).await?;
    let mut sender = Sender::new(client, setting.key(&words.signer).await?, Refused::decode).await?;
    setting.output.progress("deploying the market, and setting it up");
    let (place, receipts) = deploy_solidworx(sender.submitter(), &set_up).await?;
    let known = Known { chain_id: place.chain_id, rpc: rpc.origin(), market: place.market, block: place.block };
    known.write(&words.market)?;
    let sentence = format!(
        "the market is {} on chain {}\n  {} types; offers for {}, then solutions for {}, and again\n  written to {}",
        known.market,
        known.chain_id,
        set_up.terms.num_types,
        duration(set_up.receive_seconds),
        duration(set_up.solve_seconds),
        words.market.display(),
    );
    let figures = json!({ "file": words.market, "market": known });
    let done =
        Done::new(sentence, figures, &receipts).then("entente solidworx post OFFERS, or entente solidworx status");
    Ok(setting.output.result(&done)?)
}

fn set_up(words: &DeploySolidWorx) -> Result<SetUp, Failure> {
    let terms = match (&words.terms, words.num_types, words.max_quantity) {
        (Some(file), ..) => read(file)?,
        (None, Some(num_types), Some(max_quantity)) => Terms::new(num_types, words.precision, max_quantity),
        _ => return Err(Failure::Usage("give --terms, or --num-types and --max-quantity".into())),
    };
    Ok(SetUp {
        terms,
        receive_seconds: words.receive_seconds,
        solve_seconds: words.solve_seconds,
        quantity_decimals: 0,
        price_decimals: 0,
        deposit: words.deposit_wei,
    })
}
