//! Hashes that name contents.

use std::{
    fmt,
    io::{self, Read, Write},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// What a run of bytes is called: its SHA-256, FIPS 180-4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(pub [u8; 32]);

/// Words that are no hash.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no hash; a hash is 64 hexadecimal digits")]
pub struct BadHash(String);

impl ContentHash {
    /// Of all these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContentHash {
    type Err = BadHash;

    /// From 64 digits, after `0x` or not.
    fn from_str(words: &str) -> Result<Self, BadHash> {
        let bad = || BadHash(words.chars().take(80).collect());
        let digits = words.strip_prefix("0x").unwrap_or(words);
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = BadHash;

    fn try_from(words: String) -> Result<Self, BadHash> {
        words.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

/// Hashes bytes as they come.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    inner: Sha256,
    bytes: u64,
}

impl Hasher {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// How many bytes came, and what they are called.
    pub fn finish(self) -> (u64, ContentHash) {
        (self.bytes, ContentHash(self.inner.finalize().into()))
    }

    /// Takes all that a reader holds, in constant memory.
    pub fn read(mut self, reader: &mut impl Read) -> io::Result<(u64, ContentHash)> {
        io::copy(reader, &mut self)?;
        Ok(self.finish())
    }
}

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_standard_one_and_reads_back() {
        let hash = ContentHash::of(b"abc");
        let words = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_string(), words);
        assert_eq!(words.parse(), Ok(hash));
        assert_eq!(format!("0x{words}").parse(), Ok(hash));
        assert_eq!(Hasher::default().read(&mut &b"abc"[..]).unwrap(), (3, hash));
    }

    #[test]
    fn other_words_are_no_hash() {
        for words in ["", "abc", &"g".repeat(64), &"é".repeat(32), &"+1".repeat(32)] {
            assert!(words.parse::<ContentHash>().is_err(), "{words}");
        }
    }
}
