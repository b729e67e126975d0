//! A device that holds the key.

use std::{error::Error as StdError, fmt};

use alloy::{
    consensus::SignableTransaction,
    network::TxSigner,
    primitives::{Address, B256, Signature},
    signers::{
        Error, Result as Signed, Signer,
        ledger::{HDPath as LedgerPath, LedgerSigner},
        trezor::{HDPath as TrezorPath, TrezorSigner},
    },
    sol_types::{Eip712Domain, SolStruct},
};
use async_trait::async_trait;
use rusb::UsbContext;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use crate::DerivationPath;

/// Who makes it, and so how it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maker {
    /// A Ledger, with its Ethereum app open.
    Ledger,
    /// A Trezor, or its emulator on this machine.
    Trezor,
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ledger => "Ledger",
            Self::Trezor => "Trezor",
        })
    }
}

/// Why no device signs.
#[derive(Debug, ThisError)]
pub enum DeviceError {
    /// The system does not let anybody at USB.
    #[error("a {maker} is spoken to over USB, and this machine has none that can be used")]
    NoUsb {
        /// Whose device was wanted.
        maker: Maker,
        /// What the system says.
        #[source]
        source: rusb::Error,
    },
    /// None is there, or it is locked, or busy.
    #[error("no {maker} answers; connect it, unlock it{}, and leave it to this program alone", app(*maker))]
    Silent {
        /// Whose device was wanted.
        maker: Maker,
        /// What went wrong.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// Another device, or one that was set up anew.
    #[error(
        "the {maker} that is connected has {found} at {path}, and what is wanted is {wanted}; connect the right one"
    )]
    Another {
        /// Whose device was wanted.
        maker: Maker,
        /// The way to the key.
        path: DerivationPath,
        /// Whose key is there.
        found: Address,
        /// Whose key should be.
        wanted: Address,
    },
}

const fn app(maker: Maker) -> &'static str {
    match maker {
        Maker::Ledger => ", open its Ethereum app",
        Maker::Trezor => "",
    }
}

/// A key in a device. It signs transactions, and typed data (EIP-712) where the device does; never a bare hash.
///
/// Connecting and signing block their thread, for as long as it takes whoever holds the device to consent.
#[derive(Debug)]
pub struct HardwareWallet {
    maker: Maker,
    address: Address,
    device: Device,
}

#[derive(Debug)]
enum Device {
    Ledger(LedgerSigner),
    Trezor(TrezorSigner),
}

impl HardwareWallet {
    /// Asks the device that is connected for the address at `path`; nothing has to be confirmed for that.
    pub async fn connect(maker: Maker, path: &DerivationPath) -> Result<Self, DeviceError> {
        // Both signers' libraries take it for granted.
        rusb::Context::new()
            .and_then(|context| context.devices().map(drop))
            .map_err(|source| DeviceError::NoUsb { maker, source })?;
        let silent = |source| DeviceError::Silent { maker, source };
        let (address, device) = match maker {
            Maker::Ledger => {
                let found = LedgerSigner::new(LedgerPath::Other(path.to_string()), None).await;
                let signer = found.map_err(|error| silent(error.into()))?;
                (TxSigner::address(&signer), Device::Ledger(signer))
            }
            Maker::Trezor => {
                let found = TrezorSigner::new(TrezorPath::Other(path.to_string()), None).await;
                let signer = found.map_err(|error| silent(error.into()))?;
                (TxSigner::address(&signer), Device::Trezor(signer))
            }
        };
        Ok(Self { maker, address, device })
    }

    /// The same, for the key of one who is known.
    pub async fn connect_as(maker: Maker, path: &DerivationPath, wanted: Address) -> Result<Self, DeviceError> {
        let device = Self::connect(maker, path).await?;
        let found = device.address;
        let another = || DeviceError::Another { maker, path: path.clone(), found, wanted };
        if found == wanted { Ok(device) } else { Err(another()) }
    }

    /// Who makes it.
    pub const fn maker(&self) -> Maker {
        self.maker
    }

    /// The key's address.
    pub const fn address(&self) -> Address {
        self.address
    }

    /// Signs typed data (EIP-712); a Trezor does not by way of this library.
    pub async fn sign_typed_data<T: SolStruct + Send + Sync>(
        &self,
        data: &T,
        domain: &Eip712Domain,
    ) -> Signed<Signature> {
        match &self.device {
            Device::Ledger(signer) => {
                let signature = signer.sign_typed_data(data, domain).await?;
                self.own(signature, data.eip712_signing_hash(domain))
            }
            Device::Trezor(_) => Err(Error::message("with a Trezor, only transactions can be signed so far")),
        }
    }

    /// Another device may have been connected meanwhile.
    fn own(&self, signature: Signature, hash: B256) -> Signed<Signature> {
        let signed_by = signature.recover_address_from_prehash(&hash)?;
        if signed_by == self.address {
            return Ok(signature);
        }
        let Self { maker, address, .. } = self;
        Err(Error::message(format!("the {maker} signed as {signed_by}, not as {address}; is it another one?")))
    }
}

#[async_trait]
impl TxSigner<Signature> for HardwareWallet {
    fn address(&self) -> Address {
        self.address
    }

    async fn sign_transaction(&self, transaction: &mut dyn SignableTransaction<Signature>) -> Signed<Signature> {
        let signature = match &self.device {
            Device::Ledger(signer) => signer.sign_transaction(transaction).await,
            Device::Trezor(signer) => signer.sign_transaction(transaction).await,
        }?;
        self.own(signature, transaction.signature_hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do() {
        let silent = |maker| DeviceError::Silent { maker, source: "not found".into() }.to_string();
        let ledger =
            "no Ledger answers; connect it, unlock it, open its Ethereum app, and leave it to this program alone";
        assert_eq!(silent(Maker::Ledger), ledger);
        assert_eq!(
            silent(Maker::Trezor),
            "no Trezor answers; connect it, unlock it, and leave it to this program alone"
        );
    }
}
