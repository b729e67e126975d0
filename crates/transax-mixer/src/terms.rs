//! What is mixed, and the joint transaction that comes of it.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use bindings::{Call, CompactSignature, Domain, OutOfRange};
use coin_shuffle::{Digest, Joint, MemberId, Output};
use thiserror::Error;
use transax::{Market, Mix, Side};
use units::{GroupId, IntervalIndex, Money};

/// What all participants of a mix agree on before it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixTerms {
    /// Whose feeders' assets.
    pub group: GroupId,
    /// Production or consumption.
    pub side: Side,
    /// First interval, a multiple of eight.
    pub first: IntervalIndex,
    /// Wh, eight intervals an entry.
    pub amounts: Vec<[u32; 8]>,
    /// Credits that each gives and each receives.
    pub credits: Money,
    /// Credits that each pays the relay.
    pub fee: Money,
    /// Who is paid, whoever submits; `None` for whoever does.
    pub relay: Option<Address>,
    /// The last second at which the joint transaction may be carried out, Unix time.
    pub deadline: u64,
}

/// What came out of a mix is no joint transaction of the market's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum JointError {
    /// A participant's nonce is not known.
    #[error("{input} takes part, and its nonce was not known when the mix began")]
    UnknownInput {
        /// The participant.
        input: Address,
    },
    /// A signature has not the form of one.
    #[error("the signature of {input} is not one of 64 bytes")]
    MalformedSignature {
        /// Whose it should be.
        input: Address,
    },
}

impl MixTerms {
    /// Who could give what is asked for, with the next nonce of each.
    pub fn eligible(&self, market: &Market) -> BTreeMap<Address, u32> {
        let needed = Money(self.credits.0.saturating_add(self.fee.0));
        let gives = |account: &Address| {
            let credits = market.account(*account).map_or(Money(0), |account| account.credits);
            let mix = self.mix(Vec::new(), Vec::new(), Vec::new());
            let has = mix
                .amounts()
                .all(|(interval, energy)| market.free_assets_in(self.group, *account, self.side, interval) >= energy);
            credits >= needed && has
        };
        market
            .accounts()
            .map(|(account, _)| account)
            .filter(gives)
            .map(|account| (account, market.nonce(account)))
            .collect()
    }

    /// Names the mix: who agrees on anything else, or on another market, mixes elsewhere.
    pub fn session(&self, domain: Domain) -> Result<Digest, OutOfRange> {
        Ok(domain.mix_hash(&self.mix(Vec::new(), Vec::new(), Vec::new()))?.0)
    }

    /// The joint transaction of these participants, inputs and outputs sorted as the contract wants them.
    pub(crate) fn joint(
        &self,
        inputs: &[MemberId],
        outputs: &[Output],
        nonces: &BTreeMap<Address, u32>,
    ) -> Result<Mix, JointError> {
        let mut inputs: Vec<Address> = inputs.iter().map(|input| Address::from(input.0)).collect();
        inputs.sort_unstable();
        let known = |input: &Address| nonces.get(input).copied().ok_or(JointError::UnknownInput { input: *input });
        let nonces = inputs.iter().map(known).collect::<Result<_, _>>()?;
        let mut outputs: Vec<Address> = outputs.iter().map(|output| Address::from(output.0)).collect();
        outputs.sort_unstable();
        Ok(self.mix(inputs, nonces, outputs))
    }

    /// What anybody may submit, once all have signed.
    ///
    /// # Errors
    /// A participant without a nonce, or a signature that is none; neither comes of a mix among honest participants.
    pub fn call(&self, joint: &Joint, nonces: &BTreeMap<Address, u32>) -> Result<Call, JointError> {
        let mix = self.joint(&joint.inputs, &joint.outputs, nonces)?;
        let of_member = joint.inputs.iter().map(|input| Address::from(input.0)).zip(&joint.signatures);
        let mut signatures = BTreeMap::new();
        for (input, signature) in of_member {
            let read = read_signature(&signature.0).ok_or(JointError::MalformedSignature { input })?;
            signatures.insert(input, read);
        }
        let in_order = mix.inputs.iter().filter_map(|input| signatures.get(input).copied()).collect();
        Ok(Call::Mix { joint: Box::new(mix), signatures: in_order })
    }

    fn mix(&self, inputs: Vec<Address>, nonces: Vec<u32>, outputs: Vec<Address>) -> Mix {
        let Self { group, side, first, ref amounts, credits, fee, relay, deadline } = *self;
        Mix { group, side, first, amounts: amounts.clone(), credits, fee, relay, deadline, inputs, nonces, outputs }
    }
}

/// The 64 bytes of a compact signature.
pub(crate) fn read_signature(bytes: &[u8]) -> Option<CompactSignature> {
    let (r, vs) = bytes.split_at_checked(32)?;
    Some(CompactSignature { r: B256::try_from(r).ok()?, vs: B256::try_from(vs).ok()? })
}
