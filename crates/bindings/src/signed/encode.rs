//! Signed actions and joint transactions as call data.

use alloy::{primitives::Bytes, sol_types::SolCall};
use transax::{Authorization, Mix, PostingTerms, Transfer, TransferredAssets};

use super::{Action, CompactSignature, SignedAction, typed::joint_words};
use crate::{OutOfRange, contracts::TransaxSigned as market, number::narrow, params::side_number};

pub(crate) fn encode_action(signed: &SignedAction) -> Result<Bytes, OutOfRange> {
    let by = authorization(&signed.by, signed.signature)?;
    let data = match &signed.action {
        Action::PostOffer(terms) => {
            let PostingTerms { group, side, energy, price, start, end } = *terms;
            market::postOfferBySigCall {
                by,
                group: group.0,
                side: side_number(side),
                energy: narrow("energy", energy.0)?,
                price: narrow("price", price.0)?,
                start: narrow("start", start.0)?,
                end: narrow("end", end.0)?,
            }
            .abi_encode()
        }
        Action::CancelOffer { offer } => market::cancelOfferBySigCall { by, offer: offer.0 }.abi_encode(),
        Action::Deposit { settlements, meter, group, first, last } => market::depositBySigCall {
            by,
            settlements: settlements.iter().map(settlement).collect::<Result<_, _>>()?,
            meter: *meter,
            group: group.0,
            first: narrow("first", first.0)?,
            last: narrow("last", last.0)?,
        }
        .abi_encode(),
        Action::Transfer(transfer) => {
            let Transfer { to, credits, assets } = *transfer;
            let TransferredAssets { group, side, first, last, energy } = assets;
            market::transferBySigCall {
                by,
                to,
                credits: narrow("credits", credits.0)?,
                group: group.0,
                side: side_number(side),
                first: narrow("first", first.0)?,
                last: narrow("last", last.0)?,
                energy: narrow("energy", energy.0)?,
            }
            .abi_encode()
        }
    };
    Ok(data.into())
}

pub(crate) fn encode_mix(joint: &Mix, signatures: &[CompactSignature]) -> Result<Bytes, OutOfRange> {
    let signatures = signatures.iter().map(|CompactSignature { r, vs }| market::Signature { r: *r, vs: *vs });
    let call = market::mixCall { joint: joint_words(joint)?, signatures: signatures.collect() };
    Ok(call.abi_encode().into())
}

fn authorization(by: &Authorization, signature: CompactSignature) -> Result<market::Authorization, OutOfRange> {
    Ok(market::Authorization {
        account: by.account,
        nonce: by.nonce,
        deadline: by.deadline,
        fee: narrow("fee", by.fee.0)?,
        relay: by.relay.unwrap_or_default(),
        r: signature.r,
        vs: signature.vs,
    })
}

fn settlement(settlement: &transax::Settlement) -> Result<market::Settlement, OutOfRange> {
    let evidence = settlement.evidence.iter().map(|evidence| market::Evidence {
        previous: evidence.previous.0,
        leg: evidence.leg,
        proof: evidence.proof.clone(),
    });
    Ok(market::Settlement {
        offer: settlement.offer.0,
        until: narrow("until", settlement.until.0)?,
        evidence: evidence.collect(),
    })
}
