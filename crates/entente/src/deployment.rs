//! The deployment file: where a market is, and what its deployment fixed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use alloy::primitives::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use transax::Params;

/// What `deploy` writes and every other verb reads. It holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The chain's id.
    pub chain_id: u64,
    /// Scheme, host and port of a node.
    pub rpc: String,
    /// The market's contract.
    pub market: Address,
    /// The token's contract.
    pub token: Address,
    /// Digits of the token after the point.
    pub token_decimals: u8,
    /// The block since which the market is there.
    #[serde(rename = "deployment_block")]
    pub block: u64,
    /// What the deployment fixed.
    pub params: Params,
}

/// Why there is no usable deployment file.
#[derive(Debug, Error)]
pub enum DeploymentError {
    #[error("there is no deployment file {}; make one with `entente deploy`, or name one with --deployment", file.display())]
    Missing { file: PathBuf },
    #[error("there is no file {} of a market; make one with `entente solidworx deploy`, or name one with --market, or a directory with --directory", file.display())]
    NoMarket { file: PathBuf },
    #[error("there is no file {} of a market; make one with `entente modicum deploy`, or name one with --market", file.display())]
    NoModicum { file: PathBuf },
    #[error("the deployment file {} cannot be read", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("the deployment file {} does not make sense; `entente deploy` writes one that does", file.display())]
    Malformed { file: PathBuf, source: serde_json::Error },
    #[error("the deployment file {} says what this program does not know: {keys}; correct or remove it", file.display())]
    UnknownKeys { file: PathBuf, keys: String },
    #[error("there is a deployment file {} already; --force replaces it, --deployment names another", file.display())]
    Exists { file: PathBuf },
    #[error("the deployment file {} cannot be written", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("the deployment file {} differs from the contract at {market}; `entente deploy` writes one that does not", file.display())]
    Differs { file: PathBuf, market: Address },
}

impl Deployment {
    /// Reads a file. Whatever it says beyond what is known is refused.
    pub fn read(file: &Path) -> Result<Self, DeploymentError> {
        let named = || file.to_owned();
        let text = fs::read_to_string(file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DeploymentError::Missing { file: named() },
            _ => DeploymentError::Unreadable { file: named(), source },
        })?;
        let malformed = |source| DeploymentError::Malformed { file: named(), source };
        let deployment: Self = serde_json::from_str(&text).map_err(malformed)?;
        let given = serde_json::from_str(&text).map_err(malformed)?;
        let known = serde_json::to_value(&deployment).map_err(malformed)?;
        let keys = unknown_keys(&given, &known);
        if keys.is_empty() {
            Ok(deployment)
        } else {
            Err(DeploymentError::UnknownKeys { file: named(), keys: keys.join(", ") })
        }
    }

    /// Where the market is, as agents are told.
    pub const fn place(&self) -> bindings::Deployment {
        let Self { chain_id, market, token, block, .. } = *self;
        bindings::Deployment { chain_id, market, token, block }
    }

    /// Fails unless a new file may be written.
    pub fn check_absent(file: &Path, force: bool) -> Result<(), DeploymentError> {
        if file.exists() && !force { Err(DeploymentError::Exists { file: file.to_owned() }) } else { Ok(()) }
    }

    /// Writes the file, all of it or nothing.
    pub fn write(&self, file: &Path) -> Result<(), DeploymentError> {
        write(self, file)
    }
}

/// Writes down where a market is, all of it or nothing.
pub fn write(deployment: &impl Serialize, file: &Path) -> Result<(), DeploymentError> {
    let unwritable = |source| DeploymentError::Unwritable { file: file.to_owned(), source };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut text = serde_json::to_string_pretty(deployment).map_err(|error| unwritable(error.into()))?;
    text.push('\n');
    fs::create_dir_all(folder).map_err(unwritable)?;
    let draft = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    fs::write(draft.path(), text).map_err(unwritable)?;
    draft.persist(file).map(|_| ()).map_err(|error| unwritable(error.error))
}

/// Keys of `given`, at any depth, that are not in `known`.
fn unknown_keys(given: &Value, known: &Value) -> Vec<String> {
    let Some(given) = given.as_object() else { return Vec::new() };
    let below = |(key, value): (&String, &Value)| match known.get(key) {
        None => vec![key.clone()],
        Some(known) => unknown_keys(value, known).into_iter().map(|inner| format!("{key}.{inner}")).collect(),
    };
    given.iter().flat_map(below).collect()
}

#[cfg(test)]
mod tests {
    use transax::PriceRule;
    use units::Price;

    use super::*;

    fn deployment() -> Deployment {
        let params = Params {
            dso: Address::repeat_byte(1),
            token: Address::repeat_byte(2),
            genesis: 1_000_000,
            interval_seconds: 900,
            clear_intervals: 1,
            plan_horizon: 8,
            offer_horizon: 96,
            price_rule: PriceRule::Midpoint,
            grid_price: Price(300_000),
            feed_in_price: Price(80_000),
        };
        Deployment {
            chain_id: 31_337,
            rpc: "http://127.0.0.1:8545".into(),
            market: Address::repeat_byte(3),
            token: Address::repeat_byte(2),
            token_decimals: 6,
            block: 2,
            params,
        }
    }

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("entente.json");
        assert!(matches!(Deployment::read(&file), Err(DeploymentError::Missing { .. })));
        deployment().write(&file).expect("written");
        assert_eq!(Deployment::read(&file).expect("read"), deployment());
    }

    #[test]
    fn a_file_is_not_replaced_unasked() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("entente.json");
        assert!(Deployment::check_absent(&file, false).is_ok());
        deployment().write(&file).expect("written");
        assert!(matches!(Deployment::check_absent(&file, false), Err(DeploymentError::Exists { .. })));
        assert!(Deployment::check_absent(&file, true).is_ok());
    }

    #[test]
    fn unknown_keys_are_refused_at_any_depth() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("entente.json");
        let mut value = serde_json::to_value(deployment()).expect("a value");
        value["params"]["colour"] = "blue".into();
        fs::write(&file, value.to_string()).expect("written");
        let error = Deployment::read(&file).expect_err("refused").to_string();
        assert!(error.contains("params.colour") || error.contains("does not make sense"), "{error}");
        value["colour"] = "blue".into();
        fs::write(&file, value.to_string()).expect("written");
        assert!(matches!(Deployment::read(&file), Err(DeploymentError::Malformed { .. })));
    }

    #[test]
    fn a_broken_file_is_malformed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("entente.json");
        for text in ["", "{}", "[1]", "{\"chain_id\": -1}"] {
            fs::write(&file, text).expect("written");
            assert!(matches!(Deployment::read(&file), Err(DeploymentError::Malformed { .. })), "{text}");
        }
    }
}
