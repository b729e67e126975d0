//! Why a wallet cannot be had.

use std::{io, path::PathBuf};

use alloy::signers::local::LocalSignerError;
use hardware_wallet::{DeviceError, Maker};
use thiserror::Error;

use super::WalletName;

/// Why a wallet cannot be had.
#[derive(Debug, Error)]
pub enum WalletError {
    #[error("a wallet's name has up to 64 letters, digits, '-' and '_', and does not begin with 0x or '-'")]
    BadName,
    #[error("no folder for wallets is known; set ENTENTE_HOME")]
    NoHome,
    #[error("the folder {} cannot be used", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("there is no wallet {name} in {}; `entente wallet list` shows those there are", folder.display())]
    Unknown { name: WalletName, folder: PathBuf },
    #[error("there is a wallet {name} already, in {}; choose another name", file.display())]
    Exists { name: WalletName, file: PathBuf },
    #[error("{} is no wallet of this program, or was changed by hand", file.display())]
    Malformed { file: PathBuf },
    #[error("wallet {name} does not open; check its password")]
    Locked { name: WalletName, source: LocalSignerError },
    #[error(
        "the key of wallet {name} stays in its {maker}, which signs what is sent by hand; what is wanted needs the key \
         itself, as agents do that sign on their own: name a wallet with a keystore"
    )]
    OnDevice { name: WalletName, maker: Maker },
    #[error("wallet {name} cannot sign")]
    Device { name: WalletName, source: DeviceError },
    #[error("wallet {name} cannot be written")]
    NotKept { name: WalletName, source: LocalSignerError },
    #[error("there is no wallet yet; make one with `entente wallet new NAME`")]
    None,
    #[error("there are several wallets; say which with --wallet: {names}")]
    Several { names: String },
    #[error("the password file {} cannot be read", file.display())]
    PasswordFile { file: PathBuf, source: io::Error },
    #[error("the password is empty; choose another")]
    EmptyPassword,
    #[error("the two passwords differ; try again")]
    PasswordsDiffer,
    #[error(
        "there is no terminal to ask on; name a file with --password-file or ENTENTE_PASSWORD_FILE, or set ENTENTE_PASSWORD"
    )]
    NobodyToAsk,
    #[error("the terminal cannot be read")]
    Prompt(#[source] io::Error),
    #[error("the key file {} cannot be read", file.display())]
    KeyFile { file: PathBuf, source: io::Error },
    #[error("that is no private key; a key has 64 hexadecimal digits, and is neither 0 nor beyond the curve's order")]
    BadKey,
}
