//! A participant's keys, and what it knows of everybody's.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256},
    signers::{SignerSync, local::PrivateKeySigner},
};
use bindings::{CompactSignature, Domain};
use coin_shuffle::{Authority, Digest, MemberId, Output, Signature};

use crate::terms::{MixTerms, read_signature};

/// Signs with the account whose assets go in. What it signs at last is the market's own statement (EIP-712, a keccak-256);
/// what it signs of messages is their SHA-256, and nobody can write a message whose hash is that of a statement.
#[derive(Clone, Debug)]
pub struct Member {
    key: PrivateKeySigner,
    domain: Domain,
    terms: MixTerms,
    nonces: BTreeMap<Address, u32>,
}

impl Member {
    /// `nonces`: who may take part, see [`MixTerms::eligible`]; all participants must see the same state of the market.
    pub const fn new(key: PrivateKeySigner, domain: Domain, terms: MixTerms, nonces: BTreeMap<Address, u32>) -> Self {
        Self { key, domain, terms, nonces }
    }

    /// Under which name it takes part.
    pub fn id(&self) -> MemberId {
        MemberId(self.key.address().0.0)
    }

    fn statement_hash(&self, inputs: &[MemberId], outputs: &[Output]) -> Option<B256> {
        let mix = self.terms.joint(inputs, outputs, &self.nonces).ok()?;
        self.domain.mix_hash(&mix).ok()
    }
}

impl Authority for Member {
    fn sign(&self, digest: &Digest) -> Signature {
        let signature = self.key.sign_hash_sync(&B256::from(*digest)).expect("a key in memory signs every hash");
        let CompactSignature { r, vs } = signature.into();
        Signature([r.0, vs.0].concat())
    }

    fn verify(&self, signer: MemberId, digest: &Digest, signature: &Signature) -> bool {
        let account = Address::from(signer.0);
        let signature = read_signature(&signature.0);
        self.nonces.contains_key(&account) && signature.is_some_and(|s| s.is_of(account, &B256::from(*digest)))
    }

    fn statement(&self, _: &Digest, inputs: &[MemberId], outputs: &[Output]) -> Digest {
        // Every input's nonce is known, or it could not have taken part. Were one not, this would sign nothing that a
        // market takes.
        self.statement_hash(inputs, outputs).unwrap_or_default().0
    }
}
