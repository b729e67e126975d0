//! What goes wrong between here and a node.

use std::time::Duration;

use alloy::{
    primitives::{Address, Bytes},
    sol_types,
    transports::{RpcError, TransportError},
};
use thiserror::Error;

use super::Revert;

const METHOD_NOT_FOUND: i64 = -32601;

/// A node did not answer, or not as expected.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The address of the node cannot be used.
    #[error("{url:?} is not the address of a node; give one like http://127.0.0.1:8545")]
    BadUrl {
        /// What was given.
        url: String,
    },
    /// The connection could not be set up on this side, for instance for want of root certificates.
    #[error("connections to {url} cannot be set up")]
    Setup {
        /// The node's address.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The node took too long.
    #[error("{method} was not answered within {limit:?}")]
    Timeout {
        /// The request.
        method: &'static str,
        /// The time it had.
        limit: Duration,
    },
    /// The node could not be reached, or refused.
    #[error("{method} failed")]
    Request {
        /// The request.
        method: &'static str,
        /// Why.
        #[source]
        source: TransportError,
    },
    /// The node has no newest block.
    #[error("the node has no blocks yet")]
    NoHead,
    /// The node serves another chain.
    #[error("the node serves chain {found}, and chain {expected} is wanted; check its address")]
    WrongChain {
        /// The chain that was wanted.
        expected: u64,
        /// The chain it serves.
        found: u64,
    },
    /// Of several nodes, one serves another chain.
    #[error("{endpoint} serves chain {found}, and the others serve chain {expected}; name nodes of one chain")]
    OtherChain {
        /// Scheme, host and port of that node.
        endpoint: String,
        /// The chain that those before it serve.
        expected: u64,
        /// The chain it serves.
        found: u64,
    },
    /// There is no contract where one should be.
    #[error("there is no contract at {address} on chain {chain_id}; check the deployment")]
    NoCode {
        /// Where.
        address: Address,
        /// On which chain.
        chain_id: u64,
    },
    /// A view function reverted.
    #[error("{function} reverted with {revert}")]
    Reverted {
        /// The function's signature.
        function: &'static str,
        /// What it reverted with.
        revert: Revert,
    },
    /// A view function returned something else than its type.
    #[error("{function} returned what cannot be read; is this the right contract?")]
    Undecodable {
        /// The function's signature.
        function: &'static str,
        /// Why.
        #[source]
        source: sol_types::Error,
    },
}

impl ClientError {
    /// Whether the same request may succeed later: the node was not reached, was slow, or was busy.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::NoHead => true,
            Self::Request { source, .. } => source.is_transport_error() || source.is_null_resp(),
            _ => false,
        }
    }

    /// Whether the node itself answered with an error, in words.
    pub(crate) fn refusal(&self) -> Option<&str> {
        match self {
            Self::Request { source: RpcError::ErrorResp(payload), .. } => Some(&payload.message),
            _ => None,
        }
    }

    /// The revert that this error tells of, or the error itself where it tells of none.
    pub(crate) fn into_revert(self) -> Result<Revert, Self> {
        let Self::Request { source: RpcError::ErrorResp(payload), .. } = &self else { return Err(self) };
        match payload.as_revert_data() {
            Some(data) => Ok(data),
            None if payload.message.contains("revert") => Ok(Bytes::new()),
            None => Err(self),
        }
    }

    /// `None` where the node does not know the method, or the error itself.
    pub(crate) fn into_unsupported<T>(self) -> Result<Option<T>, Self> {
        match &self {
            Self::Request { source, .. } if source.error_code() == Some(METHOD_NOT_FOUND) => Ok(None),
            _ => Err(self),
        }
    }
}
