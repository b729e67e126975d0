//! Everything that can be asked of the contract, and of its token.

use std::fmt;

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::SolCall,
};
use modicum::{Finding, JobOffer, Match, Reason, ResourceOffer, ServiceKind, Status, Usage};

use super::words::{job_words, kind_number, match_words, resource_words};
use crate::{
    Target,
    contracts::{Modicum as M, PaymentToken as Token},
    number::{OutOfRange, narrow},
};

/// One call. `Display` says what it does; [`Call::data`] encodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Call {
    /// The caller's tokens become its balance; the market must be allowed to move them, see [`Call::Approve`].
    DepositFunds { amount: u128 },
    /// The caller's balance becomes tokens.
    WithdrawFunds { amount: u128 },
    /// What was burned leaves the contract.
    Burn,
    /// The caller becomes a mediator or a directory.
    RegisterService { kind: ServiceKind, architecture: u8, meter_id: B256, fee: u128 },
    /// A service of the caller's changes.
    UpdateService { id: u32, architecture: u8, meter_id: B256, fee: u128 },
    /// A service of the caller's takes part in no further match.
    RetireService { id: u32 },
    /// The stake of a retired service goes to its owner's balance.
    ReleaseStake { id: u32 },
    /// The caller says whom it trusts, 256 services at a time.
    Trust { word: u32, services: U256 },
    /// The caller offers to run jobs.
    PostResOffer(Box<ResourceOffer>),
    /// The caller offers a job.
    PostJobOffer(Box<JobOffer>),
    /// The caller takes a resource offer back.
    CancelResOffer(Box<ResourceOffer>),
    /// The caller takes a job offer back.
    CancelJobOffer(Box<JobOffer>),
    /// Two offers are brought together; signatures are empty where the offers are posted.
    PostMatch {
        job: Box<JobOffer>,
        job_signature: Bytes,
        resource: Box<ResourceOffer>,
        resource_signature: Bytes,
        mediator: u32,
        layer_proof: Vec<B256>,
    },
    /// The provider reports.
    PostResult { contents: Box<Match>, status: Status, result_hash: B256, used: Usage },
    /// The creator accepts, or the provider for it.
    AcceptResult(Box<Match>),
    /// The creator rejects.
    RejectResult { contents: Box<Match>, reason: Reason },
    /// The mediator judges.
    PostMediationResult { contents: Box<Match>, finding: Finding, spent: u128, dossier: B256 },
    /// No result came in time.
    ClaimNoResult(Box<Match>),
    /// No verdict came in time.
    ClaimNoVerdict(Box<Match>),
    /// The caller lets `spender` (the market) move this much of its tokens.
    Approve { spender: Address, amount: u128 },
    /// The token's owner makes tokens for an account; test networks only.
    Mint { account: Address, amount: u128 },
}

impl Call {
    /// The match that it is about, where there is one already.
    pub fn contents(&self) -> Option<&Match> {
        match self {
            Self::PostResult { contents, .. }
            | Self::AcceptResult(contents)
            | Self::RejectResult { contents, .. }
            | Self::PostMediationResult { contents, .. }
            | Self::ClaimNoResult(contents)
            | Self::ClaimNoVerdict(contents) => Some(contents),
            _ => None,
        }
    }

    /// Which contract it goes to.
    pub const fn target(&self) -> Target {
        match self {
            Self::Approve { .. } | Self::Mint { .. } => Target::Token,
            _ => Target::Market,
        }
    }

    /// Call data.
    pub fn data(&self) -> Result<Bytes, OutOfRange> {
        Ok(match self {
            Self::DepositFunds { amount } => encoded(&M::depositFundsCall { amount: U256::from(*amount) }),
            Self::WithdrawFunds { amount } => encoded(&M::withdrawFundsCall { amount: U256::from(*amount) }),
            Self::Burn => encoded(&M::burnCall {}),
            Self::Approve { spender, amount } => {
                encoded(&Token::approveCall { spender: *spender, value: U256::from(*amount) })
            }
            Self::Mint { account, amount } => {
                encoded(&Token::mintCall { account: *account, amount: U256::from(*amount) })
            }
            Self::RegisterService { kind, architecture, meter_id, fee } => encoded(&M::registerServiceCall {
                kind: kind_number(*kind),
                architecture: *architecture,
                meterId: *meter_id,
                fee: narrow("fee", *fee)?,
            }),
            Self::UpdateService { id, architecture, meter_id, fee } => encoded(&M::updateServiceCall {
                id: *id,
                architecture: *architecture,
                meterId: *meter_id,
                fee: narrow("fee", *fee)?,
            }),
            Self::RetireService { id } => encoded(&M::retireServiceCall { id: *id }),
            Self::ReleaseStake { id } => encoded(&M::releaseStakeCall { id: *id }),
            Self::Trust { word, services } => encoded(&M::trustCall { word: *word, services: *services }),
            Self::PostResOffer(offer) => encoded(&M::postResOfferCall { offer: resource_words(offer)? }),
            Self::PostJobOffer(offer) => encoded(&M::postJobOfferCall { offer: job_words(offer)? }),
            Self::CancelResOffer(offer) => encoded(&M::cancelResOfferCall { offer: resource_words(offer)? }),
            Self::CancelJobOffer(offer) => encoded(&M::cancelJobOfferCall { offer: job_words(offer)? }),
            Self::PostMatch { job, job_signature, resource, resource_signature, mediator, layer_proof } => {
                encoded(&M::postMatchCall {
                    job: job_words(job)?,
                    jobSignature: job_signature.clone(),
                    resource: resource_words(resource)?,
                    resourceSignature: resource_signature.clone(),
                    mediator: *mediator,
                    layerProof: layer_proof.clone(),
                })
            }
            Self::PostResult { contents, status, result_hash, used } => encoded(&M::postResultCall {
                m: match_words(contents)?,
                status: status.number(),
                resultHash: *result_hash,
                instructions: used.instructions,
                bandwidth: used.bandwidth,
            }),
            Self::AcceptResult(contents) => encoded(&M::acceptResultCall { m: match_words(contents)? }),
            Self::RejectResult { contents, reason } => {
                encoded(&M::rejectResultCall { m: match_words(contents)?, reason: reason.number() })
            }
            Self::PostMediationResult { contents, finding, spent, dossier } => encoded(&M::postMediationResultCall {
                m: match_words(contents)?,
                finding: finding.number(),
                spent: narrow("spent", *spent)?,
                dossier: *dossier,
            }),
            Self::ClaimNoResult(contents) => encoded(&M::claimNoResultCall { m: match_words(contents)? }),
            Self::ClaimNoVerdict(contents) => encoded(&M::claimNoVerdictCall { m: match_words(contents)? }),
        })
    }
}

fn encoded(call: &impl SolCall) -> Bytes {
    call.abi_encode().into()
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DepositFunds { amount } => write!(f, "pay {amount} base units in"),
            Self::WithdrawFunds { amount } => write!(f, "take {amount} base units out"),
            Self::Burn => f.write_str("send away what was burned"),
            Self::RegisterService { kind, fee, .. } => write!(f, "register a {} for a fee of {fee}", kind_word(*kind)),
            Self::UpdateService { id, .. } => write!(f, "change service {id}"),
            Self::RetireService { id } => write!(f, "retire service {id}"),
            Self::ReleaseStake { id } => write!(f, "take the stake of service {id} back"),
            Self::Trust { services, .. } => write!(f, "trust {} services", services.count_ones()),
            Self::PostResOffer(offer) => write!(f, "offer up to {} instructions", offer.instructions),
            Self::PostJobOffer(offer) => write!(f, "offer a job of up to {} instructions", offer.instruction_limit),
            Self::CancelResOffer(_) => f.write_str("take a resource offer back"),
            Self::CancelJobOffer(_) => f.write_str("take a job offer back"),
            Self::PostMatch { mediator, .. } => write!(f, "match a job, with mediator {mediator}"),
            Self::PostResult { status, used, .. } => {
                write!(f, "report {status:?} after {} instructions", used.instructions)
            }
            Self::AcceptResult(_) => f.write_str("accept a result"),
            Self::RejectResult { reason, .. } => write!(f, "reject a result: {reason:?}"),
            Self::PostMediationResult { finding, .. } => write!(f, "judge: {finding:?}"),
            Self::ClaimNoResult(_) => f.write_str("claim that no result came"),
            Self::ClaimNoVerdict(_) => f.write_str("claim that no verdict came"),
            Self::Approve { amount, .. } => write!(f, "let the market move {amount} base units"),
            Self::Mint { account, amount } => write!(f, "make {amount} base units for {account}"),
        }
    }
}

const fn kind_word(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Mediator | ServiceKind::RetiredMediator => "mediator",
        ServiceKind::Directory | ServiceKind::RetiredDirectory => "directory",
    }
}
