//! Calls by signature, as call data and as the twin's methods.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{Eip712Domain, SolCall, SolStruct};
use transax::{Authorization, Event, Market, Mix, PostingTerms, Refusal, Settlement, Transfer, TransferredAssets};
use units::{GroupId, IntervalIndex, OfferId};

use crate::call::{amount96, energy32, index, side8};
use crate::contract::{TransaxSigned as Signed, message};

#[derive(Clone, Debug)]
pub enum Action {
    PostOffer(PostingTerms),
    CancelOffer(OfferId),
    Deposit { settlements: Vec<Settlement>, meter: Address, group: GroupId, span: (IntervalIndex, IntervalIndex) },
    Transfer(Transfer),
}

#[derive(Clone, Debug)]
pub struct SignedCall {
    pub by: Authorization,
    pub action: Action,
    pub signature: [B256; 2],
    pub is_signed: bool,
}

#[derive(Clone, Debug)]
pub struct SignedMix {
    pub joint: Mix,
    pub signatures: Vec<[B256; 2]>,
    /// Whether each of them is its input's.
    pub signed: Vec<bool>,
}

impl Action {
    /// What the account signs.
    pub fn digest(&self, by: &Authorization, domain: &Eip712Domain) -> B256 {
        let Authorization { account, nonce, deadline, .. } = *by;
        let (fee, relay) = (amount96(by.fee), by.relay.unwrap_or_default());
        match self {
            Self::PostOffer(terms) => message::PostOffer {
                account,
                group: terms.group.0,
                side: side8(terms.side),
                energy: energy32(terms.energy),
                price: alloy_primitives::Uint::from(terms.price.0),
                start: index(terms.start),
                end: index(terms.end),
                nonce,
                deadline,
                fee,
                relay,
            }
            .eip712_signing_hash(domain),
            Self::CancelOffer(offer) => message::CancelOffer { account, offer: offer.0, nonce, deadline, fee, relay }
                .eip712_signing_hash(domain),
            Self::Deposit { meter, group, span, .. } => {
                let (meter, group, first, last) = (*meter, group.0, index(span.0), index(span.1));
                message::Deposit { account, meter, group, first, last, nonce, deadline, fee, relay }
                    .eip712_signing_hash(domain)
            }
            Self::Transfer(Transfer { to, credits, assets }) => message::Transfer {
                account,
                to: *to,
                credits: amount96(*credits),
                group: assets.group.0,
                side: side8(assets.side),
                first: index(assets.first),
                last: index(assets.last),
                energy: energy32(assets.energy),
                nonce,
                deadline,
                fee,
                relay,
            }
            .eip712_signing_hash(domain),
        }
    }
}

impl SignedCall {
    pub fn check(&self, market: &Market, caller: Address, now: u64) -> Result<Vec<Event>, Refusal> {
        let (by, is_signed) = (&self.by, self.is_signed);
        match &self.action {
            Action::PostOffer(terms) => market.post_offer_by_sig(caller, now, by, is_signed, *terms),
            Action::CancelOffer(offer) => market.cancel_offer_by_sig(caller, now, by, is_signed, *offer),
            Action::Deposit { settlements, meter, group, span } => {
                market.deposit_by_sig(caller, now, by, is_signed, settlements, *meter, *group, *span)
            }
            Action::Transfer(transfer) => market.transfer_by_sig(caller, now, by, is_signed, transfer),
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let by = self.authorization();
        match self.action.clone() {
            Action::PostOffer(terms) => Signed::postOfferBySigCall {
                by,
                group: terms.group.0,
                side: side8(terms.side),
                energy: energy32(terms.energy),
                price: alloy_primitives::Uint::from(terms.price.0),
                start: index(terms.start),
                end: index(terms.end),
            }
            .abi_encode(),
            Action::CancelOffer(offer) => Signed::cancelOfferBySigCall { by, offer: offer.0 }.abi_encode(),
            Action::Deposit { settlements, meter, group, span } => Signed::depositBySigCall {
                by,
                settlements: settlements.into_iter().map(settlement).collect(),
                meter,
                group: group.0,
                first: index(span.0),
                last: index(span.1),
            }
            .abi_encode(),
            Action::Transfer(Transfer { to, credits, assets }) => {
                let TransferredAssets { group, side, first, last, energy } = assets;
                Signed::transferBySigCall {
                    by,
                    to,
                    credits: amount96(credits),
                    group: group.0,
                    side: side8(side),
                    first: index(first),
                    last: index(last),
                    energy: energy32(energy),
                }
                .abi_encode()
            }
        }
    }

    fn authorization(&self) -> Signed::Authorization {
        let Authorization { account, nonce, deadline, fee, relay } = self.by;
        let [r, vs] = self.signature;
        let (fee, relay) = (amount96(fee), relay.unwrap_or_default());
        Signed::Authorization { account, nonce, deadline, fee, relay, r, vs }
    }
}

/// What every input signs.
pub fn mix_digest(joint: &Mix, domain: &Eip712Domain) -> B256 {
    message::Mix {
        group: joint.group.0,
        side: side8(joint.side),
        first: index(joint.first),
        amounts: words(joint),
        credits: amount96(joint.credits),
        fee: amount96(joint.fee),
        relay: joint.relay.unwrap_or_default(),
        deadline: joint.deadline,
        inputs: joint.inputs.clone(),
        nonces: joint.nonces.clone(),
        outputs: joint.outputs.clone(),
    }
    .eip712_signing_hash(domain)
}

impl SignedMix {
    pub fn encode(&self) -> Vec<u8> {
        let Mix { group, side, first, credits, fee, relay, deadline, .. } = self.joint;
        let joint = Signed::Mix {
            group: group.0,
            side: side8(side),
            first: index(first),
            amounts: words(&self.joint),
            credits: amount96(credits),
            fee: amount96(fee),
            relay: relay.unwrap_or_default(),
            deadline,
            inputs: self.joint.inputs.clone(),
            nonces: self.joint.nonces.clone(),
            outputs: self.joint.outputs.clone(),
        };
        let signatures = self.signatures.iter().map(|[r, vs]| Signed::Signature { r: *r, vs: *vs }).collect();
        Signed::mixCall { joint, signatures }.abi_encode()
    }
}

fn words(joint: &Mix) -> Vec<U256> {
    let lane = |(i, amount): (usize, &u32)| U256::from(*amount) << (32 * i);
    joint
        .amounts
        .iter()
        .map(|word| word.iter().enumerate().map(lane).fold(U256::ZERO, |sum, lane| sum | lane))
        .collect()
}

fn settlement(settlement: Settlement) -> Signed::Settlement {
    let evidence = settlement.evidence.into_iter();
    Signed::Settlement {
        offer: settlement.offer.0,
        until: index(settlement.until),
        evidence: evidence
            .map(|evidence| Signed::Evidence {
                previous: evidence.previous.0,
                leg: evidence.leg,
                proof: evidence.proof,
            })
            .collect(),
    }
}
