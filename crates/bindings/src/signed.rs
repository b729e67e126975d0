//! What accounts do by signature: the messages they sign (EIP-712), signing, and who signed.

mod encode;
mod typed;

use alloy::{
    primitives::{Address, B256, Signature},
    signers::{self, SignerSync},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use transax::{Authorization, Mix, PostingTerms, Settlement, Transfer};
use units::{GroupId, IntervalIndex, OfferId};

use crate::OutOfRange;

pub(crate) use encode::{encode_action, encode_mix};
pub use typed::Domain;

/// What an account wants done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// `postOfferBySig`.
    PostOffer(PostingTerms),
    /// `cancelOfferBySig`.
    CancelOffer {
        /// The offer.
        offer: OfferId,
    },
    /// `depositBySig`.
    Deposit {
        /// What is settled before; not signed, since anybody may settle anything.
        settlements: Vec<Settlement>,
        /// A one-time account of the meter.
        meter: Address,
        /// Whose feeders' assets.
        group: GroupId,
        /// First interval.
        first: IntervalIndex,
        /// Last interval.
        last: IntervalIndex,
    },
    /// `transferBySig`.
    Transfer(Transfer),
}

/// A signature as in ERC-2098.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompactSignature {
    /// r.
    pub r: B256,
    /// s, and in the highest bit the parity of y.
    pub vs: B256,
}

/// Why something could not be signed.
#[derive(Debug, Error)]
pub enum SignError {
    /// A figure does not fit.
    #[error("what is to be signed does not fit the contract")]
    OutOfRange(#[from] OutOfRange),
    /// The key cannot sign.
    #[error("the key cannot sign")]
    Signer(#[from] signers::Error),
}

/// An action with its signature: anybody may submit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAction {
    /// Who acts, how often, until when, and what it pays.
    pub by: Authorization,
    /// What it does.
    pub action: Action,
    /// Over both.
    pub signature: CompactSignature,
}

impl SignedAction {
    /// Signs an action for the market of `domain` with the key of `by.account`.
    pub fn sign(
        key: &impl SignerSync<Signature>,
        domain: Domain,
        by: Authorization,
        action: Action,
    ) -> Result<Self, SignError> {
        let signature = key.sign_hash_sync(&domain.action_hash(&by, &action)?)?.into();
        Ok(Self { by, action, signature })
    }

    /// Whether `by.account` has signed exactly this, for the market of `domain`. What does not fit was not signed.
    pub fn is_signed(&self, domain: Domain) -> bool {
        let hash = domain.action_hash(&self.by, &self.action);
        hash.is_ok_and(|hash| self.signature.is_of(self.by.account, &hash))
    }
}

/// Signs a joint transaction with the key of one of its inputs.
pub fn sign_mix(key: &impl SignerSync<Signature>, domain: Domain, joint: &Mix) -> Result<CompactSignature, SignError> {
    Ok(key.sign_hash_sync(&domain.mix_hash(joint)?)?.into())
}

/// Whether each signature is that of the input in its place, for the market of `domain`.
pub fn mix_signed(domain: Domain, joint: &Mix, signatures: &[CompactSignature]) -> Vec<bool> {
    let hash = domain.mix_hash(joint);
    let of = |(input, signature): (&Address, &CompactSignature)| {
        hash.as_ref().is_ok_and(|hash| signature.is_of(*input, hash))
    };
    // Signatures past the inputs are nobody's.
    let known = joint.inputs.iter().zip(signatures).map(of);
    known.chain(std::iter::repeat(false)).take(signatures.len()).collect()
}

impl CompactSignature {
    /// Whether it is this account's signature of the hash.
    pub fn is_of(&self, account: Address, hash: &B256) -> bool {
        let signature = Signature::from_erc2098(&[self.r, self.vs].concat());
        // The contract refuses the other of the two signatures that every message has.
        signature.normalize_s().is_none()
            && signature.recover_address_from_prehash(hash).is_ok_and(|signer| signer == account && !account.is_zero())
    }
}

impl From<Signature> for CompactSignature {
    fn from(signature: Signature) -> Self {
        let bytes = signature.normalized_s().as_erc2098();
        let (r, vs) = bytes.split_at(32);
        Self { r: B256::from_slice(r), vs: B256::from_slice(vs) }
    }
}

#[cfg(test)]
mod tests {
    use alloy::signers::local::PrivateKeySigner;
    use transax::{Side, TransferredAssets};
    use units::{Money, Price, WattHours};

    use super::*;

    const DOMAIN: Domain = Domain { chain_id: 1, market: Address::repeat_byte(7) };

    fn key(number: u8) -> PrivateKeySigner {
        PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).expect("a number within the curve's order")
    }

    fn by(account: Address) -> Authorization {
        Authorization { account, nonce: 1, deadline: 2, fee: Money(3), relay: None }
    }

    fn offer() -> Action {
        Action::PostOffer(PostingTerms {
            group: GroupId(1),
            side: Side::Buy,
            energy: WattHours(2),
            price: Price(3),
            start: IntervalIndex(4),
            end: IntervalIndex(5),
        })
    }

    fn actions() -> [Action; 4] {
        let (first, last) = (IntervalIndex(1), IntervalIndex(2));
        let (meter, group) = (Address::repeat_byte(9), GroupId(3));
        let assets = TransferredAssets { group, side: Side::Sell, first, last, energy: WattHours(5) };
        [
            offer(),
            Action::CancelOffer { offer: OfferId(6) },
            Action::Deposit { settlements: Vec::new(), meter, group, first, last },
            Action::Transfer(Transfer { to: meter, credits: Money(8), assets }),
        ]
    }

    #[test]
    fn what_was_signed_is_recognised() {
        for action in actions() {
            let signed = SignedAction::sign(&key(1), DOMAIN, by(key(1).address()), action).expect("a signature");
            assert!(signed.is_signed(DOMAIN), "{signed:?}");
            let text = serde_json::to_string(&signed).expect("plain data");
            assert_eq!(serde_json::from_str::<SignedAction>(&text).expect("the same"), signed);
        }
    }

    #[test]
    fn nothing_else_was_signed() {
        let signed = SignedAction::sign(&key(1), DOMAIN, by(key(1).address()), offer()).expect("a signature");
        assert!(!signed.is_signed(Domain { chain_id: 2, ..DOMAIN }));
        assert!(!signed.is_signed(Domain { market: Address::ZERO, ..DOMAIN }));
        let [_, others @ ..] = actions();
        for action in others {
            assert!(!SignedAction { action, ..signed.clone() }.is_signed(DOMAIN));
        }
        let altered = [
            Authorization { account: key(2).address(), ..signed.by },
            Authorization { nonce: 2, ..signed.by },
            Authorization { deadline: 3, ..signed.by },
            Authorization { fee: Money(4), ..signed.by },
            Authorization { relay: Some(Address::repeat_byte(1)), ..signed.by },
        ];
        for by in altered {
            assert!(!SignedAction { by, ..signed.clone() }.is_signed(DOMAIN));
        }
        let signature = CompactSignature { r: B256::ZERO, ..signed.signature };
        assert!(!SignedAction { signature, ..signed.clone() }.is_signed(DOMAIN));
        let by = Authorization { fee: Money(u128::MAX), ..signed.by };
        assert!(!SignedAction { by, ..signed }.is_signed(DOMAIN));
    }

    #[test]
    fn each_input_of_a_mix_signs_for_itself() {
        let mut inputs: Vec<_> = (1..=3).map(|number| key(number).address()).collect();
        inputs.sort_unstable();
        let joint = Mix {
            group: GroupId(0),
            side: Side::Sell,
            first: IntervalIndex(8),
            amounts: vec![[1, 2, 3, 4, 5, 6, 7, 8]],
            credits: Money(1),
            fee: Money(0),
            relay: None,
            deadline: 9,
            nonces: vec![0; 3],
            outputs: (4..=6).map(Address::repeat_byte).collect(),
            inputs,
        };
        let of = |account: &Address| (1..=3).map(key).find(|key| key.address() == *account).expect("one of them");
        let sign = |account: &Address| sign_mix(&of(account), DOMAIN, &joint).expect("a signature");
        let mut signatures: Vec<_> = joint.inputs.iter().map(sign).collect();
        assert_eq!(mix_signed(DOMAIN, &joint, &signatures), [true; 3]);
        signatures.swap(0, 1);
        signatures.push(CompactSignature::default());
        assert_eq!(mix_signed(DOMAIN, &joint, &signatures), [false, false, true, false]);
    }
}
