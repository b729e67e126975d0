//! Bills of periods that a meter has signed.

use alloy::{
    primitives::{Address, B256, Signature},
    signers::SignerSync,
    sol_types::SolStruct,
};
use serde::{Deserialize, Serialize};
use transax::PeriodBill;

use crate::{CompactSignature, Domain, OutOfRange, SignError, number::narrow};

mod message {
    alloy::sol! {
        /// What a meter signs, under EIP-712 and the market's domain. No contract reads it.
        struct PeriodBill {
            address prosumer;
            uint24 first;
            uint24 last;
            int128 owed;
            int64 missingWh;
            bytes32 schedule;
        }
    }
}

/// A bill with its meter's signature, as a file. It says for which market it is, so that whoever holds several can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBill {
    /// The chain.
    pub chain_id: u64,
    /// The market's contract.
    pub market: Address,
    /// Who measured and signed.
    pub meter: Address,
    /// What was signed.
    pub bill: PeriodBill,
    /// Over the bill, for this market.
    pub signature: CompactSignature,
}

impl SignedBill {
    /// Signs a bill with the key of its meter, for the market of `domain`.
    pub fn sign(
        meter: &(impl SignerSync<Signature> + alloy::signers::Signer<Signature>),
        domain: Domain,
        bill: PeriodBill,
    ) -> Result<Self, SignError> {
        let signature = meter.sign_hash_sync(&bill_hash(domain, &bill)?)?.into();
        let Domain { chain_id, market } = domain;
        Ok(Self { chain_id, market, meter: meter.address(), bill, signature })
    }

    /// Whether `meter` has signed exactly this bill for the market that it names.
    pub fn is_signed(&self) -> bool {
        let Self { chain_id, market, .. } = *self;
        bill_hash(Domain { chain_id, market }, &self.bill).is_ok_and(|hash| self.signature.is_of(self.meter, &hash))
    }
}

fn bill_hash(domain: Domain, bill: &PeriodBill) -> Result<B256, OutOfRange> {
    let PeriodBill { prosumer, first, last, owed, missing_wh, schedule } = *bill;
    let (first, last) = (narrow("first", first.0)?, narrow("last", last.0)?);
    let message = message::PeriodBill { prosumer, first, last, owed, missingWh: missing_wh, schedule };
    Ok(message.eip712_signing_hash(&domain.eip712()))
}

#[cfg(test)]
mod tests {
    use alloy::signers::local::PrivateKeySigner;
    use units::IntervalIndex;

    use super::*;

    const DOMAIN: Domain = Domain { chain_id: 1, market: Address::repeat_byte(7) };

    fn key(number: u8) -> PrivateKeySigner {
        PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).expect("a number within the curve's order")
    }

    fn bill() -> PeriodBill {
        PeriodBill {
            prosumer: Address::repeat_byte(2),
            first: IntervalIndex(96),
            last: IntervalIndex(191),
            owed: -1_234_567,
            missing_wh: 50,
            schedule: B256::repeat_byte(3),
        }
    }

    #[test]
    fn what_the_meter_signed_is_recognised() {
        let signed = SignedBill::sign(&key(1), DOMAIN, bill()).expect("a signature");
        assert!(signed.is_signed());
        let text = serde_json::to_string(&signed).expect("plain data");
        assert_eq!(serde_json::from_str::<SignedBill>(&text).expect("the same"), signed);
        let owed = i128::from(i64::MIN) * 1000;
        let large = SignedBill::sign(&key(1), DOMAIN, PeriodBill { owed, ..bill() }).expect("a signature");
        let text = serde_json::to_string(&large).expect("plain data");
        assert_eq!(serde_json::from_str::<SignedBill>(&text).expect("the same"), large);
    }

    #[test]
    fn nothing_else_was_signed() {
        let signed = SignedBill::sign(&key(1), DOMAIN, bill()).expect("a signature");
        let altered = [
            PeriodBill { prosumer: Address::repeat_byte(4), ..bill() },
            PeriodBill { first: IntervalIndex(95), ..bill() },
            PeriodBill { last: IntervalIndex(192), ..bill() },
            PeriodBill { last: IntervalIndex(u32::MAX), ..bill() },
            PeriodBill { owed: 1_234_567, ..bill() },
            PeriodBill { missing_wh: 0, ..bill() },
            PeriodBill { schedule: B256::ZERO, ..bill() },
        ];
        for bill in altered {
            assert!(!SignedBill { bill, ..signed }.is_signed(), "{bill:?}");
        }
        assert!(!SignedBill { chain_id: 2, ..signed }.is_signed());
        assert!(!SignedBill { market: Address::ZERO, ..signed }.is_signed());
        assert!(!SignedBill { meter: key(2).address(), ..signed }.is_signed());
    }

    #[test]
    fn what_is_signed_is_what_any_eip_712_signer_shows() {
        let text = "PeriodBill(address prosumer,uint24 first,uint24 last,int128 owed,int64 missingWh,bytes32 schedule)";
        assert_eq!(message::PeriodBill::eip712_encode_type(), text);
    }
}
