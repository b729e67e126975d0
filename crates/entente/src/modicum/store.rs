//! Where jobs and results are, as the words of a verb name it.

use std::sync::Arc;

use ::modicum::{ServiceKind, View};
use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Remote};
use job_storage::{Folder, Storage};

use crate::{
    cli::{Store, StoreAt},
    exit::Failure,
};

/// A storage that is there.
pub enum Found {
    /// A folder that all reach.
    Folder(Folder),
    /// A directory.
    Directory {
        /// Where it is asked.
        url: String,
        /// Who it says it is.
        address: Address,
    },
}

impl Found {
    /// Looks for it.
    pub async fn of(store: &Store) -> Result<Self, Failure> {
        match &store.store {
            StoreAt::Folder(folder) => {
                let folder = Folder::open(folder);
                Ok(Self::Folder(
                    folder.map_err(|error| anyhow::Error::from(error).context("the store cannot be used"))?,
                ))
            }
            StoreAt::Directory(url) => {
                // Asking who it is takes no signature.
                let asked = Client::discover(url, PrivateKeySigner::random()).await.map_err(anyhow::Error::from)?;
                Ok(Self::Directory { url: url.clone(), address: asked.directory() })
            }
        }
    }

    /// Which of the market's directories it is; a folder is none. What a directory signs counts only for one of the
    /// market's, so no other is used.
    pub fn service(&self, view: &View) -> Result<Option<u32>, Failure> {
        let Self::Directory { url, address } = self else { return Ok(None) };
        let mut own = view.services(ServiceKind::Directory).filter(|(_, service)| service.owner == *address);
        let reason = || {
            format!(
                "{url} signs as {address}, which is no directory of this market; `entente modicum register directory` \
                     makes it one"
            )
        };
        own.next().map(|(id, _)| Some(id)).ok_or_else(|| Failure::Usage(reason()))
    }

    /// The storage, used as the owner of a key.
    pub fn open(self, key: PrivateKeySigner) -> Result<Arc<dyn Storage>, Failure> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(folder),
            Self::Directory { url, address } => {
                let client = Client::new(&url, address, key).map_err(anyhow::Error::from)?;
                Arc::new(Remote::new(client)?)
            }
        })
    }
}
