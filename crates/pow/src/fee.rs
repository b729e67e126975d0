//! Payments between accounts, and what they cost.

use serde::{Deserialize, Serialize};

use crate::{Digest, Keys, NodeId, Signature};

/// A share of the amount, within bounds (paper, section III.G).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeRule {
    /// Parts of ten thousand: 100 to 200 are the paper's 1 % to 2 %.
    pub parts_per_10_000: u64,
    /// The least fee, units of account.
    pub least: u64,
    /// The greatest.
    pub most: u64,
}

impl FeeRule {
    /// The fee of an amount, its share rounded up.
    pub fn fee_rounded_up(&self, amount: u64) -> u64 {
        let share = u128::from(amount).saturating_mul(self.parts_per_10_000.into()).div_ceil(10_000);
        u64::try_from(share).unwrap_or(u64::MAX).clamp(self.least, self.most.max(self.least))
    }
}

/// What a payer signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who pays.
    pub payer: NodeId,
    /// Who is paid.
    pub payee: NodeId,
    /// How much the payee gets, units of account.
    pub amount: u64,
    /// What the payer pays besides: exactly the rule's fee.
    pub fee: u64,
    /// How many payments the payer made before.
    pub sequence: u64,
}

/// A signed payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The payment.
    pub terms: Terms,
    /// The payer's.
    pub signature: Signature,
}

impl Terms {
    fn digest(&self) -> Digest {
        Digest::of_value("entente/pow/payment", self)
    }

    /// Signs; the keys are the payer's.
    pub fn sign(self, keys: &dyn Keys) -> Transaction {
        let signature = keys.sign(&self.digest());
        Transaction { terms: self, signature }
    }
}

impl Transaction {
    /// Whether the payer signed it.
    pub fn is_signed(&self, keys: &dyn Keys) -> bool {
        keys.verify(self.terms.payer, &self.terms.digest(), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_a_share_within_bounds_and_never_rounds_down_to_nothing() {
        let rule = FeeRule { parts_per_10_000: 150, least: 2, most: 1_000 };
        for (amount, fee) in [(0, 2), (1, 2), (200, 3), (201, 4), (10_000, 150), (u64::MAX, 1_000)] {
            assert_eq!(rule.fee_rounded_up(amount), fee, "{amount}");
        }
    }
}
