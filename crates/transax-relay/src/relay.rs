//! A relay: orders in, transactions out.

use alloy::primitives::Address;
use bindings::{Domain, OutOfRange, Refused};
use chain::{Client, Outcome, Receipt, Request, SubmitError, Submitter};
use thiserror::Error;
use tracing::info;

use crate::{Declined, Order, Policy};

/// Why an order was not carried out.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The relay does not take it on.
    #[error(transparent)]
    Declined(#[from] Declined),
    /// It holds figures that the contract cannot.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The market would refuse it, or did: where `receipt` is there, gas was paid for it.
    #[error("the market refuses: {refused}")]
    Market {
        /// Why.
        refused: Box<Refused>,
        /// The transaction that failed, where one was sent.
        receipt: Option<Receipt>,
    },
    /// It is not known what became of it; hand it in again, to this relay or another.
    #[error("the chain cannot be reached, or has not mined it yet")]
    Chain(#[from] SubmitError),
}

/// Submits orders with one key, one after the other.
pub struct Relay {
    submitter: Submitter<Refused>,
    domain: Domain,
    policy: Policy,
}

impl Relay {
    /// For the market of `domain`. `submitter` pays the gas, and its account is paid the fees.
    pub const fn new(submitter: Submitter<Refused>, domain: Domain, policy: Policy) -> Self {
        Self { submitter, domain, policy }
    }

    /// Who submits, and is paid.
    pub fn address(&self) -> Address {
        self.submitter.address()
    }

    /// Its conditions.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// For which market it works.
    pub const fn domain(&self) -> Domain {
        self.domain
    }

    /// The node it asks.
    pub const fn client(&self) -> &Client {
        self.submitter.client()
    }

    /// Verifies an order by the chain's clock, tries it on the newest state, and only then pays gas for it. The same order is carried out once,
    /// however often it is handed in.
    pub async fn carry_out(&mut self, order: Order) -> Result<Receipt, Refusal> {
        let now = self.client().head().await.map_err(SubmitError::from)?.timestamp;
        self.policy.check(&order, self.domain, self.address(), now)?;
        let key = order.digest().to_string();
        let call = order.into_call();
        let request = Request::call(self.domain.market, call.data()?);
        match self.submitter.submit(&key, &request).await? {
            Outcome::Landed(receipt) => {
                info!(%call, transaction = %receipt.transaction, gas = receipt.gas_used, "relayed");
                Ok(receipt)
            }
            Outcome::Refused(refused) => Err(Refusal::Market { refused: Box::new(refused), receipt: None }),
            Outcome::Raced { refusal, receipt } => {
                let refused = refusal.unwrap_or_else(|| Refused::Unknown(Vec::new().into()));
                Err(Refusal::Market { refused: Box::new(refused), receipt: Some(receipt) })
            }
            Outcome::Expired { .. } | Outcome::Withheld { .. } => {
                unreachable!("the order's own deadline is the contract's to check, and a relay sends")
            }
        }
    }
}
