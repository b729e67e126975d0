//! What is asked of a relay.

use alloy::primitives::{Address, B256, keccak256};
use bindings::{Call, CompactSignature, Domain, SignedAction, mix_signed};
use serde::{Deserialize, Serialize};
use transax::Mix;
use units::Money;

/// Something signed, to be submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Order {
    /// One account's action.
    Action(SignedAction),
    /// A joint transaction.
    Mix {
        /// What all inputs signed.
        joint: Mix,
        /// Theirs, in their order.
        signatures: Vec<CompactSignature>,
    },
}

impl Order {
    /// Whether everybody has signed it, for the market of `domain`.
    pub fn is_signed(&self, domain: Domain) -> bool {
        match self {
            Self::Action(action) => action.is_signed(domain),
            Self::Mix { joint, signatures } => {
                let signed = mix_signed(domain, joint, signatures);
                signed.len() == joint.inputs.len() && signed.into_iter().all(|signed| signed)
            }
        }
    }

    /// The last second at which it may be carried out.
    pub const fn deadline(&self) -> u64 {
        match self {
            Self::Action(action) => action.by.deadline,
            Self::Mix { joint, .. } => joint.deadline,
        }
    }

    /// All that it pays, and to whom; `None` for whoever submits.
    pub fn pays(&self) -> (Money, Option<Address>) {
        match self {
            Self::Action(action) => (action.by.fee, action.by.relay),
            Self::Mix { joint, .. } => (joint.fees(), joint.relay),
        }
    }

    /// The call that carries it out.
    pub fn into_call(self) -> Call {
        match self {
            Self::Action(action) => Call::Signed(Box::new(action)),
            Self::Mix { joint, signatures } => Call::Mix { joint: Box::new(joint), signatures },
        }
    }

    /// Names it: the same order is carried out once, however often it is handed in.
    pub fn digest(&self) -> B256 {
        keccak256(serde_json::to_vec(self).expect("plain data in memory can be written"))
    }
}
