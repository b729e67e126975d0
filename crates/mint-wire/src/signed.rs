//! Signatures: those of wallets, by EIP-191, so that a wallet's address is who somebody is.

use alloy::{
    primitives::{Address, Signature},
    signers::{SignerSync, local::PrivateKeySigner},
};
use mint::SigningBytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Something and who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed<T> {
    /// What was said.
    pub body: T,
    /// 65 bytes, hex.
    pub signature: String,
}

/// A signature that is not the one it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadSignature {
    /// It is no signature at all.
    #[error("the signature cannot be read; expected 65 bytes, hex")]
    Unreadable,
    /// It is somebody else's, or of something else.
    #[error("the signature is not by {expected}")]
    Foreign {
        /// Whose it should be.
        expected: Address,
    },
    /// It could not be made.
    #[error("the wallet cannot sign")]
    NotMade,
}

impl<T: SigningBytes> Signed<T> {
    /// Signs.
    pub fn new(body: T, signer: &PrivateKeySigner) -> Result<Self, BadSignature> {
        let signature = signer.sign_message_sync(&body.signing_bytes()).map_err(|_| BadSignature::NotMade)?;
        Ok(Self { body, signature: signature.to_string() })
    }

    /// What was said, if `expected` did.
    pub fn verify(&self, expected: Address) -> Result<&T, BadSignature> {
        let signature: Signature = self.signature.parse().map_err(|_| BadSignature::Unreadable)?;
        let found = signature.recover_address_from_msg(self.body.signing_bytes());
        if found.is_ok_and(|found| found == expected) {
            Ok(&self.body)
        } else {
            Err(BadSignature::Foreign { expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use mint::Flags;

    use super::*;

    #[test]
    fn only_who_signed_it_said_it() {
        let [alice, bob] = [PrivateKeySigner::random(), PrivateKeySigner::random()];
        let flags = Flags { fog: "f".parse().unwrap(), number: 1, miners: Vec::new() };
        let signed = Signed::new(flags, &alice).unwrap();
        assert!(signed.verify(alice.address()).is_ok());
        assert!(signed.verify(bob.address()).is_err());
        let mut changed = signed.clone();
        changed.body.number = 2;
        assert!(changed.verify(alice.address()).is_err());
        let unreadable = Signed { signature: "0x12".to_owned(), ..signed };
        assert_eq!(unreadable.verify(alice.address()), Err(BadSignature::Unreadable));
    }
}
