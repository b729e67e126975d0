//! The DSO's certificates: which address is the prosumer behind which meter.

use alloy::{
    primitives::{Address, B256, Bytes, Signature},
    signers::{Error, SignerSync},
    sol,
    sol_types::{Eip712Domain, SolStruct},
};

use crate::Domain;

sol! {
    /// What the DSO signs, under EIP-712.
    struct Registration {
        address prosumer;
        address meter;
    }
}

/// What the DSO signs so that `prosumer` may register behind `meter` with the market at `market` on chain `chain_id`.
pub fn certificate_hash(chain_id: u64, market: Address, prosumer: Address, meter: Address) -> B256 {
    Registration { prosumer, meter }.eip712_signing_hash(&Domain { chain_id, market }.eip712())
}

/// The same as whoever signs it on a device is shown it: its fields, and the domain that they are signed under.
pub fn certificate_to_sign(
    chain_id: u64,
    market: Address,
    prosumer: Address,
    meter: Address,
) -> (impl SolStruct + Send + Sync, Eip712Domain) {
    (Registration { prosumer, meter }, Domain { chain_id, market }.eip712())
}

/// Signs a certificate with the DSO's key, in the form `registerProsumer` takes.
pub fn sign_certificate(
    dso: &impl SignerSync<Signature>,
    chain_id: u64,
    market: Address,
    prosumer: Address,
    meter: Address,
) -> Result<Bytes, Error> {
    let signature = dso.sign_hash_sync(&certificate_hash(chain_id, market, prosumer, meter))?;
    Ok(signature.as_bytes().into())
}
