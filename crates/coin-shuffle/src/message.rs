//! What participants say to each other.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    authority::{Authority, Signature},
    layers::OUTPUT_BYTES,
};

/// SHA-256 of something.
pub type Digest = [u8; 32];

/// Milliseconds of the board's clock.
pub type Millis = u64;

/// Who takes part: the account whose assets go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MemberId(pub [u8; OUTPUT_BYTES]);

/// The account to which the same amount comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Output(pub [u8; OUTPUT_BYTES]);

/// What a message is for. A participant has one message for each slot of a run; two that differ convict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slot {
    /// Taking part.
    Join,
    /// An encryption key for this run.
    Key,
    /// The list so far.
    Shuffle,
    /// A digest of all that was said before.
    Check,
    /// A signature on the joint statement.
    Sign,
    /// Evidence.
    Blame,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// I take part.
    Join,
    /// My X25519 key for this run.
    Key([u8; 32]),
    /// What I received without my layer, my own entry added, in an order that I drew. The last participant's are outputs.
    Shuffle(Vec<Vec<u8>>),
    /// The digest of every key and list of this run.
    Check(Digest),
    /// My signature on the joint statement.
    Sign(Signature),
    /// What I know, so that whoever disturbed the run can be found.
    Blame {
        /// Whether it is I who could not go on.
        complaint: bool,
        /// The secret of my key, where lists must be traced; the outputs of the run are never used then.
        secret: Option<[u8; 32]>,
        /// Every message of this run that I heard.
        heard: Vec<Message>,
    },
}

impl Content {
    /// Which slot it fills.
    pub const fn slot(&self) -> Slot {
        match self {
            Self::Join => Slot::Join,
            Self::Key(_) => Slot::Key,
            Self::Shuffle(_) => Slot::Shuffle,
            Self::Check(_) => Slot::Check,
            Self::Sign(_) => Slot::Sign,
            Self::Blame { .. } => Slot::Blame,
        }
    }
}

/// A signed message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What is mixed: a digest of the chain, the contract, the assets and their amount.
    pub session: Digest,
    /// Which run, from 0.
    pub run: u32,
    /// Who says it.
    pub from: MemberId,
    /// What is said.
    pub content: Content,
    /// By `from`, over all of the above.
    pub signature: Signature,
}

impl Message {
    /// A message, signed.
    pub fn signed(session: Digest, run: u32, from: MemberId, content: Content, authority: &impl Authority) -> Self {
        let signature = authority.sign(&digest_of(&("message", session, run, from, &content)));
        Self { session, run, from, content, signature }
    }

    /// What is signed.
    pub fn digest(&self) -> Digest {
        digest_of(&("message", self.session, self.run, self.from, &self.content))
    }

    /// Whether the named participant wrote it.
    pub fn is_authentic(&self, authority: &impl Authority) -> bool {
        authority.verify(self.from, &self.digest(), &self.signature)
    }
}

/// A message as the board shows it to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its place on the board; later posts have greater numbers.
    pub number: u64,
    /// When it was posted, by the board's clock.
    pub at: Millis,
    /// What was posted.
    pub message: Message,
}

pub(crate) fn digest_of(value: &impl Serialize) -> Digest {
    let bytes = postcard::to_allocvec(value).expect("plain data in memory can be written");
    Sha256::digest(bytes).into()
}
