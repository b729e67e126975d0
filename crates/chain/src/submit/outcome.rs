//! What becomes of an intent.

use alloy::primitives::{Address, B256, utils::format_ether};
use thiserror::Error;

use crate::{ClientError, Receipt};

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<R> {
    /// It was carried out.
    Landed(Receipt),
    /// The contract would refuse it on the newest state; nothing was sent.
    Refused(R),
    /// It was granted when simulated, was sent, and failed: the state had changed. Whether others were merely quicker, its
    /// refusal tells.
    Raced {
        /// Why, where repeating it on the changed state tells and the node still has that state.
        refusal: Option<R>,
        /// What the attempt cost.
        receipt: Receipt,
    },
    /// Its deadline passed before it was carried out.
    Expired {
        /// Of the empty transaction that was mined in its place; `None` where nothing was sent.
        receipt: Option<Receipt>,
    },
    /// It would have been sent, and the settings say that nothing is.
    Withheld {
        /// The most gas it would have used.
        gas_limit: u64,
        /// The most it would have cost, wei.
        at_most: u128,
    },
}

/// Why it is not known, or not decided, what becomes of an intent.
#[derive(Debug, Error)]
pub enum SubmitError {
    /// The node failed.
    #[error("the node could not be asked")]
    Client(#[from] ClientError),
    /// It was not signed: a device that keeps the key, or whoever holds it, did not consent. Nothing was sent.
    #[error("{key:?} was not signed")]
    Unsigned {
        /// The intent.
        key: String,
        /// What the signer says.
        #[source]
        source: alloy::signers::Error,
    },
    /// The node refused the transaction itself, for instance for want of ether.
    #[error("the node refused the transaction of {key:?}")]
    Rejected {
        /// The intent.
        key: String,
        /// What the node said.
        #[source]
        source: ClientError,
    },
    /// It was sent and is not mined yet. It may still be; nothing else is sent before that is known.
    #[error("transaction {transaction} of {key:?} is not mined yet")]
    Pending {
        /// The intent.
        key: String,
        /// The transaction.
        transaction: B256,
    },
    /// Another transaction of the same account was mined in its place: the key has a second user.
    #[error("nonce {nonce} of {account} was used by somebody else, not by {key:?}; give each process a key of its own")]
    NonceTaken {
        /// The intent.
        key: String,
        /// The account.
        account: Address,
        /// The nonce.
        nonce: u64,
    },
    /// Another node came to be asked, and is behind what was seen already: on its state nothing is decided.
    #[error("the node is at block {head}, behind block {seen} that was seen already")]
    Behind {
        /// Its newest block.
        head: u64,
        /// What was seen.
        seen: u64,
    },
    /// Another node came to be asked while a transaction was prepared.
    #[error("another endpoint came to be asked before {key:?} was sent")]
    Switched {
        /// The intent.
        key: String,
    },
    /// It might cost more than is left of what may be spent on this day.
    #[error(
        "{key:?} may cost {} ether, and {} of the {} ether that may be spent on a day are spent; \
         raise the cap or wait for the next day (UTC)",
        format_ether(*at_most),
        format_ether(*spent),
        format_ether(*cap)
    )]
    TooDear {
        /// The intent.
        key: String,
        /// The most it might cost, wei.
        at_most: u128,
        /// What was spent on this day, wei, with what is on its way.
        spent: u128,
        /// What may be, wei.
        cap: u128,
    },
    /// What was spent cannot be read or written down, so nothing is.
    #[error("what was spent today cannot be kept")]
    Spending(#[source] journal::JournalError),
    /// What is to be sent cannot be written down before, so it is not sent; or what was cannot be read.
    #[error("what is to be sent cannot be written down")]
    Outbox(#[source] journal::JournalError),
    /// Transactions that were sent earlier stay pending.
    #[error("{account} has transactions pending that are not mined")]
    Busy {
        /// The account.
        account: Address,
    },
}

impl SubmitError {
    /// Whether the node refused what the account cannot pay for, by what nodes say then.
    pub fn lacks_ether(&self) -> bool {
        let (Self::Client(source) | Self::Rejected { source, .. }) = self else { return false };
        let words = source.refusal().map(str::to_lowercase).unwrap_or_default();
        ["insufficient funds", "exceeds allowance"].iter().any(|known| words.contains(known))
    }

    /// Whether submitting the same intent again, a little later, may decide it.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Client(error) | Self::Rejected { source: error, .. } => error.is_retryable(),
            Self::TooDear { .. } | Self::Unsigned { .. } => false,
            Self::Pending { .. }
            | Self::NonceTaken { .. }
            | Self::Behind { .. }
            | Self::Switched { .. }
            | Self::Spending(_)
            | Self::Outbox(_)
            | Self::Busy { .. } => true,
        }
    }
}
