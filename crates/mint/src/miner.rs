//! Names of miners.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A miner's name: 1 to 64 lower-case letters, digits and hyphens. Its place in the order of names breaks ties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinerId(String);

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no name of a miner; use 1 to 64 lower-case letters, digits and hyphens")]
pub struct BadMinerId(
    /// The words.
    pub String,
);

impl MinerId {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MinerId {
    type Error = BadMinerId;

    fn try_from(name: String) -> Result<Self, BadMinerId> {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if (1..=64).contains(&name.len()) && name.chars().all(known) { Ok(Self(name)) } else { Err(BadMinerId(name)) }
    }
}

impl std::str::FromStr for MinerId {
    type Err = BadMinerId;

    fn from_str(name: &str) -> Result<Self, BadMinerId> {
        name.to_owned().try_into()
    }
}

impl From<MinerId> for String {
    fn from(id: MinerId) -> Self {
        id.0
    }
}

impl fmt::Display for MinerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        assert!("miner-07".parse::<MinerId>().is_ok());
        for bad in ["", "Miner", "a b", "../x", &"a".repeat(65)] {
            assert!(bad.parse::<MinerId>().is_err(), "{bad:?}");
        }
    }
}
