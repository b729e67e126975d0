//! `entente token`: a market's own test token.

use bindings::Call;
use serde_json::json;

use crate::{
    cli::Token,
    exit::Failure,
    output::tokens,
    session::{Done, Session},
    setting::Setting,
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: Token) -> Result<(), Failure> {
    let Token::Mint { to, amount, signer } = verb;
    let account = setting.account(&to)?;
    let decimals = setting.deployment()?.token_decimals;
    let amount = amount.money(decimals).map_err(Failure::Usage)?;
    let session = Session::open(setting).await?;
    let mut sender = session.sender(setting, &signer).await?;
    let receipt = session.send(&mut sender, &Call::Mint { account, amount }).await?;
    let sentence = format!("{} tokens were made for {account}", tokens(amount, decimals));
    let figures = json!({ "account": account, "amount_base_units": amount });
    let done = Done::new(sentence, figures, &[receipt]);
    Ok(setting.output.result(&done.then("entente transax credits deposit AMOUNT"))?)
}
