//! Where a market is: in a file, or told by a directory.

use std::{fs, io, path::Path, time::Duration};

use alloy::primitives::Address;
use anyhow::Context;
use bindings::solidworx::Place;
use serde::{Deserialize, Serialize};

use crate::{
    cli::At,
    deployment::{self, DeploymentError},
    exit::Failure,
    rpc::RpcUrl,
};

/// Longer than this no directory is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where a market is has some hundred bytes.
const LARGEST_ANSWER: usize = 1 << 14;

/// What `deploy` writes down, and a directory tells. It holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The chain's id.
    pub chain_id: u64,
    /// Scheme, host and port of a node.
    pub rpc: String,
    /// The contract.
    pub market: Address,
    /// The block since which it is there.
    #[serde(rename = "deployment_block")]
    pub block: u64,
}

impl Known {
    /// From the file, or from the directory, that the words name.
    pub async fn find(at: &At) -> Result<Self, Failure> {
        match &at.directory {
            Some(url) => ask(url).await,
            None => Ok(Self::read(&at.market)?),
        }
    }

    fn read(file: &Path) -> Result<Self, DeploymentError> {
        let named = || file.to_owned();
        let text = fs::read_to_string(file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DeploymentError::NoMarket { file: named() },
            _ => DeploymentError::Unreadable { file: named(), source },
        })?;
        serde_json::from_str(&text).map_err(|source| DeploymentError::Malformed { file: named(), source })
    }

    /// Writes it down, all of it or nothing.
    pub fn write(&self, file: &Path) -> Result<(), DeploymentError> {
        deployment::write(self, file)
    }

    /// As the runtime has it.
    pub const fn place(&self) -> Place {
        Place { chain_id: self.chain_id, market: self.market, block: self.block }
    }
}

async fn ask(url: &RpcUrl) -> Result<Known, Failure> {
    let request = web::client(url.expose()).timeout(PATIENCE).build().map_err(anyhow::Error::from)?.get(url.expose());
    // What is asked may hold a secret; its origin does not.
    let known = web::ask(&url.origin(), request, LARGEST_ANSWER).await.map_err(anyhow::Error::from);
    Ok(known.with_context(|| format!("the directory at {url} does not say where the market is"))?)
}
