//! Hashes of static structures as the contract makes them: 32 bytes a field.

use alloy_primitives::{Address, B256, U256, keccak256};

pub(crate) struct Words(Vec<u8>);

impl Words {
    /// Nothing before the fields: the hash of an ABI encoding.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The EIP-712 type's hash before them.
    pub(crate) fn of_type(name: &str) -> Self {
        Self(keccak256(name).to_vec())
    }

    pub(crate) fn word(mut self, word: B256) -> Self {
        self.0.extend_from_slice(word.as_slice());
        self
    }

    pub(crate) fn address(self, address: Address) -> Self {
        self.word(address.into_word())
    }

    pub(crate) fn number(self, number: impl Into<u128>) -> Self {
        self.word(U256::from(number.into()).into())
    }

    pub(crate) fn hash(self) -> B256 {
        keccak256(self.0)
    }
}
