//! Where a directory keeps what it stores: any object store; a folder of this machine, for one.

mod incoming;
mod reading;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy::primitives::Address;
use bytes::Bytes;
use futures_util::TryStreamExt;
use jobs::ContentHash;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

pub use self::incoming::Incoming;

/// Why the storage fails.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store does not do what it should.
    #[error("the store cannot {what}")]
    Store {
        /// What it should do.
        what: &'static str,
        /// Why not.
        #[source]
        source: object_store::Error,
    },
    /// The folder cannot be used.
    #[error("the folder {folder} cannot be used")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file's bytes are not what they were.
    #[error("the stored file {0} is damaged")]
    Damaged(ContentHash),
    /// A record was changed by somebody else.
    #[error("the stored {0} makes no sense")]
    Record(String),
}

/// Makes an error of the store one of ours.
fn failed(what: &'static str) -> impl Fn(object_store::Error) -> StoreError {
    move |source| StoreError::Store { what, source }
}

/// Names of what is kept. Hashes and addresses are safe as parts of paths everywhere.
pub mod key {
    use super::{Address, ContentHash, Key};

    pub const FILES: &str = "files";
    pub const TREES: &str = "trees";
    pub const HOLDS: &str = "holds";
    pub const UPTIME: &str = "uptime";

    /// A file's bytes.
    pub fn file(name: ContentHash) -> Key {
        Key::from(format!("{FILES}/{name}"))
    }

    /// A tree's manifest.
    pub fn tree(hash: ContentHash) -> Key {
        Key::from(format!("{TREES}/{hash}"))
    }

    /// That an account has stored a tree.
    pub fn hold(tree: ContentHash, account: Address) -> Key {
        Key::from(format!("{HOLDS}/{tree}/{account:#x}"))
    }

    /// An entry of the uptime record, by its first time.
    pub fn uptime(from_ms: u64) -> Key {
        Key::from(format!("{UPTIME}/{from_ms}"))
    }
}

/// What is kept.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
}

impl Store {
    /// In a store.
    pub const fn new(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects }
    }

    /// In a folder of this machine. What is stored is on the disk before it is acknowledged; halves of files that were
    /// being written when an earlier process ended are removed.
    pub fn in_folder(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::Folder { folder: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        remove_halves(folder).map_err(unusable)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(failed("open its folder"))?;
        Ok(Self::new(Arc::new(objects.with_fsync(true))))
    }

    /// Keeps a record, in place of what had its name.
    pub async fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.objects.put(key, bytes.into()).await.map_err(failed("write"))?;
        Ok(())
    }

    /// Keeps a record as JSON.
    pub async fn put_json(&self, key: &Key, value: &(impl Serialize + Sync)) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(value).map_err(|_| StoreError::Record(key.to_string()))?;
        self.put(key, bytes).await
    }

    /// Reads a record of at most so many bytes.
    pub async fn get(&self, key: &Key, most: u64) -> Result<Bytes, StoreError> {
        let got = self.objects.get(key).await.map_err(failed("read"))?;
        if got.meta.size > most {
            return Err(StoreError::Record(key.to_string()));
        }
        got.bytes().await.map_err(failed("read"))
    }

    /// Reads a record that is JSON.
    pub async fn get_json<T: DeserializeOwned>(&self, key: &Key) -> Result<T, StoreError> {
        let bytes = self.get(key, 1 << 16).await?;
        serde_json::from_slice(&bytes).map_err(|_| StoreError::Record(key.to_string()))
    }

    /// Removes a record; one that is not there need not be removed.
    pub async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        match self.objects.delete(key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(failed("delete")(source)),
        }
    }

    /// The names below a folder, without the folder's own, and their sizes.
    pub async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let prefix = Key::from(folder);
        let metas: Vec<ObjectMeta> = self.objects.list(Some(&prefix)).try_collect().await.map_err(failed("list"))?;
        let name = |meta: ObjectMeta| {
            let key = meta.location.to_string();
            Some((key.strip_prefix(folder)?.strip_prefix('/')?.to_owned(), meta.size))
        };
        Ok(metas.into_iter().filter_map(name).collect())
    }

    /// Writes and reads a record, to find out whether the store works.
    pub async fn probe(&self, now_ms: u64) -> Result<(), StoreError> {
        let key = Key::from("probe");
        self.put_json(&key, &now_ms).await?;
        if self.get_json::<u64>(&key).await? == now_ms { Ok(()) } else { Err(StoreError::Record(key.to_string())) }
    }
}

/// The store writes a file under its name with `#` and a number, and gives it its name when it is whole.
fn remove_halves(folder: &Path) -> io::Result<()> {
    for found in std::fs::read_dir(folder)? {
        let found = found?;
        if found.file_type()?.is_dir() {
            remove_halves(&found.path())?;
        } else if found.file_name().to_string_lossy().contains('#') {
            std::fs::remove_file(found.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_removed_and_whole_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        for name in ["files/a", "files/a#1", "files/b#22"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        Store::in_folder(folder.path()).unwrap();
        let left = std::fs::read_dir(folder.path().join("files")).unwrap();
        assert_eq!(left.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>(), ["a"]);
    }
}
