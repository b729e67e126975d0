//! What nodes say to each other.

use serde::{Deserialize, Serialize};

use crate::{Block, Digest, Draw, Header, Keys, Lease, NodeId, Offence, Report, Signature, Template, Transaction};

/// Why somebody may act as the manager: nothing but its place in the order of the height in term 0, later the votes of
/// a majority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// The height that is being worked on.
    pub height: u32,
    /// How many managers of this height were replaced.
    pub term: u32,
    /// Signed votes, for terms above 0.
    pub votes: Vec<Envelope>,
}

/// A block that a majority accepted, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The block.
    pub block: Block,
    /// Signed acceptances.
    pub accepts: Vec<Envelope>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The sender wants to be a member, and has the chain up to a height.
    Join {
        /// The last height it has.
        height: u32,
    },
    /// The sender has the chain up to a height, and asks for what follows.
    Sync {
        /// The last height it has.
        height: u32,
    },
    /// What follows.
    Blocks(Vec<Decided>),
    /// A payment.
    Submit(Transaction),
    /// A miner asks for work, and reports what it did.
    Request {
        /// The height that it works on.
        height: u32,
        /// What it hashes by its own account, hashes a second.
        rate: u64,
        /// What it finished.
        reports: Vec<Report>,
    },
    /// A manager leases a range of nonces.
    Work {
        /// The sender's right to do so.
        mandate: Mandate,
        /// What is to be solved.
        header: Header,
        /// Which nonces.
        lease: Lease,
    },
    /// A miner found a nonce.
    Solution {
        /// The header with it.
        header: Header,
    },
    /// The active manager is there.
    Heartbeat {
        /// The sender's right to be.
        mandate: Mandate,
    },
    /// What a backup needs to take over.
    Replica {
        /// The sender's right to send it.
        mandate: Mandate,
        /// What is worked on.
        template: Option<Box<Template>>,
        /// Ranges that are out.
        leases: Vec<(NodeId, Lease)>,
        /// Hashes proved so far at this height.
        credits: Vec<(NodeId, u64)>,
        /// Nodes that get neither work nor pay.
        banned: Vec<NodeId>,
    },
    /// The sender wants to replace a silent manager.
    Campaign {
        /// The height.
        height: u32,
        /// The term it wants.
        term: u32,
    },
    /// A vote; signed, so that it proves a mandate.
    Vote {
        /// The height.
        height: u32,
        /// The term.
        term: u32,
        /// For whom; nobody else gets the sender's vote in this term.
        candidate: NodeId,
        /// The block that the sender accepted last at this height: in which term, and its hash.
        accepted: Option<(u32, Digest)>,
    },
    /// A vote with the block it names.
    Ballot {
        /// The signed vote.
        vote: Box<Envelope>,
        /// The block.
        accepted: Option<Box<Block>>,
    },
    /// A manager proposes a solved block.
    Propose {
        /// The sender's right to do so.
        mandate: Mandate,
        /// The block.
        block: Box<Block>,
    },
    /// The sender accepts a block in a term; signed, so that it proves a decision.
    Accept {
        /// The height.
        height: u32,
        /// The term.
        term: u32,
        /// The block's hash.
        hash: Digest,
    },
    /// The sender has promised a greater term, and so cannot accept what the manager proposes.
    Refuse {
        /// The height.
        height: u32,
        /// The manager's term.
        term: u32,
        /// What was promised.
        promised: u32,
    },
    /// A block is decided.
    Commit {
        /// The block.
        decided: Box<Decided>,
        /// Hashes proved at its height since its template was composed; paid in the next block.
        credits: Vec<(NodeId, u64)>,
    },
    /// The sender's part in the draw, for the manager of a height.
    Draw {
        /// The height.
        height: u32,
        /// Its part.
        draw: Draw,
    },
    /// A message that breaks the rules by itself.
    Charge {
        /// As its sender signed it.
        evidence: Box<Envelope>,
    },
    /// The sender wants a node expelled; signed, so that a majority of them proves an expulsion.
    Accuse {
        /// Who.
        offender: NodeId,
        /// What for.
        offence: Offence,
    },
}

impl Message {
    /// The mandate that the sender claims.
    pub const fn mandate(&self) -> Option<&Mandate> {
        match self {
            Self::Work { mandate, .. }
            | Self::Heartbeat { mandate }
            | Self::Replica { mandate, .. }
            | Self::Propose { mandate, .. } => Some(mandate),
            _ => None,
        }
    }
}

/// A signed message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Who says it.
    pub from: NodeId,
    /// What.
    pub message: Message,
    /// The sender's.
    pub signature: Signature,
}

impl Envelope {
    /// Signs a message.
    pub fn seal(message: Message, keys: &dyn Keys) -> Self {
        let signature = keys.sign(&digest(&message));
        Self { from: keys.id(), message, signature }
    }

    /// Whether its sender signed it.
    pub fn is_signed(&self, keys: &dyn Keys) -> bool {
        keys.verify(self.from, &digest(&self.message), &self.signature)
    }
}

fn digest(message: &Message) -> Digest {
    Digest::of_value("entente/pow/message", message)
}
