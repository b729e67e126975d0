//! Reverts, as what a market's rules or its token say.

use std::fmt::Debug;

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::{GenericContractError, SolInterface},
};
use thiserror::Error;

use crate::contracts::PaymentToken::PaymentTokenErrors as Token;

/// Why a market's contract refuses, by its rules.
pub trait Rules: Debug + Sized {
    /// Reads the data of a revert; `None` where the contract's own rules say nothing of the kind.
    fn decode(data: &[u8]) -> Option<Self>;

    /// Whether it says no more than that somebody else was quicker, or that the clock moved on: deciding again on the
    /// present state is all there is to do.
    fn is_race(&self) -> bool;
}

/// Who refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused<R> {
    /// The market, by its rules.
    #[error(transparent)]
    Market(R),
    /// The token, since the account allows the market less than it is to take.
    #[error("{spender} may move {allowance} base units of the token and needs {needed}; approve it for more")]
    Allowance {
        /// Who would move the tokens.
        spender: Address,
        /// What it may move, base units.
        allowance: U256,
        /// What it would have to move.
        needed: U256,
    },
    /// The token, since the account does not hold as much.
    #[error("{account} holds {balance} base units of the token and needs {needed}; get more of it first")]
    Balance {
        /// Who would pay.
        account: Address,
        /// What it holds, base units.
        balance: U256,
        /// What it would have to pay.
        needed: U256,
    },
    /// A contract, in words that are not known here.
    #[error("{}", in_words(.0))]
    Unknown(Bytes),
}

impl<R: Rules> Refused<R> {
    /// Reads the data of a revert.
    pub fn decode(data: &Bytes) -> Self {
        if let Some(refusal) = R::decode(data) {
            return Self::Market(refusal);
        }
        match Token::abi_decode(data) {
            Ok(Token::ERC20InsufficientAllowance(e)) => {
                Self::Allowance { spender: e.spender, allowance: e.allowance, needed: e.needed }
            }
            Ok(Token::ERC20InsufficientBalance(e)) => {
                Self::Balance { account: e.sender, balance: e.balance, needed: e.needed }
            }
            _ => Self::Unknown(data.clone()),
        }
    }

    /// The market's own reason, where it is one.
    pub const fn market(&self) -> Option<&R> {
        match self {
            Self::Market(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The error of the contract with its fields, for programs.
    pub fn name_and_fields(&self) -> String {
        self.market().map_or_else(|| format!("{self:?}"), |refusal| format!("{refusal:?}"))
    }

    /// Whether it is a race, see [`Rules::is_race`].
    pub fn is_race(&self) -> bool {
        self.market().is_some_and(R::is_race)
    }
}

/// What a revert says that no contract's interface explains.
pub(crate) fn in_words(data: &Bytes) -> String {
    if data.is_empty() {
        return "the call reverted without a reason".to_owned();
    }
    match GenericContractError::abi_decode(data) {
        Ok(reason) => format!("the call reverted: {reason}"),
        Err(_) => format!("the call reverted with {data}"),
    }
}

#[cfg(test)]
mod tests {
    use alloy::sol_types::SolError;

    use super::*;
    use crate::contracts::PaymentToken::ERC20InsufficientBalance;

    type Refused = super::Refused<transax::Refusal>;

    #[test]
    fn the_token_is_told_apart_from_the_market() {
        let (sender, balance, needed) = (Address::repeat_byte(1), U256::from(2), U256::from(3));
        let data = ERC20InsufficientBalance { sender, balance, needed }.abi_encode().into();
        let refused = Refused::decode(&data);
        assert_eq!(refused, Refused::Balance { account: sender, balance, needed });
        assert!(refused.market().is_none() && !refused.is_race());
    }

    #[test]
    fn an_unknown_reason_is_shown_as_it_is() {
        assert_eq!(Refused::decode(&Bytes::new()).to_string(), "the call reverted without a reason");
        assert_eq!(Refused::decode(&[1, 2, 3, 4].into()).to_string(), "the call reverted with 0x01020304");
    }
}
