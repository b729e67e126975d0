//! Money in and out, services, and who is trusted.

use ::modicum::ServiceKind;
use alloy::primitives::{B256, U256};
use bindings::modicum::Call;
use serde_json::json;
use units::Money;

use super::{roles, session::Session};
use crate::{
    cli::{AmountModicum, MintModicum, RegisterModicum, ServiceKindName, TrustModicum},
    exit::Failure,
    output::tokens,
    session::Done,
    setting::Setting,
};

/// `mint`.
pub async fn mint(setting: &Setting, words: &MintModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.by.at).await?;
    let account = setting.account(&words.to)?;
    let amount = words.amount.money(session.known.token_decimals).map_err(Failure::Usage)?.0;
    let mut sender = session.sender(setting, &words.by.signer).await?;
    let receipt = session.send(&mut sender, &Call::Mint { account, amount }).await?;
    let sentence = format!("{} tokens were made for {account}", tokens(Money(amount), session.known.token_decimals));
    let figures = json!({ "account": account, "amount_base_units": amount.to_string() });
    let done = Done::new(sentence, figures, &[receipt]).then("entente modicum deposit AMOUNT");
    Ok(setting.output.result(&done)?)
}

/// `deposit`.
pub async fn deposit(setting: &Setting, words: &AmountModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.by.at).await?;
    let decimals = session.known.token_decimals;
    let amount = words.amount.money(decimals).map_err(Failure::Usage)?.0;
    let mut sender = session.sender(setting, &words.by.signer).await?;
    let receipts = session.pay_in(&mut sender, amount).await?;
    let sentence = format!("{} tokens were paid in", tokens(Money(amount), decimals));
    let done = Done::new(sentence, json!({ "amount_base_units": amount.to_string() }), &receipts);
    Ok(setting.output.result(&done.then("entente modicum status"))?)
}

/// `withdraw`.
pub async fn withdraw(setting: &Setting, words: &AmountModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.by.at).await?;
    let decimals = session.known.token_decimals;
    let amount = words.amount.money(decimals).map_err(Failure::Usage)?.0;
    let mut sender = session.sender(setting, &words.by.signer).await?;
    let receipt = session.send(&mut sender, &Call::WithdrawFunds { amount }).await?;
    let sentence = format!("{} tokens were paid out", tokens(Money(amount), decimals));
    Ok(setting.output.result(&Done::new(sentence, json!({ "amount_base_units": amount.to_string() }), &[receipt]))?)
}

/// `register`.
pub async fn register(setting: &Setting, words: &RegisterModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.by.at).await?;
    let fee = words.fee.money(session.known.token_decimals).map_err(Failure::Usage)?.0;
    let mut sender = session.sender(setting, &words.by.signer).await?;
    let mut receipts = session.top_up(&mut sender, session.known.config.stake).await?;
    let kind = match words.kind {
        ServiceKindName::Mediator => ServiceKind::Mediator,
        ServiceKindName::Directory => ServiceKind::Directory,
    };
    let (architecture, meter_id) = match kind {
        ServiceKind::Mediator => (roles::architecture(&words.machine)?, roles::meter(&words.machine)),
        _ => (0, B256::ZERO),
    };
    let call = Call::RegisterService { kind, architecture, meter_id, fee };
    receipts.push(session.send(&mut sender, &call).await?);
    let (view, _) = session.view().await?;
    let owned = view.services(kind).filter(|(_, service)| service.owner == sender.address());
    let id = owned.map(|(id, _)| id).last();
    let id = id.ok_or_else(|| anyhow::anyhow!("the chain does not show the service that was registered"))?;
    let done = Done::new(format!("service {id} was registered"), json!({ "service": id }), &receipts);
    Ok(setting.output.result(&done.then(format!("entente modicum trust {id}, by whoever trusts it")))?)
}

/// `trust`.
pub async fn trust(setting: &Setting, words: &TrustModicum) -> Result<(), Failure> {
    let session = Session::open(setting, &words.by.at).await?;
    let mut sender = session.sender(setting, &words.by.signer).await?;
    let (view, _) = session.view().await?;
    let known = view.market().services().len();
    if let Some(id) = words.services.iter().find(|id| usize::try_from(**id).is_ok_and(|id| id >= known)) {
        return Err(Failure::Usage(format!("there is no service {id}; there are {known}, numbered from 0")));
    }
    let mut receipts = Vec::new();
    for (word, services) in words_of_trust(&words.services) {
        receipts.push(session.send(&mut sender, &Call::Trust { word, services }).await?);
    }
    let list: Vec<_> = words.services.iter().map(u32::to_string).collect();
    let sentence =
        format!("{} trusts these services now, and no others beside them: {}", sender.address(), list.join(", "));
    Ok(setting.output.result(&Done::new(sentence, json!({ "services": words.services }), &receipts))?)
}

/// By word of 256 services, which of them.
pub fn words_of_trust(services: &[u32]) -> std::collections::BTreeMap<u32, U256> {
    let mut words = std::collections::BTreeMap::new();
    for id in services {
        *words.entry(id / 256).or_insert(U256::ZERO) |= U256::from(1) << (id % 256);
    }
    words
}
