//! Who vouches for messages.

use serde::{Deserialize, Serialize};

use crate::message::{Digest, MemberId, Output, digest_of};

/// What proves who wrote a message. Its form is the authority's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub Vec<u8>);

/// The keys of one participant, and what it knows of everybody's. Participants of a market sign with the accounts whose
/// assets they mix; a simulation may use something cheaper.
pub trait Authority {
    /// Signs for the participant.
    fn sign(&self, digest: &Digest) -> Signature;

    /// Whether `signer` signed this, and may take part at all.
    fn verify(&self, signer: MemberId, digest: &Digest, signature: &Signature) -> bool;

    /// What every owner of an input signs for the joint transaction to move anything.
    fn statement(&self, session: &Digest, inputs: &[MemberId], outputs: &[Output]) -> Digest {
        digest_of(&("joint transaction", session, inputs, outputs))
    }
}
