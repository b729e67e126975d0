//! Where a market is, as it was written down.

use std::{fs, io, path::Path};

use ::modicum::Config;
use alloy::primitives::Address;
use bindings::modicum::Place;
use serde::{Deserialize, Serialize};

use crate::deployment::{self, DeploymentError};

/// What `deploy` writes down. It holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The chain's id.
    pub chain_id: u64,
    /// Scheme, host and port of a node.
    pub rpc: String,
    /// The contract.
    pub market: Address,
    /// Digits of the token after the point.
    pub token_decimals: u8,
    /// The block since which it is there.
    #[serde(rename = "deployment_block")]
    pub block: u64,
    /// What the deployment fixed.
    pub config: Config,
}

impl Known {
    /// Reads a file.
    pub fn read(file: &Path) -> Result<Self, DeploymentError> {
        let named = || file.to_owned();
        let text = fs::read_to_string(file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DeploymentError::NoModicum { file: named() },
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
        let Self { chain_id, market, block, .. } = *self;
        Place { chain_id, market, token: self.config.token, block }
    }
}
