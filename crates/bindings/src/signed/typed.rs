//! The EIP-712 messages of `ITransaxSigned`.

use alloy::{
    primitives::{Address, B256, U256},
    sol_types::{Eip712Domain, SolStruct, eip712_domain},
};
use transax::{Authorization, PostingTerms, Transfer, TransferredAssets};

use super::Action;
use crate::{OutOfRange, contracts::TransaxSigned, number::narrow, params::side_number};

mod message {
    alloy::sol! {
        struct PostOffer {
            address account;
            uint16 group;
            uint8 side;
            uint32 energy;
            uint40 price;
            uint24 start;
            uint24 end;
            uint32 nonce;
            uint64 deadline;
            uint96 fee;
            address relay;
        }

        struct CancelOffer {
            address account;
            uint32 offer;
            uint32 nonce;
            uint64 deadline;
            uint96 fee;
            address relay;
        }

        struct Deposit {
            address account;
            address meter;
            uint16 group;
            uint24 first;
            uint24 last;
            uint32 nonce;
            uint64 deadline;
            uint96 fee;
            address relay;
        }

        struct Transfer {
            address account;
            address to;
            uint96 credits;
            uint16 group;
            uint8 side;
            uint24 first;
            uint24 last;
            uint32 energy;
            uint32 nonce;
            uint64 deadline;
            uint96 fee;
            address relay;
        }
    }
}

/// Which market a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The chain.
    pub chain_id: u64,
    /// The market's contract.
    pub market: Address,
}

impl Domain {
    pub(crate) fn eip712(self) -> Eip712Domain {
        eip712_domain! {
            name: "Transax",
            version: "1",
            chain_id: self.chain_id,
            verifying_contract: self.market,
        }
    }

    /// What an account signs so that an action is done.
    pub fn action_hash(self, by: &Authorization, action: &Action) -> Result<B256, OutOfRange> {
        let domain = self.eip712();
        let Authorization { account, nonce, deadline, .. } = *by;
        let (fee, relay) = (narrow("fee", by.fee.0)?, by.relay.unwrap_or_default());
        Ok(match action {
            Action::PostOffer(terms) => {
                let PostingTerms { group, side, energy, price, start, end } = *terms;
                let message = message::PostOffer {
                    account,
                    group: group.0,
                    side: side_number(side),
                    energy: narrow("energy", energy.0)?,
                    price: narrow("price", price.0)?,
                    start: narrow("start", start.0)?,
                    end: narrow("end", end.0)?,
                    nonce,
                    deadline,
                    fee,
                    relay,
                };
                message.eip712_signing_hash(&domain)
            }
            Action::CancelOffer { offer } => {
                message::CancelOffer { account, offer: offer.0, nonce, deadline, fee, relay }
                    .eip712_signing_hash(&domain)
            }
            Action::Deposit { meter, group, first, last, .. } => {
                let (first, last) = (narrow("first", first.0)?, narrow("last", last.0)?);
                let (meter, group) = (*meter, group.0);
                message::Deposit { account, meter, group, first, last, nonce, deadline, fee, relay }
                    .eip712_signing_hash(&domain)
            }
            Action::Transfer(transfer) => transfer_message(by, transfer)?.eip712_signing_hash(&domain),
        })
    }

    /// What every input signs so that a joint transaction is carried out.
    pub fn mix_hash(self, joint: &transax::Mix) -> Result<B256, OutOfRange> {
        Ok(joint_words(joint)?.eip712_signing_hash(&self.eip712()))
    }
}

fn transfer_message(by: &Authorization, transfer: &Transfer) -> Result<message::Transfer, OutOfRange> {
    let TransferredAssets { group, side, first, last, energy } = transfer.assets;
    Ok(message::Transfer {
        account: by.account,
        to: transfer.to,
        credits: narrow("credits", transfer.credits.0)?,
        group: group.0,
        side: side_number(side),
        first: narrow("first", first.0)?,
        last: narrow("last", last.0)?,
        energy: narrow("energy", energy.0)?,
        nonce: by.nonce,
        deadline: by.deadline,
        fee: narrow("fee", by.fee.0)?,
        relay: by.relay.unwrap_or_default(),
    })
}

/// A joint transaction as the contract's own type, which is both what is signed and what is called with.
pub(super) fn joint_words(joint: &transax::Mix) -> Result<TransaxSigned::Mix, OutOfRange> {
    // Eight intervals a word, the earliest lowest.
    let word = |lanes: &[u32; 8]| lanes.iter().rev().fold(U256::ZERO, |word, lane| word << 32 | U256::from(*lane));
    Ok(TransaxSigned::Mix {
        group: joint.group.0,
        side: side_number(joint.side),
        first: narrow("first", joint.first.0)?,
        amounts: joint.amounts.iter().map(word).collect(),
        credits: narrow("credits", joint.credits.0)?,
        fee: narrow("fee", joint.fee.0)?,
        relay: joint.relay.unwrap_or_default(),
        deadline: joint.deadline,
        inputs: joint.inputs.clone(),
        nonces: joint.nonces.clone(),
        outputs: joint.outputs.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's source, with string literals that follow each other joined.
    fn contract() -> String {
        let source = [
            include_str!("../../../../contracts/transax/TransaxSigned.sol"),
            include_str!("../../../../contracts/transax/TransaxMixing.sol"),
        ];
        let pieces: Vec<&str> = source.iter().flat_map(|source| source.split('"')).collect();
        pieces.into_iter().filter(|piece| !piece.trim().is_empty()).collect()
    }

    #[test]
    fn messages_are_those_of_the_contract() {
        let contract = contract();
        let types = [
            message::PostOffer::eip712_encode_type(),
            message::CancelOffer::eip712_encode_type(),
            message::Deposit::eip712_encode_type(),
            message::Transfer::eip712_encode_type(),
            TransaxSigned::Mix::eip712_encode_type(),
        ];
        for message in types {
            assert!(contract.contains(&*message), "{message}");
        }
    }
}
