//! Who is who, and what proves it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// A node: its public key.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub [u8; 32]);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A signature of 64 bytes, in halves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub [[u8; 32]; 2]);

/// A node's keys. Nodes on a network use Ed25519; a simulation may use something cheaper.
pub trait Keys {
    /// Whose they are.
    fn id(&self) -> NodeId;
    /// Signs.
    fn sign(&self, digest: &Digest) -> Signature;
    /// Whether a node signed this.
    fn verify(&self, signer: NodeId, digest: &Digest, signature: &Signature) -> bool;
    /// A secret for the draw of a height: always the same one for a height, and known to nobody else.
    fn secret(&self, height: u32) -> [u8; 32];
}
