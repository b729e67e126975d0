//! The directory, and how everybody uses it.

use std::{error::Error, path::Path};

use alloy::{primitives::Address, signers::local::PrivateKeySigner};
use job_directory::{Client, Directory, Remote, Setting, Store, covers, serve, system_clock};
use job_storage::{Storage, StorageError};
use jobs::{Bundle, ContentHash};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use waiting::Aside;

use crate::agent::{Said, say};

/// Serves what is in a folder until it is killed.
pub async fn run(signer: PrivateKeySigner, folder: &Path) -> Result<(), Box<dyn Error>> {
    let directory = Directory::open(Setting::default(), signer, Store::in_folder(folder)?, system_clock()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(Said::Serves { port: listener.local_addr()?.port() });
    Ok(serve(directory, listener, CancellationToken::new()).await?)
}

/// A directory as agents see it whose chain has a time of its own: it stands still while they work, and leaps where nobody
/// would want to wait. So it was up if its record has no break at all, and it answers now.
pub struct Used {
    client: Client,
    remote: Remote,
    aside: Aside,
}

impl Used {
    pub fn new(url: &str, directory: Address, key: PrivateKeySigner) -> Result<Self, Box<dyn Error>> {
        let client = Client::new(url, directory, key)?;
        Ok(Self { remote: Remote::new(client.clone())?, client, aside: Aside::new()? })
    }
}

impl Storage for Used {
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError> {
        self.remote.put(bundle)
    }

    fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Bundle, StorageError> {
        self.remote.get(tree, folder, most_bytes)
    }

    fn has(&self, tree: ContentHash) -> Result<bool, StorageError> {
        self.remote.has(tree)
    }

    fn was_up(&self, _: u64, _: u64) -> bool {
        let Ok(record) = self.aside.wait(self.client.uptime(0, u64::MAX)) else { return false };
        let (Some(first), Some(last)) = (record.entries.first(), record.entries.last()) else { return false };
        covers(&record.entries, self.client.directory(), first.from_ms, last.until_ms)
    }
}
