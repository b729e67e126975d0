//! A directory as the storage that agents use.

use std::{
    error::Error,
    io,
    path::Path,
    time::{Duration, Instant},
};

use job_storage::{Storage, StorageError};
use jobs::{Bundle, ContentHash};
use waiting::Aside;

use crate::{Client, ClientError, covers};

/// For so long what has just passed may be missing in a record, milliseconds: as two questions to itself are apart at most,
/// and the chain's clock is ahead of the directory's.
const RECENT_MS: u64 = 30_000;
/// Until a record is asked for again.
const AGAIN: Duration = Duration::from_millis(250);

/// A directory as agents see it.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    aside: Aside,
}

impl Remote {
    /// Through this client.
    pub fn new(client: Client) -> io::Result<Self> {
        Ok(Self { client, aside: Aside::new()? })
    }
}

impl Storage for Remote {
    fn put(&self, bundle: &Bundle) -> Result<(), StorageError> {
        self.aside.wait(self.client.put(bundle)).map(drop).map_err(|error| of(error, bundle.tree().hash()))
    }

    fn get(&self, tree: ContentHash, folder: &Path, most_bytes: u64) -> Result<Bundle, StorageError> {
        let fetched = self.aside.wait(self.client.get(tree, folder, most_bytes)).map_err(|error| of(error, tree))?;
        Ok(Bundle::of_tree(fetched, folder))
    }

    fn has(&self, tree: ContentHash) -> Result<bool, StorageError> {
        match self.aside.wait(self.client.manifest(tree)).map_err(|error| of(error, tree)) {
            Ok(_) => Ok(true),
            Err(error) if error.is_absence() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn was_up(&self, from: u64, until: u64) -> bool {
        let (from_ms, until_ms) = (from.saturating_mul(1_000), until.saturating_mul(1_000));
        let give_up = Instant::now() + Duration::from_millis(RECENT_MS);
        let may_come = || self.client.now_ms() < until_ms.saturating_add(RECENT_MS) && Instant::now() < give_up;
        self.aside.wait(async {
            loop {
                match self.client.uptime(from_ms, until_ms).await {
                    Ok(answer) if covers(&answer.entries, self.client.directory(), from_ms, until_ms) => return true,
                    // It asks itself now and then, and a moment ago may not be in its record yet.
                    Ok(_) if may_come() => tokio::time::sleep(AGAIN).await,
                    Ok(_) => return false,
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn Error, "a directory does not show its record");
                        return false;
                    }
                }
            }
        })
    }
}

fn of(error: ClientError, tree: ContentHash) -> StorageError {
    match error {
        error if error.is_not_found() => StorageError::Missing { tree },
        ClientError::Manifest { .. } | ClientError::Corrupted { .. } => StorageError::Corrupt { hash: tree },
        ClientError::TooLarge { tree, bytes, most } => StorageError::TooLarge { tree, bytes, most },
        ClientError::NotEmpty(path) => StorageError::NotEmpty(path),
        ClientError::File { path, source } => StorageError::Local { path, source },
        ClientError::Changed(hash) => {
            let source = io::Error::other("it changed while it was sent");
            StorageError::Local { path: hash.to_string().into(), source }
        }
        error => StorageError::Unavailable(error.into()),
    }
}
