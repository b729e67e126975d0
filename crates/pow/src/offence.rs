//! What nodes are expelled for.

use serde::{Deserialize, Serialize};

use crate::{Envelope, Message};

/// An offence that a signed message proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Offence {
    /// Reported shares that are none.
    ForgedShare,
    /// Announced a solution that is none.
    WrongSolution,
    /// As a manager, proposed a block that breaks the rules.
    WrongBlock,
    /// Acted as a manager without having been elected.
    Unelected,
}

impl Offence {
    /// The offence that a message proves to anybody, whatever the state of its chain.
    pub fn proved_by(envelope: &Envelope) -> Option<Self> {
        match &envelope.message {
            Message::Request { reports, .. } if reports.iter().any(|report| report.forgery().is_some()) => {
                Some(Self::ForgedShare)
            }
            Message::Solution { header } if !header.is_solved() => Some(Self::WrongSolution),
            _ => None,
        }
    }
}
