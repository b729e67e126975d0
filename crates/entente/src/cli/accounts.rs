//! Words about who takes part: wallets, tokens, groups, meters, registration and credits.

use std::{path::PathBuf, str::FromStr};

use alloy::primitives::Address;
use clap::{Args, Subcommand, ValueEnum};
use hardware_wallet::{DerivationPath, Maker};

use super::{Signer, values};
use crate::{
    cli::{
        MeterRun,
        values::{Decimal, Limits},
    },
    wallet::WalletName,
};

/// Somebody on the chain: an address, or the name of a wallet here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountName {
    Address(Address),
    Wallet(WalletName),
}

impl FromStr for AccountName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("0x") {
            let address = text.parse().map_err(|_| "an address is 0x and 40 hexadecimal digits".to_owned())?;
            return Ok(Self::Address(address));
        }
        text.parse().map(Self::Wallet).map_err(|error| error.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeviceName {
    /// With its Ethereum app open, which has to allow blind signing.
    Ledger,
    /// Signs transactions, but no certificates.
    Trezor,
}

impl From<DeviceName> for Maker {
    fn from(name: DeviceName) -> Self {
        match name {
            DeviceName::Ledger => Self::Ledger,
            DeviceName::Trezor => Self::Trezor,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Wallet {
    /// Make a new key and keep it encrypted.
    #[command(after_help = "Example:\n  entente wallet new alice")]
    New {
        /// Letters, digits, '-' and '_'.
        name: WalletName,
    },
    /// Keep a key you have already, encrypted.
    ///
    /// The key, 64 hexadecimal digits, is read from a file, or asked for without echo.
    #[command(after_help = "Example: the first development key of a local node, saved in the file dev.key\n  \
                            entente wallet import dso --key-file dev.key")]
    Import {
        /// Letters, digits, '-' and '_'.
        name: WalletName,
        /// A file that holds the key and nothing else; '-' for standard input.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
    },
    /// Use a key that stays in a hardware wallet, which is connected over USB.
    ///
    /// Whatever is sent or certified by hand in this wallet's name is then confirmed on the device. Agents sign too often for
    /// a button and need a keystore: a DSO deploys, sets limits and certifies with the device, and names a finaliser.
    #[command(after_help = "Examples: a Ledger's first key, and its second as its own program counts\n  \
                            entente wallet connect dso ledger\n  \
                            entente wallet connect dso ledger --path \"m/44'/60'/1'/0/0\"")]
    Connect {
        /// Letters, digits, '-' and '_'.
        name: WalletName,
        /// What is connected.
        device: DeviceName,
        /// Which of its keys (BIP-44).
        #[arg(long, default_value_t)]
        path: DerivationPath,
    },
    /// List the wallets and their addresses.
    #[command(after_help = "Example:\n  entente wallet list --json")]
    List,
    /// Show what wallets hold: the chain's own coin, tokens, and credits in the market.
    #[command(after_help = "Example:\n  entente wallet balance alice")]
    Balance {
        /// Only this wallet.
        name: Option<WalletName>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make test tokens; the token's owner, who deployed it, may.
    #[command(after_help = "Example: 25 tokens for the wallet alice\n  entente token mint alice 25 --wallet dso")]
    Mint {
        /// Who gets them: an address or a wallet here.
        to: AccountName,
        /// How many tokens, such as 25 or 0.5.
        amount: Decimal,
        #[command(flatten)]
        signer: Signer,
    },
}

#[derive(Debug, Subcommand)]
pub enum Group {
    /// Add a group of feeders; its number is the next one from 0.
    #[command(after_help = "Example: at most 20 kWh sold or bought, and a net exchange of 5 kWh, an interval\n  \
                            entente transax group add 20000:5000 --wallet dso")]
    Add {
        /// Internal and external limit, Wh an interval; 'none' for none.
        #[arg(value_name = "INTERNAL:EXTERNAL")]
        limits: Limits,
        #[command(flatten)]
        signer: Signer,
    },
}

#[derive(Debug, Subcommand)]
pub enum Meter {
    /// Register a meter with its group and what may be withdrawn behind it.
    #[command(after_help = "Example:\n  entente transax meter add meter-7 --group 0 --production-limit-wh 2500 \
                            --consumption-limit-wh 5000 --wallet dso")]
    Add {
        /// The meter: an address or a wallet here.
        meter: AccountName,
        #[command(flatten)]
        limits: MeterLimits,
        #[command(flatten)]
        signer: Signer,
    },
    /// Measure a home and bill it as intervals pass, until interrupted.
    #[command(after_help = MeterRun::EXAMPLE)]
    Run(Box<MeterRun>),
}

#[derive(Clone, Copy, Debug, Args)]
pub struct MeterLimits {
    /// The group of feeders it is on.
    #[arg(long, value_name = "NUMBER")]
    pub group: u16,
    /// The most production assets an interval, Wh.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u32).range(..=i64::from(values::MOST_ENERGY)))]
    pub production_limit_wh: u32,
    /// The most consumption assets an interval, Wh.
    #[arg(long, value_name = "WH", value_parser = clap::value_parser!(u32).range(..=i64::from(values::MOST_ENERGY)))]
    pub consumption_limit_wh: u32,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  entente transax certify alice meter-7 --wallet dso --output alice.certificate.json"
)]
pub struct Certify {
    /// The prosumer: an address or a wallet here.
    pub prosumer: AccountName,
    /// Its meter: an address or a wallet here.
    pub meter: AccountName,
    /// Write the certificate here, besides printing it.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  entente transax register --certificate alice.certificate.json --wallet alice")]
pub struct Register {
    /// What the DSO's `certify` wrote.
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    #[command(flatten)]
    pub signer: Signer,
}

#[derive(Debug, Subcommand)]
pub enum Credits {
    /// Move tokens into the market, to pay for offers to buy.
    #[command(after_help = "Example:\n  entente transax credits deposit 10 --wallet alice")]
    Deposit {
        /// How many tokens, such as 10 or 0.5.
        amount: Decimal,
        #[command(flatten)]
        signer: Signer,
    },
    /// Move credits that no offer holds back out, as tokens.
    #[command(after_help = "Example:\n  entente transax credits withdraw 2.5 --wallet alice")]
    Withdraw {
        /// How many tokens, such as 10 or 0.5.
        amount: Decimal,
        #[command(flatten)]
        signer: Signer,
    },
}
