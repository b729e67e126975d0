//! Offers signed off the chain, under EIP-712.

use alloy::{
    primitives::{Address, B256, Bytes, Signature, keccak256},
    signers::{Error, SignerSync},
    sol_types::eip712_domain,
};

/// What the owner of an offer signs, so that whoever brings it along may match it in the market at `market` on chain
/// `chain_id`. `offer` is the offer's name, which is its EIP-712 struct hash.
fn offer_hash(chain_id: u64, market: Address, offer: B256) -> B256 {
    let domain = eip712_domain! {
        name: "Entente MODiCuM",
        version: "1",
        chain_id: chain_id,
        verifying_contract: market,
    };
    keccak256([&[0x19, 0x01], &domain.separator()[..], &offer[..]].concat())
}

/// Signs an offer with its owner's key, in the form `postMatch` takes.
pub fn sign_offer(
    owner: &impl SignerSync<Signature>,
    chain_id: u64,
    market: Address,
    offer: B256,
) -> Result<Bytes, Error> {
    Ok(owner.sign_hash_sync(&offer_hash(chain_id, market, offer))?.as_bytes().into())
}

/// Whose signature it is; `None` where it is none at all. Contracts' own signatures (ERC-1271) are not known here.
pub fn recover_offer(chain_id: u64, market: Address, offer: B256, signature: &[u8]) -> Option<Address> {
    let signature = Signature::try_from(signature).ok()?;
    signature.recover_address_from_prehash(&offer_hash(chain_id, market, offer)).ok()
}

#[cfg(test)]
mod tests {
    use alloy::signers::local::PrivateKeySigner;

    use super::*;

    #[test]
    fn a_signature_is_for_one_market_and_one_offer() {
        let owner = PrivateKeySigner::random();
        let (market, offer) = (Address::repeat_byte(1), B256::repeat_byte(2));
        let signature = sign_offer(&owner, 31337, market, offer).unwrap();
        assert_eq!(recover_offer(31337, market, offer, &signature), Some(owner.address()));
        assert_ne!(recover_offer(1, market, offer, &signature), Some(owner.address()));
        assert_ne!(recover_offer(31337, Address::ZERO, offer, &signature), Some(owner.address()));
        assert_eq!(recover_offer(31337, market, offer, &signature[1..]), None);
    }
}
