//! Sealed and padded messages.

use std::fmt;

use crypto_secretbox::{Key, KeyInit, Nonce, XSalsa20Poly1305, aead::Aead};
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::BoxId;

/// The sizes that sealed messages have, bytes. All of a mix of fifteen fit the first, but for evidence of faults.
pub const PADDED_BYTES: [usize; 4] = [1 << 14, 1 << 16, 1 << 18, 1 << 20];
/// Nonce and tag.
const OVERHEAD: usize = NONCE + 16;
const NONCE: usize = 24;
/// How long the message is, before its padding.
const LENGTH: usize = 4;
const SALT: &[u8] = b"entente mailbox, version 1";

/// Why a message cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// It is too long.
    #[error("a message of {size} bytes is too long; at most {most} fit")]
    TooLong {
        /// Its size.
        size: usize,
        /// What fits.
        most: usize,
    },
    /// There is no chance to be had.
    #[error("the system's random numbers cannot be read: {0}")]
    Chance(String),
}

/// Those who share a secret. It cannot print itself, and is wiped when dropped.
#[derive(Clone)]
pub struct Circle([u8; 32]);

impl Drop for Circle {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Circle(..)")
    }
}

impl Circle {
    /// Of a secret of 32 random bytes.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The box for a purpose. Who does not know the secret cannot tell two purposes' boxes from two circles'.
    pub fn box_id(&self, purpose: &[u8]) -> BoxId {
        let mut id = [0; 32];
        self.derive(&[&b"box"[..], purpose], &mut id);
        BoxId(id.into())
    }

    /// Pads and seals a message for a box.
    pub fn seal(&self, id: &BoxId, message: &[u8]) -> Result<Vec<u8>, SealError> {
        let [.., largest] = PADDED_BYTES;
        let most = largest - OVERHEAD - LENGTH;
        let too_long = SealError::TooLong { size: message.len(), most };
        let fits = |padded: &&usize| message.len() <= **padded - OVERHEAD - LENGTH;
        let padded = PADDED_BYTES.iter().find(fits).ok_or_else(|| too_long.clone())?;
        let length = u32::try_from(message.len()).map_err(|_| too_long)?;
        let mut plain = length.to_be_bytes().to_vec();
        plain.extend_from_slice(message);
        plain.resize(padded - OVERHEAD, 0);
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| SealError::Chance(error.to_string()))?;
        let body = self.cipher(id).encrypt(&Nonce::from(nonce), &plain[..]);
        Ok([&nonce[..], &body.expect("a message is far shorter than the cipher's limit")].concat())
    }

    /// Opens what somebody of the circle sealed for this box; `None` for anything else.
    pub fn open(&self, id: &BoxId, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE>()?;
        let plain = self.cipher(id).decrypt(&Nonce::from(*nonce), body).ok()?;
        let (length, message) = plain.split_at_checked(LENGTH)?;
        let length = u32::from_be_bytes(length.try_into().ok()?);
        Some(message.get(..usize::try_from(length).ok()?)?.to_vec())
    }

    fn cipher(&self, id: &BoxId) -> XSalsa20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        self.derive(&[&b"key"[..], &id.0[..]], &mut key[..]);
        XSalsa20Poly1305::new(&Key::from(*key))
    }

    /// HKDF-SHA256 (RFC 5869); the first part tells what for, and has a fixed length.
    fn derive(&self, information: &[&[u8]], out: &mut [u8]) {
        let extracted = Hkdf::<Sha256>::new(Some(SALT), &self.0);
        extracted.expand_multi_info(information, out).expect("32 bytes are less than HKDF's limit");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_lengths_come_back_and_have_four_sizes() {
        let circle = Circle::new([1; 32]);
        let id = circle.box_id(b"test");
        let most = PADDED_BYTES[3] - OVERHEAD - LENGTH;
        for length in [0, 1, PADDED_BYTES[0] - OVERHEAD - LENGTH, PADDED_BYTES[0] - OVERHEAD - LENGTH + 1, most] {
            let message = vec![5; length];
            let sealed = circle.seal(&id, &message).expect("it fits");
            assert!(PADDED_BYTES.contains(&sealed.len()), "{}", sealed.len());
            assert_eq!(circle.open(&id, &sealed), Some(message));
        }
        let error = circle.seal(&id, &vec![0; most + 1]).unwrap_err();
        assert_eq!(error, SealError::TooLong { size: most + 1, most });
    }

    #[test]
    fn nobody_else_opens_it() {
        let (circle, other) = (Circle::new([1; 32]), Circle::new([2; 32]));
        let id = circle.box_id(b"test");
        let mut sealed = circle.seal(&id, b"hello").expect("it fits");
        assert_eq!(other.open(&id, &sealed), None);
        assert_eq!(circle.open(&circle.box_id(b"tesu"), &sealed), None);
        assert_ne!(circle.box_id(b"test"), other.box_id(b"test"));
        *sealed.last_mut().expect("bytes") ^= 1;
        assert_eq!(circle.open(&id, &sealed), None);
        assert_eq!(circle.open(&id, &[0; 5]), None);
    }

    #[test]
    fn the_same_message_never_looks_the_same() {
        let circle = Circle::new([1; 32]);
        let id = circle.box_id(b"test");
        assert_ne!(circle.seal(&id, b"hello"), circle.seal(&id, b"hello"));
        assert_eq!(format!("{circle:?}"), "Circle(..)");
    }
}
