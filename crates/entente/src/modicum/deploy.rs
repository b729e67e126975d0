//! `modicum deploy`: a new market, and the file that says where it is.

use ::modicum::Config;
use alloy::primitives::Address;
use bindings::{
    contracts::{Modicum as Contract, PaymentToken},
    is_compiled_from,
    modicum::Refused,
    token_creation,
};
use chain::{Client, Settings, create_contract, deploy_modicum};
use serde_json::json;

use super::{known::Known, session::Sender};
use crate::{
    cli::DeployModicum, deployment::Deployment, exit::Failure, output::duration, session::Done, setting::Setting,
};

/// Carries the verb out.
pub async fn run(setting: &Setting, words: &DeployModicum) -> Result<(), Failure> {
    Deployment::check_absent(&words.market, words.force)?;
    let rpc = setting.rpc.clone();
    let rpc = rpc.ok_or_else(|| Failure::Usage("say where the chain's node is: --rpc http://127.0.0.1:8545".into()))?;
    let client = Client::connect_all(&rpc.expose(), Settings::default()).await?;
    let mut sender = Sender::new(client.clone(), setting.key(&words.signer).await?, Refused::decode).await?;
    let mut receipts = Vec::new();
    let token = if let Some(token) = words.token {
        token
    } else {
        setting.output.progress("deploying a test token");
        let (token, receipt) = create_contract(sender.submitter(), "token", token_creation()).await?;
        receipts.push(receipt);
        token
    };
    let decimals = client.read(token, &PaymentToken::decimalsCall {}).await?;
    let config = config(words, token, decimals)?;
    setting.output.progress("deploying the market");
    let (place, receipt) = deploy_modicum(sender.submitter(), &config).await?;
    receipts.push(receipt);
    read_back(&client, place.market, &config).await?;
    let (chain_id, market, block) = (place.chain_id, place.market, place.block);
    let known = Known { chain_id, rpc: rpc.origin(), market, token_decimals: decimals, block, config };
    known.write(&words.market)?;
    let sentence = format!(
        "the market is {market} on chain {chain_id}\n  penalty rate {}, {} runs of a disputed job\n  \
         {} to react, {} to judge, deadlines at most {} ahead\n  written to {}",
        config.penalty_rate,
        config.verifications,
        duration(config.reaction_seconds.into()),
        duration(config.verdict_seconds.into()),
        duration(config.longest_seconds.into()),
        words.market.display(),
    );
    let done = Done::new(sentence, json!({ "file": words.market, "market": market, "token": config.token }), &receipts);
    Ok(setting.output.result(&done.then("entente modicum register directory, and register mediator"))?)
}

/// Makes sure that the market is what was asked for: its code, and what its constructor was given.
async fn read_back(client: &Client, market: Address, config: &Config) -> Result<(), Failure> {
    let code = client.code(market).await?;
    let found = bindings::modicum::config(&client.read(market, &Contract::configCall {}).await?);
    if is_compiled_from(&code, &Contract::DEPLOYED_BYTECODE) && found == *config {
        return Ok(());
    }
    Err(anyhow::anyhow!("what came to be at {market} is not the market that was asked for; do not use it").into())
}

fn config(words: &DeployModicum, token: Address, decimals: u8) -> Result<Config, Failure> {
    let money = |amount: crate::cli::values::Decimal| amount.money(decimals).map_err(Failure::Usage);
    Ok(Config {
        token,
        penalty_rate: words.penalty_rate,
        verifications: words.verifications,
        reaction_seconds: words.reaction_seconds,
        verdict_seconds: words.verdict_seconds,
        longest_seconds: words.longest_seconds,
        solver_fee: money(words.solver_fee)?.0,
        stake: money(words.stake)?.0,
    })
}
