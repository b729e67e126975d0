//! Ed25519 keys.

use std::fmt;

use ed25519_dalek::{Signature as Ed25519, Signer, SigningKey, VerifyingKey};
use pow::{Digest, Keys, NodeId, Signature};

/// A node's key pair; printing it shows the public one.
#[derive(Clone)]
pub struct NodeKeys(SigningKey);

impl NodeKeys {
    /// A new pair, from the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self::from_secret(&secret))
    }

    /// The pair with this secret key.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The secret key.
    pub fn to_secret(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeKeys({})", self.id())
    }
}

impl Keys for NodeKeys {
    fn id(&self) -> NodeId {
        NodeId(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, digest: &Digest) -> Signature {
        let bytes = self.0.sign(&digest.0).to_bytes();
        let (mut r, mut s) = ([0; 32], [0; 32]);
        r.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        Signature([r, s])
    }

    fn verify(&self, signer: NodeId, digest: &Digest, signature: &Signature) -> bool {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(signature.0.as_flattened());
        VerifyingKey::from_bytes(&signer.0)
            .is_ok_and(|key| key.verify_strict(&digest.0, &Ed25519::from_bytes(&bytes)).is_ok())
    }

    fn secret(&self, height: u32) -> [u8; 32] {
        Digest::of(&[b"entente/pow/draw", &self.to_secret(), &height.to_be_bytes()]).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_signer_and_its_words_only() {
        let (one, other) = (NodeKeys::from_secret(&[1; 32]), NodeKeys::from_secret(&[2; 32]));
        let said = Digest([3; 32]);
        let signature = one.sign(&said);
        assert!(other.verify(one.id(), &said, &signature));
        assert!(!other.verify(other.id(), &said, &signature));
        assert!(!other.verify(one.id(), &Digest([4; 32]), &signature));
        assert!(!other.verify(NodeId([0xff; 32]), &said, &signature), "that is no key");
        assert!(!format!("{one:?}").contains("0101"), "the secret is not shown");
    }
}
