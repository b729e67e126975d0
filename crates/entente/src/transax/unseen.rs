//! What the words about trading without being seen come to.

use std::time::Duration;

use alloy::primitives::Address;
use bindings::Domain;
use mailbox::Circle;
use transax_mixer::{AnonymousAccounts, HiddenHome, HiddenHomes, Schedule, Seed};
use transax_prosumer::{Messenger, Place};
use transax_relay::Relays;

use crate::{
    cli::{Secrets, Signer, Unseen},
    deployment::Deployment,
    exit::Failure,
    setting::Setting,
    wallet::WalletName,
};

/// How often a home reads its board.
const PAUSE: Duration = Duration::from_secs(1);

/// The market that everything is signed for.
pub const fn domain(deployment: &Deployment) -> Domain {
    Domain { chain_id: deployment.chain_id, market: deployment.market }
}

/// The accounts of a home, and those of its meter.
pub fn accounts(
    setting: &Setting,
    words: &Secrets,
    domain: Domain,
) -> Result<(AnonymousAccounts, AnonymousAccounts), Failure> {
    let of = |name: &Option<WalletName>, option| {
        let secret = secret(setting, name.as_ref(), option)?;
        Ok::<_, Failure>(AnonymousAccounts::new(Seed::new(secret), domain))
    };
    Ok((of(&words.secret, "--secret")?, of(&words.meter_secret, "--meter-secret")?))
}

/// What a view must recognise for a home, with its accounts and those of its meter, or for the meter.
pub fn recognised(
    prosumer: Address,
    (accounts, one_time): &(AnonymousAccounts, AnonymousAccounts),
    schedule: Schedule,
) -> HiddenHomes {
    HiddenHomes::new([HiddenHome { prosumer, accounts: accounts.clone(), one_time: one_time.clone() }], schedule)
}

/// How time is cut, and who goes between the home, its board and relays.
pub fn messenger(setting: &Setting, words: &Unseen, deployment: &Deployment) -> Result<(Schedule, Messenger), Failure> {
    let circle = Circle::new(secret(setting, words.circle.as_ref(), "--circle")?);
    let Some(board) = words.mailbox.clone() else { return Err(Failure::Usage("name a board with --mailbox".into())) };
    let patience = Duration::from_secs(words.patience_seconds);
    let spread = Duration::from_secs(words.spread_seconds);
    let relays = Relays::new(&words.relay).map_err(anyhow::Error::from)?;
    let fee = words.relay_fee.money(deployment.token_decimals).map_err(Failure::Usage)?;
    let place = Place { board, circle, patience, pause: PAUSE, spread };
    Ok((Schedule { fee, ..Schedule::default() }, Messenger::new(domain(deployment), place, relays)))
}

/// The key of a wallet that signs nothing.
fn secret(setting: &Setting, name: Option<&WalletName>, option: &str) -> Result<[u8; 32], Failure> {
    let Some(name) = name else { return Err(Failure::Usage(format!("name a wallet with {option}"))) };
    Ok(setting.unlock(&Signer { wallet: Some(name.clone()) })?.to_bytes().0)
}
