//! What a mediator publishes, and judging it again.

use std::io;

use alloy::{
    primitives::{Address, B256, Bytes, Signature},
    signers::{SignerSync, local::PrivateKeySigner},
};
use jobs::{Bundle, BundleError, ContentHash, Limits, TreePath};
use modicum::{Ending, Finding, Match, Reason, Report, ending};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Court, CourtError, Evidence};

/// The file of a dossier's tree.
pub const DOSSIER_PATH: &str = "dossier.json";

/// Everything a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// The chain.
    pub chain_id: u64,
    /// The market's contract.
    pub market: Address,
    /// What the match had settled.
    pub contents: Match,
    /// What the provider reported.
    pub report: Report,
    /// Why the creator rejected it.
    pub reason: Reason,
    /// The job's canonical hash.
    pub job: ContentHash,
    /// What the job may use.
    pub limits: Limits,
    /// n: how often it was to be run.
    pub verifications: u8,
    /// How instructions were counted.
    pub meter: ContentHash,
    /// From when on the directory had to be available, and when it was judged, Unix seconds.
    pub times: (u64, u64),
    /// What was found out.
    pub evidence: Evidence,
    /// What follows.
    pub finding: Finding,
    /// What was spent, base units.
    pub spent: u128,
}

/// A dossier under its mediator's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDossier {
    /// What is signed.
    pub dossier: Dossier,
    /// Of the dossier's JSON without white space, as `personal_sign` (EIP-191) has it.
    pub signature: Bytes,
}

/// Why a dossier cannot be made or read.
#[derive(Debug, Error)]
pub enum DossierError {
    /// It is no JSON of a dossier.
    #[error("these bytes are no dossier")]
    Malformed(#[from] serde_json::Error),
    /// The key cannot sign.
    #[error("the dossier cannot be signed")]
    Sign(#[from] alloy::signers::Error),
    /// It fits no tree.
    #[error("the dossier fits no tree")]
    Tree(#[from] BundleError),
    /// It cannot be read.
    #[error("the dossier cannot be read")]
    Read(#[from] io::Error),
    /// Somebody else signed it, or nobody.
    #[error("the dossier is not signed by its mediator {mediator}")]
    Unsigned {
        /// Who should have.
        mediator: Address,
    },
}

impl SignedDossier {
    /// Signs a dossier.
    pub fn sign(dossier: Dossier, key: &PrivateKeySigner) -> Result<Self, DossierError> {
        let signature = key.sign_message_sync(&serde_json::to_vec(&dossier)?)?;
        Ok(Self { dossier, signature: signature.as_bytes().into() })
    }

    /// Reads a dossier that its mediator signed.
    pub fn read(bytes: &[u8]) -> Result<Self, DossierError> {
        let signed: Self = serde_json::from_slice(bytes)?;
        let mediator = signed.dossier.contents.mediator;
        let message = serde_json::to_vec(&signed.dossier)?;
        let signature = Signature::try_from(&signed.signature[..]).ok();
        let author = signature.and_then(|signature| signature.recover_address_from_msg(message).ok());
        if author == Some(mediator) { Ok(signed) } else { Err(DossierError::Unsigned { mediator }) }
    }

    /// As it is published. The tree's hash is what the contract keeps.
    pub fn bundle(&self) -> Result<Bundle, DossierError> {
        let mut bundle = Bundle::default();
        let path: TreePath = DOSSIER_PATH.parse().expect("a name is a path");
        bundle.add_bytes(path, serde_json::to_vec_pretty(self)?)?;
        Ok(bundle)
    }

    /// What the contract keeps of it.
    pub fn name(&self) -> Result<B256, DossierError> {
        Ok(B256::from(self.bundle()?.tree().hash().0))
    }
}

/// A verdict beside what judging again comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejudged {
    /// What the mediator found.
    pub finding: Finding,
    /// What follows from its own evidence.
    pub follows: Option<Finding>,
    /// What was found now.
    pub found_now: Option<Finding>,
    /// How the match ends by the mediator's finding.
    pub ending: Option<Ending>,
    /// How it would end by what was found now.
    pub ending_now: Option<Ending>,
    /// What was found out now.
    pub evidence: Evidence,
}

impl Rejudged {
    /// Whether the verdict blames whom judging again blames, and follows from its own evidence.
    pub fn stands(&self) -> bool {
        self.follows == Some(self.finding) && self.ending.is_some() && self.ending == self.ending_now
    }
}

/// Judges again what a dossier tells of.
pub fn rejudge(court: &Court, dossier: &Dossier) -> Result<Rejudged, CourtError> {
    let Dossier { report, reason, finding, .. } = dossier;
    let evidence = court.examine(dossier)?;
    let find = |evidence: &Evidence| evidence.finding(report, *reason, &*court.machine);
    let found_now = find(&evidence);
    let end = |finding| ending(report.status, *reason, finding);
    Ok(Rejudged {
        finding: *finding,
        follows: find(&dossier.evidence),
        found_now,
        ending: end(*finding),
        ending_now: found_now.and_then(end),
        evidence,
    })
}
