//! What the nodes of a chain start from.

use std::{collections::BTreeSet, net::SocketAddr};

use pow::{NodeId, Params};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A node that is a member from the start, or that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its public key, 64 hexadecimal digits.
    pub id: String,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A chain's parameters and its first members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// What all agree on.
    pub params: Params,
    /// Members from the start.
    pub members: Vec<Member>,
}

/// Not a public key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no public key of 64 hexadecimal digits")]
pub struct ParseIdError(String);

/// A public key from its digits.
pub fn parse_id(text: &str) -> Result<NodeId, ParseIdError> {
    let wrong = || ParseIdError(text.to_owned());
    let mut id = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    for (byte, at) in id.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(NodeId(id))
}

/// All digits of a public key.
pub fn print_id(id: NodeId) -> String {
    pow::Digest(id.0).to_string()
}

impl Genesis {
    /// The members' ids.
    pub fn ids(&self) -> Result<BTreeSet<NodeId>, ParseIdError> {
        self.members.iter().map(|member| parse_id(&member.id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_printed() {
        let id = NodeId(std::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
        assert_eq!(parse_id(&print_id(id)), Ok(id));
        for wrong in ["", "12", &"g".repeat(64), &"é".repeat(32)] {
            assert!(parse_id(wrong).is_err(), "{wrong}");
        }
    }
}
