//! What a job says of itself.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ContentHash, TreePath};

/// Where a job's tree holds its description.
pub const DESCRIPTION_PATH: &str = "job.json";
/// Where a job's tree usually holds its module.
pub const MODULE_PATH: &str = "module.wasm";
/// The folder of a job's tree that the job can read.
pub const INPUT_FOLDER: &str = "input";

/// Why a tree does not say how it is run.
#[derive(Debug, Error)]
pub enum Undescribed {
    /// There is no description.
    #[error("the job holds no {DESCRIPTION_PATH}")]
    Missing,
    /// It cannot be understood.
    #[error("{DESCRIPTION_PATH} makes no sense: {0}")]
    Senseless(serde_json::Error),
}

/// How a job is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "runtime", rename_all = "lowercase", deny_unknown_fields)]
pub enum Description {
    /// As a WASI preview 1 command module: deterministic, and metered to the instruction.
    Wasm {
        /// Where the tree holds it.
        module: TreePath,
        /// What it is told, after its own name.
        #[serde(default)]
        arguments: Vec<String>,
    },
    /// As a container, without a network: measured, not metered.
    Container {
        /// The image, which the engine must have; by its digest, so that it is the same everywhere.
        image: String,
        /// What is run in it.
        command: Vec<String>,
    },
}

impl Description {
    /// Of a module in its usual place.
    pub fn wasm(arguments: Vec<String>) -> Self {
        Self::Wasm { module: MODULE_PATH.parse().expect("a name is a path"), arguments }
    }

    /// The image of a container, as `sha256:` and its id; `None` of a module, and of an image that is named otherwise and may
    /// be another one elsewhere.
    pub fn image_id(&self) -> Option<ContentHash> {
        let Self::Container { image, .. } = self else { return None };
        image.strip_prefix("sha256:")?.parse().ok()
    }

    /// As it is written in the tree.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("words can be written as JSON");
        bytes.push(b'\n');
        bytes
    }

    /// As read from the tree.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_reads_back() {
        let container = Description::Container { image: "sha256:ab".into(), command: vec!["/bin/true".into()] };
        for description in [Description::wasm(vec!["7".into()]), container] {
            assert_eq!(Description::from_json(&description.to_json()).unwrap(), description);
        }
    }

    #[test]
    fn an_image_is_named_by_its_id() {
        let of = |image: String| Description::Container { image, command: Vec::new() }.image_id();
        let id = ContentHash::of(b"an image");
        assert_eq!(of(format!("sha256:{id}")), Some(id));
        for other in [id.to_string(), "busybox".into(), "sha256:ab".into(), format!("busybox@sha256:{id}")] {
            assert_eq!(of(other), None);
        }
        assert_eq!(Description::wasm(Vec::new()).image_id(), None);
    }

    #[test]
    fn unknown_words_and_climbing_modules_are_refused() {
        for text in [
            r#"{"runtime":"wasm","module":"m","network":true}"#,
            r#"{"runtime":"wasm","module":"../m"}"#,
            r#"{"runtime":"native","module":"m"}"#,
        ] {
            assert!(Description::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }
}
