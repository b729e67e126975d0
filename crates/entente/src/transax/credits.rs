//! `credits`: money into the market and out of it.

use alloy::primitives::U256;
use bindings::{Call, Refused, contracts::PaymentToken};
use chain::Receipt;
use serde_json::json;
use units::Money;

use crate::{
    cli::Credits,
    exit::Failure,
    output::tokens,
    session::{Done, Sender, Session},
    setting::Setting,
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: Credits) -> Result<(), Failure> {
    let (is_deposit, amount, signer) = match verb {
        Credits::Deposit { amount, signer } => (true, amount, signer),
        Credits::Withdraw { amount, signer } => (false, amount, signer),
    };
    if amount.is_zero() {
        return Err(Failure::Usage("the amount is zero; give more".into()));
    }
    let decimals = setting.deployment()?.token_decimals;
    let amount = amount.money(decimals).map_err(Failure::Usage)?;
    let session = Session::open(setting).await?;
    let mut sender = session.sender(setting, &signer).await?;
    let mut receipts = Vec::new();
    if is_deposit {
        receipts.extend(allow(setting, &session, &mut sender, amount).await?);
        receipts.push(session.send(&mut sender, &Call::DepositCredits { amount }).await?);
    } else {
        receipts.push(session.send(&mut sender, &Call::WithdrawCredits { amount }).await?);
    }
    let (verb, account) = (if is_deposit { "deposited" } else { "withdrawn" }, sender.address());
    let sentence = format!("{} tokens of credits were {verb} by {account}", tokens(amount, decimals));
    let figures = json!({ "account": account, "amount_base_units": amount });
    Ok(setting.output.result(&Done::new(sentence, figures, &receipts).then("entente wallet balance"))?)
}

/// Lets the market take the tokens, unless it may already, or they are not there.
async fn allow(
    setting: &Setting,
    session: &Session,
    sender: &mut Sender,
    amount: Money,
) -> Result<Option<Receipt>, Failure> {
    let (account, market, token) = (sender.address(), session.deployment.market, session.deployment.token);
    let balance = session.client.read(token, &PaymentToken::balanceOfCall { account }).await?;
    let needed = U256::from(amount.0);
    if balance < needed {
        return Err(Refused::Balance { account, balance, needed }.into());
    }
    let allowance = PaymentToken::allowanceCall { owner: account, spender: market };
    if session.client.read(token, &allowance).await? >= needed {
        return Ok(None);
    }
    setting.output.progress("letting the market take the tokens");
    session.send(sender, &Call::Approve { spender: market, amount }).await.map(Some)
}
