//! A transaction on its way.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::{
        eip2718::{Decodable2718, Encodable2718},
        eip2930::AccessList,
    },
    network::TxSigner,
    primitives::{B256, Bytes, Signature, TxKind},
    signers::Error,
};
use journal::Outgoing;

use crate::{ClientError, Fees, Request};

/// What signs: a key in memory, or a device that keeps one.
pub(super) type Signer = dyn TxSigner<Signature> + Send + Sync;

/// A signed transaction, and the intent it carries out.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) request: Request,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    pub(super) fees: Fees,
    pub(super) hash: B256,
    pub(super) raw: Bytes,
    /// As it was signed first.
    original: Bytes,
    /// Those that it replaced; any of them may still be mined in its place.
    pub(super) replaced: Vec<B256>,
    /// Which of all of them are empty, and take the intent back.
    pub(super) empty: Vec<B256>,
    /// The most that was spent on nonces before its own, wei.
    pub(super) filled: u128,
}

impl Sent {
    /// All that carry out the same intent with the same nonce, the newest first.
    pub(super) fn hashes(&self) -> impl Iterator<Item = B256> {
        std::iter::once(self.hash).chain(self.replaced.iter().rev().copied())
    }

    /// Whether it was taken back.
    pub(super) fn is_taken_back(&self) -> bool {
        !self.empty.is_empty()
    }

    /// The most it can cost, wei.
    pub(super) fn most(&self) -> u128 {
        let value = u128::try_from(self.request.value).unwrap_or(u128::MAX);
        let gas = self.fees.max_fee.saturating_mul(self.gas_limit.into());
        let own = if self.is_taken_back() { gas } else { gas.saturating_add(value) };
        own.saturating_add(self.filled)
    }

    /// As it is written down before it is sent.
    pub(super) fn outgoing(&self) -> Outgoing {
        Outgoing {
            intent: self.key.clone(),
            nonce: self.nonce,
            deadline: self.request.deadline,
            original: self.original.to_vec(),
            newest: self.raw.to_vec(),
            replaced: self.replaced.clone(),
            empty: self.empty.clone(),
        }
    }

    /// What was written down, perhaps by an earlier process; `None` if it is no transaction of this crate's.
    pub(super) fn recalled(outgoing: Outgoing) -> Option<Self> {
        let Outgoing { intent, nonce, deadline, original, newest, replaced, empty } = outgoing;
        let wanted = decoded(&original)?;
        let (envelope, last) = (TxEnvelope::decode_2718(&mut newest.as_slice()).ok()?, decoded(&newest)?);
        let request = Request { to: wanted.to.into_to(), data: wanted.input, value: wanted.value, deadline };
        Some(Self {
            key: intent,
            request,
            nonce,
            gas_limit: last.gas_limit,
            fees: Fees { max_fee: last.max_fee_per_gas, tip: last.max_priority_fee_per_gas },
            hash: *envelope.tx_hash(),
            raw: newest.into(),
            original: original.into(),
            replaced,
            empty,
            // What fills nonces before its own is forgotten: the purse keeps it.
            filled: 0,
        })
    }

    /// The same for other fees.
    pub(super) async fn for_fees(&self, signer: &Signer, chain_id: u64, fees: Fees) -> Result<Self, Error> {
        if self.is_taken_back() {
            return self.emptied(signer, chain_id, self.gas_limit, fees).await;
        }
        let raised = sign(signer, chain_id, &self.key, &self.request, self.nonce, self.gas_limit, fees).await?;
        let original = self.original.clone();
        Ok(Self { original, replaced: self.replaced_too(), filled: self.filled, ..raised })
    }

    /// In its place a transaction to the signer itself that does nothing.
    pub(super) async fn emptied(
        &self,
        signer: &Signer,
        chain_id: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Result<Self, Error> {
        let nothing = Request::call(signer.address(), Bytes::new());
        let empty = sign(signer, chain_id, &self.key, &nothing, self.nonce, gas_limit, fees).await?;
        let all_empty = self.empty.iter().copied().chain([empty.hash]).collect();
        let (request, original, filled) = (self.request.clone(), self.original.clone(), self.filled);
        Ok(Self { request, original, replaced: self.replaced_too(), empty: all_empty, filled, ..empty })
    }

    fn replaced_too(&self) -> Vec<B256> {
        self.replaced.iter().copied().chain([self.hash]).collect()
    }
}

fn decoded(raw: &[u8]) -> Option<TxEip1559> {
    let mut raw = raw;
    TxEnvelope::decode_2718(&mut raw).ok()?.as_eip1559().map(|signed| signed.tx().clone())
}

/// What the node says of a transaction without a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has it.
    Waiting,
    /// Perhaps it has it.
    Unknown,
    /// It has mined this one or another of the same nonce.
    NonceUsed,
}

impl Standing {
    /// What an answer to offering it means; an error if the node will not have it.
    pub(super) fn after(answer: Result<(), ClientError>) -> Result<Self, ClientError> {
        let Err(error) = answer else { return Ok(Self::Waiting) };
        let known = ["already known", "already imported", "known transaction"];
        match error.refusal().map(str::to_lowercase) {
            Some(words) if known.iter().any(|known| words.contains(known)) => Ok(Self::Waiting),
            // Perhaps because of this very transaction: its receipt tells.
            Some(words) if words.contains("nonce too low") => Ok(Self::NonceUsed),
            Some(_) => Err(error),
            None => Ok(Self::Unknown),
        }
    }
}

pub(super) async fn sign(
    signer: &Signer,
    chain_id: u64,
    key: &str,
    request: &Request,
    nonce: u64,
    gas_limit: u64,
    fees: Fees,
) -> Result<Sent, Error> {
    let mut transaction = TxEip1559 {
        chain_id,
        nonce,
        gas_limit,
        max_fee_per_gas: fees.max_fee,
        max_priority_fee_per_gas: fees.tip,
        to: request.to.map_or(TxKind::Create, TxKind::Call),
        value: request.value,
        access_list: AccessList::default(),
        input: request.data.clone(),
    };
    let signature = signer.sign_transaction(&mut transaction).await?;
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    let raw = Bytes::from(envelope.encoded_2718());
    Ok(Sent {
        key: key.to_owned(),
        request: request.clone(),
        nonce,
        gas_limit,
        fees,
        hash: *envelope.tx_hash(),
        original: raw.clone(),
        raw,
        replaced: Vec::new(),
        empty: Vec::new(),
        filled: 0,
    })
}

#[cfg(test)]
mod tests {
    use alloy::{
        primitives::{Address, U256},
        signers::local::PrivateKeySigner,
    };

    use super::*;

    #[tokio::test]
    async fn what_was_written_down_is_recalled_as_it_was() {
        let (signer, fees) = (PrivateKeySigner::random(), Fees { max_fee: 100, tip: 7 });
        let call = Request::call(Address::repeat_byte(9), vec![1, 2, 3].into());
        let request = Request { value: U256::from(5), ..call }.until(Some(1000));
        let first = sign(&signer, 31_337, "a group", &request, 4, 90_000, fees).await.unwrap();
        let raised = first.for_fees(&signer, 31_337, Fees { max_fee: 200, tip: 8 }).await.unwrap();
        let emptied = raised.emptied(&signer, 31_337, 21_000, Fees { max_fee: 300, tip: 9 }).await.unwrap();
        for sent in [first, raised, emptied] {
            let recalled = Sent::recalled(sent.outgoing()).unwrap();
            assert_eq!(format!("{recalled:?}"), format!("{sent:?}"));
        }
        let creation = Request { to: None, ..request };
        let sent = sign(&signer, 31_337, "a market", &creation, 4, 90_000, fees).await.unwrap();
        assert_eq!(Sent::recalled(sent.outgoing()).unwrap().request.to, None);
    }

    #[tokio::test]
    async fn what_is_no_transaction_is_not_recalled() {
        let request = Request::call(Address::ZERO, Bytes::new());
        let (signer, fees) = (PrivateKeySigner::random(), Fees { max_fee: 1, tip: 1 });
        let sent = sign(&signer, 1, "a group", &request, 4, 90_000, fees).await.unwrap();
        assert!(Sent::recalled(Outgoing { newest: vec![2, 0xc0], ..sent.outgoing() }).is_none());
    }
}
