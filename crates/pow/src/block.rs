//! What a block holds besides its header.

use serde::{Deserialize, Serialize};

use crate::{Digest, Envelope, Header, Keys, NodeId, Signature, Transaction};

/// A node's part in drawing the next managers: a secret, first its hash, one block later itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The hash of the secret for the next block.
    pub commitment: Option<Digest>,
    /// The secret whose hash the block before holds.
    pub reveal: Option<[u8; 32]>,
}

impl Draw {
    /// The commitment to a secret.
    pub fn commitment_to(secret: &[u8; 32]) -> Digest {
        Digest::of(&[b"entente/pow/secret", secret])
    }
}

/// A node that is no member any more, and what a majority of the others say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expulsion {
    /// Who.
    pub offender: NodeId,
    /// Signed accusations, each of another member.
    pub accusations: Vec<Envelope>,
}

/// What the Merkle root commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Who composed the block.
    pub manager: NodeId,
    /// In which term of its height.
    pub term: u32,
    /// Commitments and reveals.
    pub draws: Vec<(NodeId, Draw)>,
    /// Managers of earlier terms of this height, who were replaced.
    pub failed: Vec<NodeId>,
    /// New members.
    pub joins: Vec<NodeId>,
    /// Members that are expelled.
    pub expulsions: Vec<Expulsion>,
    /// Hashes proved by shares since the last template, by node in ascending order.
    pub work: Vec<(NodeId, u64)>,
    /// The subsidy and all fees, divided by work.
    pub rewards: Vec<(NodeId, u64)>,
    /// Payments.
    pub transactions: Vec<Transaction>,
}

impl Body {
    /// The root of a tree whose first leaf is the body without its payments, and whose others are these.
    pub fn root(&self) -> Digest {
        let rest = Self { transactions: Vec::new(), ..self.clone() };
        let mut leaves = vec![Digest::of_value("entente/pow/body", &rest)];
        leaves.extend(self.transactions.iter().map(|payment| Digest::of_value("entente/pow/leaf", payment)));
        merkle_root(leaves)
    }
}

/// The root of a Merkle tree; inner nodes are told from leaves by a tag, and a last one without a partner moves up.
pub fn merkle_root(mut level: Vec<Digest>) -> Digest {
    while level.len() > 1 {
        let parent = |pair: &[Digest]| match pair {
            [left, right] => Digest::of(&[b"entente/pow/inner", &left.0, &right.0]),
            [single, ..] => *single,
            [] => Digest::default(),
        };
        level = level.chunks(2).map(parent).collect();
    }
    level.first().copied().unwrap_or_default()
}

/// What miners work on: a block that is not solved yet, signed by its manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// With nonce 0.
    pub header: Header,
    /// What its root commits to.
    pub body: Body,
    /// The manager's, of the header with nonce 0.
    pub signature: Signature,
}

/// A solved block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// With the nonce that solves it.
    pub header: Header,
    /// What its root commits to.
    pub body: Body,
    /// The manager's, of the header with nonce 0.
    pub signature: Signature,
}

impl Template {
    /// Signs a composed block; the keys are its manager's.
    pub fn sign(header: Header, body: Body, keys: &dyn Keys) -> Self {
        let header = header.with_nonce(0);
        Self { header, body, signature: keys.sign(&header.hash()) }
    }

    /// The block with a nonce.
    pub fn solved_by(&self, nonce: u64) -> Block {
        Block { header: self.header.with_nonce(nonce), body: self.body.clone(), signature: self.signature }
    }
}

impl Block {
    /// The hash of the header.
    pub fn hash(&self) -> Digest {
        self.header.hash()
    }

    /// Whether its manager signed it.
    pub fn is_signed(&self, keys: &dyn Keys) -> bool {
        keys.verify(self.body.manager, &self.header.with_nonce(0).hash(), &self.signature)
    }
}
