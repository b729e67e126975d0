//! `entente` alone: what is configured and reachable, and the next useful command.

use std::{fmt, path::PathBuf};

use serde::Serialize;

use crate::{
    deployment::{Deployment, DeploymentError},
    exit::Failure,
    output::{duration, time},
    session::Session,
    setting::Setting,
    wallet::WalletName,
};

/// What is known.
#[derive(Debug, Serialize)]
struct Status {
    deployment_file: PathBuf,
    /// Absent where no market is written down.
    deployment: Option<Deployment>,
    /// Absent where the chain does not answer, or is another.
    chain: Option<ChainStatus>,
    /// Why the market cannot be used, where it cannot.
    trouble: Option<String>,
    wallet_folder: PathBuf,
    wallets: Vec<WalletName>,
    next: &'static str,
}

#[derive(Debug, Serialize)]
struct ChainStatus {
    block: u64,
    time: u64,
    next_interval: u32,
    next_interval_starts: u64,
}

/// Shows what is known. What is missing is part of the answer, not a failure.
pub async fn show(setting: &Setting) -> Result<(), Failure> {
    let wallets = setting.wallets()?;
    let names: Vec<_> = wallets.list()?.into_iter().map(|(name, _)| name).collect();
    let (deployment, mut trouble) = match setting.deployment() {
        Ok(deployment) => (Some(deployment), None),
        Err(Failure::Deployment(DeploymentError::Missing { .. })) => (None, None),
        Err(failure) => (None, Some(failure.message())),
    };
    let mut chain = None;
    if deployment.is_some() {
        match look(setting).await {
            Ok(found) => chain = Some(found),
            Err(failure) => trouble = Some(failure.message()),
        }
    }
    let market = match (&deployment, &chain, &trouble) {
        (_, Some(_), _) => Market::Reachable,
        (Some(_), None, _) => Market::Unreachable,
        (None, None, Some(_)) => Market::Garbled,
        (None, None, None) => Market::None,
    };
    let next = market.next_command(!names.is_empty());
    let trouble = trouble.map(|text| setting.redact(&text));
    Ok(setting.output.result(&Status {
        deployment_file: setting.deployment_file.clone(),
        deployment,
        chain,
        trouble,
        wallet_folder: wallets.folder().to_owned(),
        wallets: names,
        next,
    })?)
}

async fn look(setting: &Setting) -> Result<ChainStatus, Failure> {
    let session = Session::open(setting).await?;
    let head = session.client.head().await?;
    let next = session.deployment.params.first_not_begun(head.timestamp);
    let next = session.next_interval().await?.max(next);
    Ok(ChainStatus {
        block: head.block.number,
        time: head.timestamp,
        next_interval: next.0,
        next_interval_starts: session.deployment.params.start_of(next),
    })
}

/// How far a market can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Market {
    /// None is written down.
    None,
    /// What is written down does not make sense.
    Garbled,
    /// Its chain does not answer, or is another.
    Unreachable,
    /// It answers.
    Reachable,
}

impl Market {
    const fn next_command(self, has_wallets: bool) -> &'static str {
        match self {
            Self::Garbled => "correct the deployment file, or name another with --deployment FILE",
            Self::Unreachable => "start the chain's node, or name another with --rpc URL",
            Self::None | Self::Reachable if !has_wallets => "entente wallet new NAME",
            Self::None => "entente deploy --rpc URL --wallet NAME",
            Self::Reachable => "entente transax market",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.deployment {
            Some(deployment) => {
                writeln!(f, "market   {} on chain {}", deployment.market, deployment.chain_id)?;
                writeln!(f, "         written in {}", self.deployment_file.display())?;
            }
            None => writeln!(f, "market   none written in {}", self.deployment_file.display())?,
        }
        if let Some(chain) = &self.chain {
            let ahead = chain.next_interval_starts.saturating_sub(chain.time);
            writeln!(f, "chain    block {} of {}", chain.block, time(chain.time))?;
            writeln!(
                f,
                "         interval {} can be traded next; it starts in {}",
                chain.next_interval,
                duration(ahead)
            )?;
        }
        if let Some(trouble) = &self.trouble {
            writeln!(f, "trouble  {trouble}")?;
        }
        let names: Vec<_> = self.wallets.iter().map(ToString::to_string).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        writeln!(f, "wallets  {names} (in {})", self.wallet_folder.display())?;
        writeln!(f, "next     {}", self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_command_follows_from_what_is_there() {
        assert_eq!(Market::None.next_command(false), "entente wallet new NAME");
        assert_eq!(Market::None.next_command(true), "entente deploy --rpc URL --wallet NAME");
        assert_eq!(Market::Reachable.next_command(true), "entente transax market");
        assert!(Market::Unreachable.next_command(true).contains("--rpc"));
        assert!(Market::Garbled.next_command(false).contains("--deployment"));
    }
}
