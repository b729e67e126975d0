//! What a participant may be excluded for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::message::MemberId;

/// Why a participant is left out of the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fault {
    /// Said nothing in time. Not proof of ill will: its mailbox may have failed.
    Silent,
    /// Kept back the secret that would have shown what it did.
    Withheld,
    /// Signed two different messages for one slot.
    Equivocated,
    /// Posted a list of the wrong length, with entries of the wrong size or twice the same.
    BadList,
    /// Left out, replaced or changed what others had put in.
    Altered,
    /// Put in something that could not be opened.
    Malformed,
    /// Put in what another had put in before.
    Copied,
    /// Wants its assets back at an account that puts assets in.
    OutputIsInput,
    /// Vouched for something else than it heard.
    FalseDigest,
    /// Signed something else than the joint statement.
    BadSignature,
    /// Gave a secret that does not belong to its key.
    FalseSecret,
    /// Stopped the run although nothing was wrong.
    Unfounded,
}

/// Who is left out, and why.
pub type Faults = BTreeMap<MemberId, Fault>;
