//! Signatures that only an honest simulation cannot forge, and that cost a hash.

use pow::{Digest, Keys, NodeId, Signature};

/// A node's keys.
#[derive(Clone, Copy, Debug)]
pub struct SimulatedKeys(NodeId);

/// The id of a node, by its number.
pub fn id(number: usize) -> NodeId {
    let mut bytes = [0; 32];
    let number = u32::try_from(number).expect("few nodes") + 1;
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    NodeId(bytes)
}

impl SimulatedKeys {
    /// The keys of a node.
    pub fn new(number: usize) -> Self {
        Self(id(number))
    }
}

fn signature(signer: NodeId, digest: &Digest) -> Signature {
    let half = Digest::of(&[b"simulated signature", &signer.0, &digest.0]).0;
    Signature([half, half])
}

impl Keys for SimulatedKeys {
    fn id(&self) -> NodeId {
        self.0
    }

    fn sign(&self, digest: &Digest) -> Signature {
        signature(self.0, digest)
    }

    fn verify(&self, signer: NodeId, digest: &Digest, claimed: &Signature) -> bool {
        *claimed == signature(signer, digest)
    }

    fn secret(&self, height: u32) -> [u8; 32] {
        Digest::of(&[b"simulated secret", &self.0.0, &height.to_be_bytes()]).0
    }
}
