//! How a verb fails: what it says, and with which exit code.

use std::{error::Error, process::ExitCode};

use bindings::{Refused, modicum, solidworx};
use chain::{ClientError, DeployError, FollowError, SubmitError};
use serde_json::json;

use crate::{
    config::ConfigError, deployment::DeploymentError, rpc::RpcUrls, wallet::WalletError, watching::WatchError,
};

/// Why a verb failed, by what its caller can do about it.
#[derive(Debug)]
pub enum Failure {
    /// The words, or a file they name, do not make sense.
    Usage(String),
    /// A contract refuses.
    Refused(Box<Refused>),
    /// `SolidWorx`'s contract refuses.
    RefusedBySolidWorx(Box<solidworx::Refused>),
    /// `Modicum`'s contract, or its token, refuses.
    RefusedByModicum(Box<modicum::Refused>),
    /// A contract would refuse, says its twin.
    Infeasible(::solidworx::Refusal),
    /// The node does not answer, or is not the right one.
    Chain(ClientError),
    /// No wallet.
    Wallet(WalletError),
    /// No market.
    Deployment(DeploymentError),
    /// Anything else.
    Other(anyhow::Error),
}

impl Failure {
    /// Where it belongs, in a word.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::Refused(_) | Self::RefusedBySolidWorx(_) | Self::RefusedByModicum(_) | Self::Infeasible(_) => {
                "refused"
            }
            Self::Chain(_) => "chain",
            Self::Wallet(_) => "wallet",
            Self::Deployment(_) => "deployment",
            Self::Other(_) => "failed",
        }
    }

    /// The exit code, as `entente --help` lists them.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) | Self::RefusedBySolidWorx(_) | Self::RefusedByModicum(_) | Self::Infeasible(_) => 3,
            Self::Chain(_) => 4,
            Self::Wallet(_) => 5,
            Self::Deployment(_) => 6,
        }
    }

    /// The cause, from the outside in.
    pub fn message(&self) -> String {
        match self {
            Self::Usage(message) => message.clone(),
            Self::Refused(refused) => format!("the contract refuses: {refused}"),
            Self::RefusedBySolidWorx(refused) => format!("the contract refuses: {refused}"),
            Self::RefusedByModicum(refused) => format!("the contract refuses: {refused}"),
            Self::Infeasible(refusal) => format!("the contract would refuse: {refusal}"),
            Self::Chain(error) => chain_of(error),
            Self::Wallet(error) => chain_of(error),
            Self::Deployment(error) => chain_of(error),
            Self::Other(error) => chain_of(error.as_ref()),
        }
    }

    /// What to do where the cause does not say so itself.
    const fn next_step(&self) -> Option<&'static str> {
        match self {
            Self::Chain(ClientError::Request { .. } | ClientError::Timeout { .. } | ClientError::Setup { .. }) => {
                Some("check that a node runs there, or name another with --rpc or ENTENTE_RPC")
            }
            _ => None,
        }
    }

    /// Reports on standard error; no secret of `rpc` is shown.
    pub fn report(&self, json: bool, rpc: Option<&RpcUrls>) -> ExitCode {
        let redact = |text: String| rpc.map_or_else(|| text.clone(), |rpc| rpc.redact(&text));
        let message = redact(self.message());
        if json {
            let mut error = json!({ "kind": self.kind(), "code": self.code(), "message": message });
            match self {
                Self::Refused(refused) => error["refusal"] = json!(refused.market()),
                // Under the names of the contract, with its figures.
                Self::RefusedBySolidWorx(refused) => error["refusal"] = json!(refused.name_and_fields()),
                Self::RefusedByModicum(refused) => error["refusal"] = json!(refused.name_and_fields()),
                _ => {}
            }
            if let Some(next) = self.next_step() {
                error["next"] = json!(next);
            }
            eprintln!("{}", json!({ "error": error }));
        } else {
            eprintln!("error: {message}");
            if let Some(next) = self.next_step() {
                eprintln!("  next: {next}");
            }
        }
        ExitCode::from(self.code())
    }
}

fn chain_of(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        // Some libraries repeat their cause in their own words.
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let text = chain_of(&error);
        // As clap has it, without what it adds for whoever typed it.
        let words = text.trim_start_matches("error: ").split("\n\nUsage").next().unwrap_or_default();
        Self::Usage(words.trim_end().to_owned())
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Chain(error)
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        match error {
            WalletError::BadKey | WalletError::KeyFile { .. } => Self::Usage(chain_of(&error)),
            error => Self::Wallet(error),
        }
    }
}

impl From<DeploymentError> for Failure {
    fn from(error: DeploymentError) -> Self {
        Self::Deployment(error)
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Listen { .. } => Self::Usage(chain_of(&error)),
            error @ WatchError::Recorder(_) => Self::Other(error.into()),
        }
    }
}

impl From<FollowError> for Failure {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::Client(error) => Self::Chain(error),
            error => Self::Other(error.into()),
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Client(error) => Self::Chain(error),
            error => Self::Other(error.into()),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<solidworx::Refused> for Failure {
    fn from(refused: solidworx::Refused) -> Self {
        Self::RefusedBySolidWorx(Box::new(refused))
    }
}

impl From<modicum::Refused> for Failure {
    fn from(refused: modicum::Refused) -> Self {
        Self::RefusedByModicum(Box::new(refused))
    }
}

impl<R: Error + Into<Self> + Send + Sync + 'static> From<DeployError<R>> for Failure {
    fn from(error: DeployError<R>) -> Self {
        match error {
            DeployError::Params(error) => Self::Usage(error.to_string()),
            DeployError::Refused { source, .. } => source.into(),
            DeployError::Submit { source, .. } => source.into(),
            error @ (DeployError::NoDeployer { .. } | DeployError::Exists { .. }) => Self::Usage(error.to_string()),
            error @ DeployError::Failed { .. } => Self::Other(error.into()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use transax::Refusal;

    use super::*;

    #[test]
    fn each_kind_has_its_own_code() {
        let failures = [
            Failure::Other(anyhow::anyhow!("no")),
            Failure::Usage("no".into()),
            Failure::from(Refused::Market(Refusal::ZeroEnergy)),
            Failure::from(ClientError::NoHead),
            Failure::from(WalletError::None),
            Failure::from(DeploymentError::Missing { file: PathBuf::from("entente.json") }),
        ];
        let codes: Vec<_> = failures.iter().map(Failure::code).collect();
        assert_eq!(codes, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_message_goes_from_the_outside_in() {
        let error = anyhow::anyhow!("the disk is full").context("the report cannot be written");
        assert_eq!(Failure::from(error).message(), "the report cannot be written: the disk is full");
    }

    #[test]
    fn a_refusal_names_the_cause_and_the_next_step() {
        let message = Failure::from(Refused::Market(Refusal::ZeroEnergy)).message();
        assert_eq!(message, "the contract refuses: no energy; give at least 1 Wh");
    }
}
