//! Which of a device's keys.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// From here on an index is hardened (BIP-32).
const HARDENED: u32 = 1 << 31;

/// The most steps that devices take.
const MOST_STEPS: usize = 10;

/// The way to one of a device's keys (BIP-32, BIP-44), such as `m/44'/60'/0'/0/0`, which is the first of Ethereum's, on a
/// Ledger and on a Trezor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DerivationPath(Vec<u32>);

/// A way that leads to no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a derivation path is like m/44'/60'/0'/0/0: m, and up to {MOST_STEPS} numbers below {HARDENED}, hardened by '"
)]
pub struct PathError;

impl Default for DerivationPath {
    fn default() -> Self {
        Self(vec![HARDENED + 44, HARDENED + 60, HARDENED, 0, 0])
    }
}

impl FromStr for DerivationPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parts = text.split('/');
        if parts.next() != Some("m") {
            return Err(PathError);
        }
        let steps = parts.map(step).collect::<Result<Vec<_>, _>>()?;
        if (1..=MOST_STEPS).contains(&steps.len()) { Ok(Self(steps)) } else { Err(PathError) }
    }
}

fn step(text: &str) -> Result<u32, PathError> {
    let (digits, hardening) = text.strip_suffix('\'').map_or((text, 0), |digits| (digits, HARDENED));
    // Digits only: a number may be parsed with a sign as well.
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PathError);
    }
    let index: u32 = digits.parse().map_err(|_| PathError)?;
    if index < HARDENED { Ok(index + hardening) } else { Err(PathError) }
}

impl TryFrom<String> for DerivationPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        text.parse()
    }
}

impl From<DerivationPath> for String {
    fn from(path: DerivationPath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for DerivationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("m")?;
        self.0.iter().try_for_each(|step| match step.checked_sub(HARDENED) {
            Some(index) => write!(f, "/{index}'"),
            None => write!(f, "/{step}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for text in ["m/44'/60'/0'/0/0", "m/44'/60'/2147483647'/0/2147483647", "m/0"] {
            assert_eq!(text.parse::<DerivationPath>().map(|path| path.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(DerivationPath::default().to_string(), "m/44'/60'/0'/0/0");
        let json = serde_json::to_string(&DerivationPath::default()).unwrap();
        assert_eq!(serde_json::from_str::<DerivationPath>(&json).unwrap(), DerivationPath::default());
    }

    #[test]
    fn what_leads_to_no_key_is_refused() {
        let long = format!("m{}", "/1".repeat(11));
        for text in ["", "m", "m/", "44'/60'", "m/2147483648", "m/+1", "m/1''", "m/-1", "m/x", "m//1", long.as_str()] {
            assert_eq!(text.parse::<DerivationPath>(), Err(PathError), "{text}");
        }
    }
}
