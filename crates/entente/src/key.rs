//! What signs for a wallet.

use alloy::{
    consensus::SignableTransaction,
    network::TxSigner,
    primitives::{Address, Bytes, Signature, utils::format_ether},
    signers::{Result as Signed, local::PrivateKeySigner},
};
use async_trait::async_trait;
use bindings::{certificate_to_sign, sign_certificate};
use hardware_wallet::HardwareWallet;

use crate::output::Output;

/// A key that was unlocked, or a device that holds one.
pub enum Key {
    /// In memory.
    Unlocked(PrivateKeySigner),
    /// In a device, whose holder is told when to look at it.
    OnDevice(HardwareWallet, Output),
}

impl Key {
    /// Signs that `prosumer` may register behind `meter`.
    pub async fn certify(&self, chain_id: u64, market: Address, prosumer: Address, meter: Address) -> Signed<Bytes> {
        match self {
            Self::Unlocked(key) => sign_certificate(key, chain_id, market, prosumer, meter),
            Self::OnDevice(device, output) => {
                let maker = device.maker();
                output
                    .progress(format_args!("confirm on the {maker}: {prosumer} may register behind the meter {meter}"));
                let (registration, domain) = certificate_to_sign(chain_id, market, prosumer, meter);
                Ok(device.sign_typed_data(&registration, &domain).await?.as_bytes().into())
            }
        }
    }
}

#[async_trait]
impl TxSigner<Signature> for Key {
    fn address(&self) -> Address {
        match self {
            Self::Unlocked(key) => key.address(),
            Self::OnDevice(device, _) => device.address(),
        }
    }

    async fn sign_transaction(&self, transaction: &mut dyn SignableTransaction<Signature>) -> Signed<Signature> {
        match self {
            Self::Unlocked(key) => key.sign_transaction(transaction).await,
            Self::OnDevice(device, output) => {
                output.progress(format_args!("confirm on the {}: {}", device.maker(), described(&*transaction)));
                device.sign_transaction(transaction).await
            }
        }
    }
}

/// What its holder will read on the device.
fn described(transaction: &dyn SignableTransaction<Signature>) -> String {
    let what = match (transaction.to(), transaction.input().is_empty()) {
        (None, _) => "a new contract".to_owned(),
        (Some(to), true) => format!("a transfer to {to}"),
        (Some(to), false) => format!("a call of {to}"),
    };
    let fees = transaction.max_fee_per_gas().saturating_mul(transaction.gas_limit().into());
    format!("{what}, nonce {}, fees of at most {} ether", transaction.nonce(), format_ether(fees))
}

#[cfg(test)]
mod tests {
    use alloy::{consensus::TxEip1559, primitives::TxKind};

    use super::*;

    #[test]
    fn a_transaction_is_described_as_a_device_shows_it() {
        let mut call = TxEip1559 {
            nonce: 3,
            gas_limit: 100_000,
            max_fee_per_gas: 2_000_000_000,
            to: TxKind::Call(Address::repeat_byte(1)),
            input: vec![1, 2, 3, 4].into(),
            ..TxEip1559::default()
        };
        let to = Address::repeat_byte(1);
        let ending = "nonce 3, fees of at most 0.000200000000000000 ether";
        assert_eq!(described(&call), format!("a call of {to}, {ending}"));
        call.input = Bytes::new();
        assert_eq!(described(&call), format!("a transfer to {to}, {ending}"));
        call.to = TxKind::Create;
        assert_eq!(described(&call), format!("a new contract, {ending}"));
    }
}
