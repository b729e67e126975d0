//! Names of wallets.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::WalletError;

const LONGEST: usize = 64;

/// A wallet's name: also the name of its file, so only letters, digits, '-' and '_'.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WalletName(String);

impl FromStr for WalletName {
    type Err = WalletError;

    fn from_str(text: &str) -> Result<Self, WalletError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        // What begins with 0x is an address wherever both are understood; what begins with '-' is an option.
        if is_plain && (1..=LONGEST).contains(&text.len()) && !text.starts_with("0x") && !text.starts_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(WalletError::BadName)
        }
    }
}

impl fmt::Display for WalletName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder_or_pass_for_an_address() {
        assert_eq!("meter-7_b".parse::<WalletName>().expect("a name").to_string(), "meter-7_b");
        for text in ["", "..", "a/b", "a.b", "0x12", "-a", "a b", "é", &"a".repeat(65)] {
            assert!(text.parse::<WalletName>().is_err(), "{text}");
        }
    }
}
