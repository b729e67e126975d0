#![doc = include_str!("../README.md")]

mod bundle;
mod description;
mod hash;
mod limits;
mod mode;
mod outcome;
mod path;
mod tree;

pub use bundle::{Bundle, BundleError, Source};
pub use description::{DESCRIPTION_PATH, Description, INPUT_FOLDER, MODULE_PATH, Undescribed};
pub use hash::{BadHash, ContentHash, Hasher};
pub use limits::{Limits, Usage};
pub use mode::Mode;
/// How a job ends, as the contract numbers it.
pub use modicum::Status;
pub use outcome::Outcome;
pub use path::{BadPath, TreePath};
pub use tree::{Entry, MOST_ENTRIES, MOST_MANIFEST_BYTES, Tree, TreeError};
