//! `entente wallet`: making, listing and weighing wallets.

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use alloy::{
    primitives::{Address, U256, hex, utils::format_ether},
    signers::local::PrivateKeySigner,
};
use bindings::contracts::{PaymentToken, Transax};
use hardware_wallet::{DerivationPath, HardwareWallet, Maker};
use serde::Serialize;
use serde_json::json;
use units::Money;
use zeroize::Zeroizing;

use crate::{
    cli::Wallet,
    exit::Failure,
    output::{Table, tokens},
    password::ask,
    session::{Done, Session},
    setting::Setting,
    wallet::{OnDevice, WalletError, WalletName},
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: Wallet) -> Result<(), Failure> {
    match verb {
        Wallet::New { name } => {
            let password = fresh_password(setting, &name)?;
            let address = setting.wallets()?.create(&name, &password)?;
            kept(setting, &name, address)
        }
        Wallet::Import { name, key_file } => {
            let key = read_key(&name, key_file.as_deref())?;
            let password = fresh_password(setting, &name)?;
            let address = setting.wallets()?.keep(&name, &key, &password)?;
            kept(setting, &name, address)
        }
        Wallet::Connect { name, device, path } => connect(setting, name, device.into(), path).await,
        Wallet::List => list(setting),
        Wallet::Balance { name } => balance(setting, name).await,
    }
}

/// Asks only where the answer can be used.
fn fresh_password(setting: &Setting, name: &WalletName) -> Result<crate::password::Password, Failure> {
    setting.wallets()?.check_absent(name)?;
    Ok(setting.passwords.fresh(&name.to_string())?)
}

async fn connect(setting: &Setting, name: WalletName, device: Maker, path: DerivationPath) -> Result<(), Failure> {
    let wallets = setting.wallets()?;
    wallets.check_absent(&name)?;
    let found = HardwareWallet::connect(device, &path).await;
    let address = found.map_err(|source| WalletError::Device { name: name.clone(), source })?.address();
    let sentence = format!("wallet {name} is {address}, whose key stays in the {device}, at {path}");
    let figures = json!({ "name": name, "address": address, "device": device, "path": path });
    wallets.keep_device(&name, &OnDevice { address, device, path })?;
    let done = Done::new(sentence, figures, &[]);
    Ok(setting.output.result(&done.then(next(setting)))?)
}

/// What can be done with a new wallet.
fn next(setting: &Setting) -> &'static str {
    if setting.deployment_file.exists() {
        "entente wallet balance"
    } else {
        "entente wallet balance, once a market is deployed"
    }
}

fn kept(setting: &Setting, name: &WalletName, address: Address) -> Result<(), Failure> {
    let folder = setting.wallets()?.folder().to_owned();
    let sentence = format!("wallet {name} is {address}, kept encrypted in {}", folder.display());
    let done = Done::new(sentence, json!({ "name": name, "address": address }), &[]);
    Ok(setting.output.result(&done.then(next(setting)))?)
}

/// The key in a file, on standard input, or typed without echo.
fn read_key(name: &WalletName, file: Option<&Path>) -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let text = match file {
        None => Zeroizing::new(ask(&format!("Private key for wallet {name}: "))?.expose().to_owned()),
        Some(path) if path == Path::new("-") => {
            let mut text = Zeroizing::new(String::new());
            io::stdin().read_to_string(&mut text).map_err(|source| unreadable(path, source))?;
            text
        }
        Some(path) => Zeroizing::new(fs::read_to_string(path).map_err(|source| unreadable(path, source))?),
    };
    // Whether it is a key of the curve is for the curve to say; what it says is not repeated, since it may quote the key.
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), &mut *key).map_err(|_| WalletError::BadKey)?;
    PrivateKeySigner::from_slice(&*key).map(|_| key).map_err(|_| WalletError::BadKey)
}

fn unreadable(file: &Path, source: io::Error) -> WalletError {
    WalletError::KeyFile { file: file.to_owned(), source }
}

#[derive(Debug, Serialize)]
struct Listing {
    folder: PathBuf,
    wallets: Vec<Named>,
}

#[derive(Debug, Serialize)]
struct Named {
    name: WalletName,
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Maker>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<DerivationPath>,
}

fn list(setting: &Setting) -> Result<(), Failure> {
    let wallets = setting.wallets()?;
    let named = wallets.list()?.into_iter().map(|(name, address)| {
        let (device, path) = wallets.device(&name)?.map(|held| (held.device, held.path)).unzip();
        Ok(Named { name, address, device, path })
    });
    let named = named.collect::<Result<_, WalletError>>()?;
    Ok(setting.output.result(&Listing { folder: wallets.folder().to_owned(), wallets: named })?)
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wallets.is_empty() {
            writeln!(f, "There are no wallets in {}.", self.folder.display())?;
            return writeln!(f, "next: entente wallet new NAME");
        }
        let mut table = Table::new(&["wallet", "address", "key"]);
        for Named { name, address, device, path } in &self.wallets {
            let key = match (device, path) {
                (Some(device), Some(path)) => format!("in the {device} at {path}"),
                _ => "here, encrypted".to_owned(),
            };
            table.row([name.to_string(), address.to_string(), key]);
        }
        writeln!(f, "Wallets in {}:\n{table}", self.folder.display())
    }
}

#[derive(Debug, Serialize)]
struct Balances {
    token_decimals: u8,
    wallets: Vec<Balance>,
}

#[derive(Debug, Serialize)]
struct Balance {
    name: WalletName,
    address: Address,
    wei: U256,
    token_base_units: U256,
    credits_base_units: Money,
}

async fn balance(setting: &Setting, name: Option<WalletName>) -> Result<(), Failure> {
    let wallets = setting.wallets()?;
    let chosen = match name {
        Some(name) => vec![(name.clone(), wallets.address(&name)?)],
        None => wallets.list()?,
    };
    if chosen.is_empty() {
        return Err(WalletError::None.into());
    }
    let session = Session::open(setting).await?;
    let mut weighed = Vec::new();
    for (name, address) in chosen {
        weighed.push(weigh(&session, name, address).await?);
    }
    Ok(setting.output.result(&Balances { token_decimals: session.deployment.token_decimals, wallets: weighed })?)
}

async fn weigh(session: &Session, name: WalletName, address: Address) -> Result<Balance, Failure> {
    let (client, deployment) = (&session.client, &session.deployment);
    let wei = client.balance(address).await?;
    let held = client.read(deployment.token, &PaymentToken::balanceOfCall { account: address }).await?;
    let account = client.read(deployment.market, &Transax::accountsCall { account: address }).await?;
    Ok(Balance { name, address, wei, token_base_units: held, credits_base_units: Money(account._0.to()) })
}

impl fmt::Display for Balances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&["wallet", "address", "ether", "tokens", "credits"]);
        for wallet in &self.wallets {
            let held = u128::try_from(wallet.token_base_units).unwrap_or(u128::MAX);
            table.row([
                wallet.name.to_string(),
                wallet.address.to_string(),
                format_ether(wallet.wei),
                tokens(Money(held), self.token_decimals),
                tokens(wallet.credits_base_units, self.token_decimals),
            ]);
        }
        write!(f, "{table}")
    }
}
